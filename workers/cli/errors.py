"""Messages for errors: one line that says what is wrong and what to do about it.

An error that is not in this module is a bug, and keeps its traceback.
"""

import errno

from redis import exceptions as redis
from sqlalchemy import exc as sql

from tasks.topics.taxonomy import TaxonomyError
from workers.errors import UserError, first_line
from workers.inspect.tls_advice import database_advice, redis_advice
from workers.masking import masked_in
from workers.output.printable import printable
from workers.settings import SettingsError
from workers.store.faults import is_disk_full


def message_for(error: BaseException) -> str | None:
    """Return the line for `error`, or None if only a developer can put it right."""
    line = _redis(error) or _database(error) or _own(error) or _system(error)
    return None if line is None else printable(masked_in(line.strip()))


def _own(error: BaseException) -> str | None:
    if isinstance(error, SettingsError):
        problems = "; ".join(str(error).splitlines())
        return f"{problems}. Correct it in the environment or in .env. `newsmill settings` explains each."
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, TaxonomyError):
        return f"{error}. Correct the file, or NEWSMILL_TAXONOMY."
    return None


def _redis(error: BaseException) -> str | None:
    if not isinstance(error, redis.RedisError):
        return None
    full = _full(str(error), error)
    if full:
        return full
    if isinstance(error, redis.AuthenticationError):
        return "Redis asks for a password, or refuses the one in the URL. Correct NEWSMILL_REDIS_URL."
    if isinstance(error, redis.BusyLoadingError):
        return "Redis is loading its data. Try again in a minute."
    # One that was demoted to a replica is a ConnectionError, too.
    is_writable = not isinstance(error, redis.ReadOnlyError)
    if is_writable and isinstance(error, redis.ConnectionError | redis.TimeoutError):
        usual = "Start it, or set NEWSMILL_REDIS_URL. Or name the folder of a `newsmill run` with --data."
        advice = redis_advice(error, "NEWSMILL_REDIS_URL") or usual
        return f"Cannot connect to Redis: {_sentence(error)} {advice}"
    return f"Redis refused a command: {_sentence(error)} newsmill needs Redis 6.2 or newer, writable."


def _full(said: str, error: BaseException) -> str | None:
    if isinstance(error, redis.OutOfMemoryError) or "OOM command" in said:
        return "Redis is full. Raise its maxmemory or let the workers catch up. What was queued stays queued."
    if "MISCONF" in said:
        return "Redis cannot write its file: its disk is full, or broken. Make room there. What was queued stays queued."
    return None


def _database(error: BaseException) -> str | None:
    if isinstance(error, sql.DBAPIError) and is_disk_full(error):
        return f"The disk of the database is full: {_sentence(error.orig)} Make room there. Nothing is lost meanwhile."
    if isinstance(error, sql.OperationalError | sql.InterfaceError):
        advice = database_advice(error.orig) or "Start it, or set NEWSMILL_DATABASE_URL."
        return f"Cannot use the database: {_sentence(error.orig)} {advice}"
    if isinstance(error, sql.DatabaseError):
        return f"The database refused a statement: {_sentence(error.orig)} Check NEWSMILL_DATABASE_URL."
    if isinstance(error, sql.ArgumentError):
        return (
            "NEWSMILL_DATABASE_URL is not a database URL. "
            "Write sqlite:///path or postgresql://user:password@host/name."
        )
    return None


def _system(error: BaseException) -> str | None:
    if not isinstance(error, OSError):
        return None
    what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    if error.errno == errno.EADDRINUSE:
        return f"{what}. Free the port, or choose another one. `newsmill settings` lists them."
    return f"{what}. Check the path and its permissions."


def _sentence(error: BaseException | None) -> str:
    """Return the first line of the error's message as a sentence."""
    return first_line(error) + "."

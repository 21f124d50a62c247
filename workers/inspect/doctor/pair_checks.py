"""What needs ledger and store together: whether they are a pair, who works on them, whether the clocks agree.

A server that does not answer is left to its own check.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version

from redis.exceptions import RedisError
from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError

from workers.inspect.connections import frontier_on
from workers.inspect.doctor.finding import PATIENCE, Finding, ok, trouble, warning
from workers.inspect.working import Working, read_working
from workers.ledger.identity import LedgerIdentity, Names
from workers.ledger.pair import what_is_foreign
from workers.ledger.processes import SCHEDULER
from workers.ledger.redis_client import connect
from workers.ledger.rekey import noted_keys
from workers.settings import Settings
from workers.store import diagnosis
from workers.store.engine import engine_for, sqlite_file
from workers.store.identity import read_id

#: Seconds that clocks may differ: a row's time of settling is the worker's, all other times are Redis's.
_DIFFER = 5.0
#: What a Redis raises that its own check tells of.
_SILENT = (RedisError, ValueError, OSError)


def identity(settings: Settings) -> Iterator[Finding]:
    """Find a ledger that belongs to another store."""
    ours = read_id(settings.database_url.get_secret_value(), PATIENCE)
    with suppress(*_SILENT), connect(settings, timeout=PATIENCE) as client:
        noted, names = LedgerIdentity(client, settings.key_prefix).read(), Names.of(settings)
        if noted is None:
            yield ok("identity", "the ledger is new; the first worker binds it to this store")
        elif noted.store == ours:
            yield ok("identity", f"ledger {noted.ledger[:8]} belongs to this store, {ours[:8]}")
        elif ours is None:
            yield warning(
                "identity",
                f"the ledger belongs to the store {noted.store_name}; {names.store} has no identity yet",
                f"If that is not meant, correct {names.decided_by}: the next worker makes them one store.",
            )
        else:
            advice = f"Correct {names.decided_by}, or bind the Redis to this store with --take-over."
            yield trouble("identity", what_is_foreign(noted, names).rstrip("."), advice)


def url_keys(settings: Settings) -> Iterator[Finding]:
    """Find a ledger whose ids were made with another list of tracking parameters."""
    with suppress(*_SILENT), connect(settings, timeout=PATIENCE) as client:
        noted = noted_keys(client, settings.key_prefix)
        if noted is None or noted == settings.url_keys.version:
            return
        yield trouble(
            "tracking parameters",
            "the ledger's ids were made with another list than the one that is set here",
            "Set NEWSMILL_TRACKING_PARAMETERS as the scheduler has it, or restart the scheduler with this list.",
        )


def processes(settings: Settings) -> Iterator[Finding]:
    """Find the kinds of processes that do not run, and those of another version."""
    with suppress(*_SILENT), connect(settings, timeout=PATIENCE) as client:
        working = read_working(client, settings)
        unsettled = frontier_on(client, settings).snapshot().unsettled
        for arguments in (SCHEDULER, *(f"worker {queue}" for queue in working.queues)):
            yield _kind(arguments, working, unsettled)
        others = sorted({one.process.version for one in working.seen} - {version("newsmill")})
        if others:
            found = f"processes of version {', '.join(others)} run; this is {version('newsmill')}"
            yield warning("versions", found, "Restart them with this version.")


def _kind(arguments: str, working: Working, unsettled: int) -> Finding:
    if arguments not in working.missing:
        queue = arguments.partition(" ")[2]
        runs = [
            one.process
            for one in working.seen
            if (queue in one.process.queues if queue else one.process.kind == SCHEDULER)
        ]
        places = [f"{one.host} (pid {one.pid})" for one in runs[:3]]
        more = f" and {len(runs) - len(places):,} more" if len(runs) > len(places) else ""
        return ok(arguments, f"{', '.join(places)}{more}")
    if unsettled:
        urls = "a URL waits" if unsettled == 1 else f"{unsettled:,} URLs wait"
        return trouble(arguments, f"none runs, and {urls}", f"Start `newsmill {arguments}`.")
    return warning(arguments, "none runs", f"Start `newsmill {arguments}`.")


def rows(settings: Settings) -> Iterator[Finding]:
    """Find a database that has refused rows of workers."""
    with suppress(*_SILENT), connect(settings, timeout=PATIENCE) as client:
        why = frontier_on(client, settings).store_trouble()
        if why is not None:
            found = f"takes no rows of workers: {' '.join(why.split())}"
            yield trouble(
                "database writing", found, "Make room there, or mend it. Nothing is lost meanwhile."
            )


def clocks(settings: Settings) -> Iterator[Finding]:
    """Find a clock that is wrong."""
    with suppress(*_SILENT), connect(settings, timeout=PATIENCE) as client:
        before = time.time()
        seconds, microseconds = client.time()
        yield _clock("Redis", seconds + microseconds / 1e6 - (before + time.time()) / 2)
    with suppress(DBAPIError, ArgumentError):
        if sqlite_file(settings.database_url.get_secret_value()) is None:
            with _database(settings) as connection:
                before = time.time()
                yield _clock("the database", diagnosis.clock(connection) - (before + time.time()) / 2)


def _clock(of: str, ahead: float) -> Finding:
    if abs(ahead) <= _DIFFER:
        return ok("clock", f"in step with {of}: {abs(ahead):.1f} s apart")
    which = "behind" if ahead > 0 else "ahead of"
    return warning(
        "clock", f"{abs(ahead):,.0f} s {which} {of}", "Set this machine's clock, or the server's: use NTP."
    )


@contextmanager
def _database(settings: Settings) -> Iterator[Connection]:
    engine = engine_for(settings.database_url.get_secret_value(), read_only=True, seconds=PATIENCE)
    with closing(engine.connect()) as connection:
        yield connection
    engine.dispose()

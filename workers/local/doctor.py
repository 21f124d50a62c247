"""`newsmill doctor` on one machine: the data folder's own Redis may rest, and there may be none yet."""

from collections.abc import Iterator, Mapping

from redis.exceptions import RedisError

from workers.errors import UserError
from workers.inspect.doctor import CHECKS, OF_LEDGER, Check, Finding, examine
from workers.inspect.doctor.finding import PATIENCE, ok, trouble
from workers.ledger.redis_client import connect
from workers.local.folder import DataFolder, command_line, quoted
from workers.local.folder_redis import of_run, own_redis
from workers.local.redis_server import redis_server
from workers.settings import Settings


def examine_here(settings: Settings) -> list[Finding]:
    """Return what all checks that apply here have found (workers/inspect/doctor)."""
    if own_redis(settings):
        running = of_run(settings)
        return examine(running or settings, CHECKS if running else _without_ledger(_resting))
    if not settings.has_redis and not _answers(settings):
        return examine(settings, _without_ledger(_none_yet))
    return examine(settings)


def _without_ledger(instead: Check) -> Mapping[str, Check]:
    """Return the checks without those that ask the ledger; `instead` is that of Redis."""
    return {
        name: instead if name == "Redis" else check
        for name, check in CHECKS.items()
        if name == "Redis" or name not in OF_LEDGER
    }


def _resting(settings: Settings) -> Iterator[Finding]:
    folder = DataFolder.of(settings)
    yield _of_run(f"{quoted(folder.redis)}, not running; `{command_line(folder, 'run')}` starts it")


def _none_yet(settings: Settings) -> Iterator[Finding]:
    run = command_line(DataFolder.of(settings), "run")
    yield _of_run(f"none is set, and `{run}` brings its own; set NEWSMILL_REDIS_URL for a cluster")


def _of_run(found: str) -> Finding:
    """Return that all is well with a Redis that a run starts, if there is a program to start."""
    try:
        redis_server()
    except UserError as error:
        problem, _, advice = str(error).partition(". ")
        return trouble("Redis", problem, advice)
    return ok("Redis", found)


def _answers(settings: Settings) -> bool:
    try:
        with connect(settings, timeout=PATIENCE) as client:
            return bool(client.ping())
    except RedisError:
        return False

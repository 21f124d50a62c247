"""The faults. A fault returns when it is over: the processes that it ended have been started again."""

import signal
import time
from collections.abc import Callable, Iterable
from random import Random

from tests.faults.database import write_lock
from tests.faults.forked_process import ForkedProcess, newsmill
from tests.faults.running_system import RunningSystem, children_of, send_signal

#: Returns whether the system has recovered.
Overcome = Callable[[], bool]
#: Injects the fault when it is called. Returns how to tell that the system has recovered; None where that is when all
#: that was in flight is settled.
Fault = Callable[[RunningSystem, Random], Overcome | None]

#: Seconds between the end of a process and its start by the supervisor.
PAUSE = (0.1, 1.0)
#: Seconds by which the children of a frozen worker go on before their main process: 5 times what a long page takes.
HEAD_START = 1.0
#: Ends all connections to PostgreSQL but this one, so that the next ones see a new default.
_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
#: A key that is not newsmill's.
_BALLAST = "ballast"


def nothing(_: RunningSystem, __: Random) -> None:
    """Inject no fault."""


def kill_enrich_child(system: RunningSystem, rng: Random) -> Overcome:
    """Kill -9 a process of an enrich worker's pool; Celery starts another. Recovered when its article runs again."""
    pids = [pid for worker in system.named("enrich") for pid in children_of(worker)]
    if pids:
        send_signal(rng.choice(pids), signal.SIGKILL)
    return system.in_flight.started_again


def kill(*kinds: str) -> Fault:
    """Kill -9 the main process of one of each kind, all at once. Recovered when others have taken over their articles."""
    tasks = [task for kind in kinds for task in {"fetch": ["fetch"], "enrich": ["extract"]}.get(kind, [])]

    def fault(system: RunningSystem, rng: Random) -> Overcome | None:
        _kill_all(rng.choice(system.named(kind)) for kind in kinds)
        time.sleep(rng.uniform(*PAUSE))
        system.restart_ended()
        return (lambda: system.in_flight.moved_on(*tasks)) if tasks else None

    return fault


def kill_everything(system: RunningSystem, rng: Random) -> None:
    """Kill -9 all processes, Redis too."""
    _kill_all(system.processes.values())
    _kill_redis(system)
    time.sleep(rng.uniform(*PAUSE))
    _start_redis(system)
    system.restart_ended()


def terminate(kind: str) -> Fault:
    """SIGTERM a process, as a deployment does, and start another."""

    def fault(system: RunningSystem, rng: Random) -> None:
        system.terminate(rng.choice(system.named(kind)))
        system.restart_ended()

    return fault


def freeze_enrich_worker(system: RunningSystem, _: Random) -> None:
    """SIGSTOP an enrich worker until others have settled all that was in flight; then SIGCONT.

    It is stopped while nobody writes: otherwise it could hold the lock of a SQLite database, and no other could write. Its
    main process goes on last: it would see that its children are over their limits and kill them, before one of them
    tries to write its row.
    """
    worker = system.named("enrich")[0]
    children = children_of(worker)
    with write_lock(system.folder):
        for pid in (worker.pid, *children):
            send_signal(pid, signal.SIGSTOP)
    system.wait_until(system.in_flight.settled)
    for pid in children:
        send_signal(pid, signal.SIGCONT)
    time.sleep(HEAD_START)
    worker.send(signal.SIGCONT)


def kill_redis(seconds: float) -> Fault:
    """Kill -9 Redis, and start it again after so many seconds. Recovered when workers consume again."""

    def fault(system: RunningSystem, _: Random) -> Overcome:
        _kill_redis(system)
        time.sleep(seconds)
        _start_redis(system)
        return consuming(system)

    return fault


def freeze_redis(seconds: float) -> Fault:
    """SIGSTOP Redis for so many seconds. Recovered when workers consume again."""

    def fault(system: RunningSystem, _: Random) -> Overcome:
        assert system.redis_child.process is not None
        system.redis_child.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        system.redis_child.process.send_signal(signal.SIGCONT)
        return consuming(system)

    return fault


def fill_redis(system: RunningSystem, _: Random) -> None:
    """Leave Redis less memory than newsmill reserves for what is in flight.

    All that was submitted before must end, and new submissions must be refused.
    """
    system.state.redis.setrange(_BALLAST, 64_000_000, b"!")
    system.state.redis.config_set("maxmemory", int(system.state.redis.info("memory")["used_memory"] / 0.94))
    url = "http://late.test/page"
    submitting = ForkedProcess(
        "late", newsmill("submit", url), system.folder / "late.log", system.settings.environment()
    )
    submitting.start()
    submitting.wait(60)
    said = submitting.log.read_text()
    if submitting.code != 2 or "Redis is full" not in said:
        system.problems.append(f"{url} was accepted with a full Redis: {submitting.code}, {said}")
    if not system.wait_until(system.quiet):
        system.problems.append("URLs that were submitted before did not end while Redis was full")
    system.state.redis.config_set("maxmemory", 0)
    system.state.redis.delete(_BALLAST)


def empty_redis(system: RunningSystem, _: Random) -> None:
    """Delete all that Redis has, and submit the list again, as its operator does."""
    system.state.redis.flushall()
    system.submit((system.folder / "urls.txt").read_text().split())


def choke_redis(seconds: float) -> Fault:
    """Leave Redis no memory at all for so many seconds: it accepts no message and no body."""

    def fault(system: RunningSystem, _: Random) -> None:
        system.state.redis.config_set("maxmemory", 1)
        time.sleep(seconds)
        system.state.redis.config_set("maxmemory", 0)

    return fault


def stop_database(seconds: float) -> Fault:
    """Cause an outage of the database: PostgreSQL stopped, SQLite locked or its disk full."""

    def fault(system: RunningSystem, _: Random) -> None:
        system.database.outage(seconds)

    return fault


def cut_connections(system: RunningSystem, _: Random) -> None:
    """Cut all connections to PostgreSQL."""
    with system.database.store.engine.connect() as connection:
        connection.exec_driver_sql(_CUT)


def make_read_only(seconds: float) -> Fault:
    """Let PostgreSQL take no writes for so many seconds, as a standby that is not promoted yet."""

    def fault(system: RunningSystem, _: Random) -> None:
        engine = system.database.store.engine.execution_options(isolation_level="AUTOCOMMIT")
        for value in ("on", "off"):
            with engine.connect() as connection:
                connection.exec_driver_sql("SET default_transaction_read_only = off")
                connection.exec_driver_sql(
                    f"ALTER DATABASE postgres SET default_transaction_read_only = {value}"
                )
                connection.exec_driver_sql(_CUT)
            time.sleep(seconds if value == "on" else 0)

    return fault


def cut_network(system: RunningSystem, _: Random) -> None:
    """Cut a worker off from Redis until others have settled what was in flight; then reconnect it."""
    assert system.proxy is not None
    system.proxy.send(signal.SIGSTOP)
    system.wait_until(system.in_flight.settled)
    system.proxy.send(signal.SIGCONT)


def consuming(system: RunningSystem) -> Overcome:
    """Return a function that tells whether a page that was claimed after now is enriched."""
    system.in_flight.at = time.monotonic()
    newest = system.state.newest_token()
    return lambda: system.state.enriched_since(newest)


def _kill_all(processes: Iterable[ForkedProcess]) -> None:
    killed = list(processes)
    for process in killed:
        process.send(signal.SIGKILL)
    for process in killed:
        process.wait(10)


def _kill_redis(system: RunningSystem) -> None:
    assert system.redis_child.process is not None
    system.redis_child.process.kill()
    system.redis_child.process.wait()


def _start_redis(system: RunningSystem) -> None:
    system.redis_child.start()
    system.server.wait(system.redis_child)

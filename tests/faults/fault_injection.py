"""What can be done to a plant. A fault returns when it is over: what it ended has been started again."""

import signal
import time
from collections.abc import Callable, Iterable
from random import Random

from tests.faults.database import write_lock
from tests.faults.nursery import Forked, command
from tests.faults.plant import Plant, children_of, send

#: Whether a fault is overcome.
Overcome = Callable[[], bool]
#: Does it, at the moment it is called. Returns how to see that it is overcome, where that is something else than that
#: all that was in flight is settled.
Fault = Callable[[Plant, Random], Overcome | None]

#: Seconds between the end of a process and its start by the supervisor.
PAUSE = (0.1, 1.0)
#: Seconds that zombies go on before the process that watches their limits does: 5 times what a long page takes.
HEAD_START = 1.0
#: Somebody else's key.
_BALLAST = "ballast"


def nothing(_: Plant, __: Random) -> None:
    """Leave it alone."""


def kill_enrich_child(plant: Plant, rng: Random) -> Overcome:
    """Kill -9 a process of an enrich worker's pool; Celery starts another. Overcome when its article runs again."""
    pids = [pid for worker in plant.named("enrich") for pid in children_of(worker)]
    if pids:
        send(rng.choice(pids), signal.SIGKILL)
    return plant.started_again


def kill(*kinds: str) -> Fault:
    """Kill -9 the main process of one of each kind, all at once. Overcome when others have what they held."""
    tasks = [task for kind in kinds for task in {"fetch": ["fetch"], "enrich": ["extract"]}.get(kind, [])]

    def fault(plant: Plant, rng: Random) -> Overcome | None:
        _strike(rng.choice(plant.named(kind)) for kind in kinds)
        time.sleep(rng.uniform(*PAUSE))
        plant.keep()
        return (lambda: plant.moved_on(*tasks)) if tasks else None

    return fault


def kill_everything(plant: Plant, rng: Random) -> None:
    """Kill -9 all processes, Redis with them."""
    _strike(plant.processes.values())
    _kill_redis(plant)
    time.sleep(rng.uniform(*PAUSE))
    _start_redis(plant)
    plant.keep()


def terminate(kind: str) -> Fault:
    """Ask for an end, as a deployment does, and start another."""

    def fault(plant: Plant, rng: Random) -> None:
        process = rng.choice(plant.named(kind))
        process.send(signal.SIGTERM)
        process.wait(plant.settings.drain_seconds + 10)
        if process.code != 0:
            plant.troubles.append(f"{process.name} did not end by itself on SIGTERM: {process.code}")
        plant.keep()

    return fault


def freeze_enrich_worker(plant: Plant, _: Random) -> None:
    """SIGSTOP an enrich worker until all that was in flight is settled by others; then let it go on, a zombie.

    It is stopped outside of any write: one stopped within would keep the lock of a SQLite database, and no other
    could write. Its main process goes on last: it would see that its children are over their limits and end them, and
    no zombie would come as far as its row.
    """
    worker = plant.named("enrich")[0]
    children = children_of(worker)
    with write_lock(plant.folder):
        for pid in (worker.pid, *children):
            send(pid, signal.SIGSTOP)
    plant.wait_until(plant.settled)
    for pid in children:
        send(pid, signal.SIGCONT)
    time.sleep(HEAD_START)
    worker.send(signal.SIGCONT)


def kill_redis(seconds: float) -> Fault:
    """Kill -9 Redis, and start it again after so many seconds. Overcome when workers consume."""

    def fault(plant: Plant, _: Random) -> Overcome:
        _kill_redis(plant)
        time.sleep(seconds)
        _start_redis(plant)
        return _consuming(plant)

    return fault


def freeze_redis(seconds: float) -> Fault:
    """SIGSTOP Redis for so many seconds. Overcome when workers consume."""

    def fault(plant: Plant, _: Random) -> Overcome:
        assert plant.redis_child.process is not None
        plant.redis_child.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        plant.redis_child.process.send_signal(signal.SIGCONT)
        return _consuming(plant)

    return fault


def fill_redis(plant: Plant, _: Random) -> None:
    """Leave Redis less memory than newsmill keeps for what is in flight: all of it ends, and nothing can be submitted."""
    plant.redis.setrange(_BALLAST, 64_000_000, b"!")
    plant.redis.config_set("maxmemory", int(plant.redis.info("memory")["used_memory"] / 0.94))
    url = "http://late.test/page"
    submitting = Forked(
        "late", command("submit", url), plant.folder / "late.log", plant.settings.environment()
    )
    submitting.start()
    submitting.wait(60)
    said = submitting.log.read_text()
    if submitting.code != 2 or "Redis is full" not in said:
        plant.troubles.append(f"a full Redis took {url}: {submitting.code}, {said}")
    if not plant.wait_until(plant.quiet):
        plant.troubles.append("what was submitted before did not end while Redis was full")
    plant.redis.config_set("maxmemory", 0)
    plant.redis.delete(_BALLAST)


def choke_redis(seconds: float) -> Fault:
    """Leave Redis no memory at all for so many seconds: it takes no message and no body."""

    def fault(plant: Plant, _: Random) -> None:
        plant.redis.config_set("maxmemory", 1)
        time.sleep(seconds)
        plant.redis.config_set("maxmemory", 0)

    return fault


def stop_database(seconds: float) -> Fault:
    """Let the database be away: PostgreSQL stopped, SQLite locked or its disk full."""

    def fault(plant: Plant, _: Random) -> None:
        plant.database.away(seconds)

    return fault


def cut_connections(plant: Plant, _: Random) -> None:
    """Cut all connections to PostgreSQL."""
    with plant.database.store.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def cut_wire(plant: Plant, _: Random) -> None:
    """Cut a worker off from Redis until others have settled what was in flight; then let it be back."""
    assert plant.proxy is not None
    plant.proxy.send(signal.SIGSTOP)
    plant.wait_until(plant.settled)
    plant.proxy.send(signal.SIGCONT)


def _consuming(plant: Plant) -> Overcome:
    """Return what says that workers consume: a page that was claimed after now has come all the way."""
    plant.met_at = time.monotonic()
    newest = plant.newest_token()
    return lambda: plant.enriched_since(newest)


def _strike(processes: Iterable[Forked]) -> None:
    struck = list(processes)
    for process in struck:
        process.send(signal.SIGKILL)
    for process in struck:
        process.wait(10)


def _kill_redis(plant: Plant) -> None:
    assert plant.redis_child.process is not None
    plant.redis_child.process.kill()
    plant.redis_child.process.wait()


def _start_redis(plant: Plant) -> None:
    plant.redis_child.start()
    plant.server.wait(plant.redis_child)

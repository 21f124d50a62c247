"""What can be done to a plant. A fault returns when it is over: what it ended has been started again."""

import signal
import time
from collections.abc import Callable, Iterable
from random import Random

from tests.faults.plant import Plant, children_of, send
from workers.processes import Child

#: Does it, at the moment it is called.
Fault = Callable[[Plant, Random], None]

#: Seconds between the end of a process and its start by the supervisor.
PAUSE = (0.1, 1.0)


def nothing(plant: Plant, rng: Random) -> None:
    """Leave it alone."""


def kill_enrich_child(plant: Plant, rng: Random) -> None:
    """Kill -9 a process of an enrich worker's pool; Celery starts another."""
    pids = [pid for child in plant.named("enrich") for pid in children_of(child)]
    if pids:
        send(rng.choice(pids), signal.SIGKILL)


def kill(*kinds: str) -> Fault:
    """Kill -9 the main process of one of each kind, all at once."""

    def fault(plant: Plant, rng: Random) -> None:
        _strike([rng.choice(plant.named(kind)) for kind in kinds], signal.SIGKILL)
        time.sleep(rng.uniform(*PAUSE))
        plant.keep()

    return fault


def kill_everything(plant: Plant, rng: Random) -> None:
    """Kill -9 all processes, Redis with them."""
    _strike([*plant.processes.values(), plant.redis_child], signal.SIGKILL)
    time.sleep(rng.uniform(*PAUSE))
    _start_redis(plant)
    plant.keep()


def terminate(kind: str) -> Fault:
    """Ask for an end, as a deployment does, and start another."""

    def fault(plant: Plant, rng: Random) -> None:
        child = rng.choice(plant.named(kind))
        child.terminate()
        child.wait(plant.settings.drain_seconds + 10)
        plant.keep()

    return fault


def freeze_enrich_worker(plant: Plant, _: Random) -> None:
    """SIGSTOP an enrich worker until all that was in flight is settled by others; then let it go on, a zombie."""
    worker = plant.named("enrich")[0]
    assert worker.process is not None
    pids = [worker.process.pid, *children_of(worker)]
    for pid in pids:
        send(pid, signal.SIGSTOP)
    plant.wait_until(plant.recovered)
    for pid in pids:
        send(pid, signal.SIGCONT)


def kill_redis(seconds: float) -> Fault:
    """Kill -9 Redis, and start it again after so many seconds."""

    def fault(plant: Plant, _: Random) -> None:
        _strike([plant.redis_child], signal.SIGKILL)
        time.sleep(seconds)
        _start_redis(plant)

    return fault


def stop_database(seconds: float) -> Fault:
    """Let the database be away: PostgreSQL stopped, SQLite locked."""

    def fault(plant: Plant, _: Random) -> None:
        plant.database.away(seconds)

    return fault


def _strike(children: Iterable[Child], sig: signal.Signals) -> None:
    struck = [child for child in children if child.process is not None]
    for child in struck:
        assert child.process is not None
        child.process.send_signal(sig)
    for child in struck:
        assert child.process is not None
        child.process.wait()


def _start_redis(plant: Plant) -> None:
    plant.redis_child.start()
    plant.server.wait(plant.redis_child)

"""The experiments: what is done to which process, how often in a repeat."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import faults
from tests.faults.database import Database, postgresql, sqlite
from tests.faults.faults import Fault
from tests.faults.plant import Layout


@dataclass(frozen=True, slots=True)
class Experiment:
    """One row of the table."""

    name: str
    fault: Fault
    #: How often, at moments drawn from the seed.
    times: int = 1
    layout: Layout = field(default_factory=Layout)
    #: Most attempts that an article may have had, if less than the setting allows.
    max_attempts: int = 3
    producers: int = 1
    database: Callable[[Path], AbstractContextManager[Database]] = sqlite
    settings: Mapping[str, Any] = field(default_factory=dict)
    recovery: bool = True


#: The database may be away for 5 s: a task waits for it, so its limits and its lease must be longer.
_PATIENT: Mapping[str, Any] = {"lease_seconds": 14, "hard_limit": 12, "soft_limit": 11}

WITH_RECOVERY = (
    Experiment("nothing", faults.nothing, max_attempts=1),
    Experiment("kill -9 an enrich child, twice", faults.kill_enrich_child, times=2),
    Experiment("kill -9 the enrich worker, twice", faults.kill("enrich"), times=2),
    Experiment("kill -9 the fetch worker, twice", faults.kill("fetch"), times=2),
    Experiment("kill -9 the scheduler, three times", faults.kill("scheduler"), times=3, max_attempts=1),
    Experiment("kill -9 all workers and the scheduler", faults.kill("scheduler", "fetch", "enrich")),
    Experiment("kill -9 everything, Redis too", faults.kill_everything),
    Experiment(
        "SIGSTOP an enrich worker past its leases, SIGCONT",
        faults.freeze_enrich_worker,
        layout=Layout(enrich=2),
    ),
    Experiment("SIGTERM the enrich worker", faults.terminate("enrich"), max_attempts=1),
    Experiment("SIGTERM the fetch worker", faults.terminate("fetch"), max_attempts=1),
    Experiment("kill -9 Redis, back after 2 s, twice", faults.kill_redis(2), times=2),
    Experiment("PostgreSQL stopped for 5 s", faults.stop_database(5), database=postgresql, settings=_PATIENT),
    Experiment("SQLite locked for 5 s", faults.stop_database(5), settings=_PATIENT),
    Experiment(
        "two schedulers, four workers, one list", faults.nothing, layout=Layout(2, 2, 2), max_attempts=1
    ),
    Experiment("one list from 8 producers at once", faults.nothing, producers=8, max_attempts=1),
)

#: What must lose something, or the rows above show nothing.
WITHOUT_RECOVERY = (
    Experiment("kill -9 the enrich worker, twice (recovery off)", faults.kill("enrich"), 2, recovery=False),
    Experiment("kill -9 the fetch worker, twice (recovery off)", faults.kill("fetch"), 2, recovery=False),
    Experiment(
        "kill -9 Redis, back after 2 s, twice (recovery off)", faults.kill_redis(2), 2, recovery=False
    ),
)

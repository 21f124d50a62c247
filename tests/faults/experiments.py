"""The experiments: what is done to which process, how often in a repeat."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.faults import faults
from tests.faults.database import Database, postgresql, small_disk, sqlite
from tests.faults.faults import Fault
from tests.faults.harm import Harm
from tests.faults.plant import SETTINGS, Layout


@dataclass(frozen=True, slots=True)
class Experiment:
    """One row of the table."""

    name: str
    fault: Fault = faults.nothing
    #: How often, at moments drawn from the seed.
    times: int = 1
    layout: Layout = field(default_factory=Layout)
    #: Most attempts that an article may have had, if less than the setting allows.
    max_attempts: int = 3
    #: Seconds in which the last fault must be overcome, without those in which processes waited for a CPU.
    within: float | None = None
    producers: int = 1
    #: What two pages do to the process that parses them.
    harm: Harm | None = None
    database: Callable[[Path], AbstractContextManager[Database]] = sqlite
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Whether all processes live to the end, so that what they have counted must add up.
    steady: bool = False
    #: Whether it is done with FAST=1, too.
    quick: bool = True
    recovery: bool = True


def _patient(seconds: float) -> Mapping[str, Any]:
    """Return settings with which something that tasks wait for may be away for so many seconds."""
    return MappingProxyType(
        {"lease_seconds": seconds + 9, "hard_limit": seconds + 7, "soft_limit": seconds + 6}
    )


#: Seconds until a killed worker's articles are in other hands: its leases, and what a scheduler takes to look at them.
_LEASE = SETTINGS["lease_seconds"] + 2
#: Seconds until workers consume from a Redis that is back.
_BACK = 10

WITH_RECOVERY = (
    Experiment("nothing", max_attempts=1, steady=True),
    Experiment(
        "kill -9 an enrich child, twice",
        faults.kill_enrich_child,
        times=2,
        within=5,
        settings={"max_in_flight": 10},
    ),
    Experiment("kill -9 the enrich worker, twice", faults.kill("enrich"), times=2, within=_LEASE),
    Experiment("kill -9 the fetch worker, twice", faults.kill("fetch"), times=2, within=_LEASE),
    Experiment("kill -9 the scheduler, three times", faults.kill("scheduler"), times=3, max_attempts=1),
    Experiment(
        "kill -9 all workers and the scheduler", faults.kill("scheduler", "fetch", "enrich"), quick=False
    ),
    Experiment("kill -9 everything, Redis too", faults.kill_everything),
    Experiment(
        "SIGSTOP an enrich worker past its leases, SIGCONT",
        faults.freeze_enrich_worker,
        layout=Layout(enrich=2),
    ),
    Experiment("SIGTERM the enrich worker", faults.terminate("enrich"), max_attempts=1),
    Experiment("SIGTERM the fetch worker", faults.terminate("fetch"), max_attempts=1, quick=False),
    Experiment("kill -9 Redis, back after 2 s, twice", faults.kill_redis(2), times=2, within=_BACK),
    Experiment(
        "kill -9 Redis, back after 20 s",
        faults.kill_redis(20),
        max_attempts=1,
        within=_BACK,
        settings=_patient(20),
        quick=False,
    ),
    Experiment(
        # Longer than anybody waits: tasks and leases end meanwhile.
        "kill -9 Redis, back after 45 s",
        faults.kill_redis(45),
        max_attempts=2,
        within=_BACK,
        settings=_patient(10),
        quick=False,
    ),
    Experiment(
        "SIGSTOP Redis for 30 s", faults.freeze_redis(30), within=_BACK, settings=_patient(30), quick=False
    ),
    Experiment("Redis nearly full", faults.fill_redis, max_attempts=1, steady=True),
    Experiment(
        "Redis full to the last byte for 3 s", faults.choke_redis(3), settings=_patient(3), quick=False
    ),
    Experiment(
        "PostgreSQL stopped for 20 s",
        faults.stop_database(20),
        database=postgresql,
        max_attempts=1,
        settings=_patient(20),
        quick=False,
    ),
    Experiment(
        "PostgreSQL's connections cut, three times",
        faults.cut_connections,
        times=3,
        database=postgresql,
        max_attempts=1,
        steady=True,
    ),
    Experiment(
        "SQLite locked for 3 s", faults.stop_database(3), max_attempts=1, settings=_patient(3), quick=False
    ),
    Experiment(
        "SQLite's disk full for 3 s",
        faults.stop_database(3),
        database=small_disk,
        max_attempts=1,
        settings=_patient(12),
        steady=True,
    ),
    Experiment("two pages that segfault their process", harm=Harm.SEGFAULT, max_attempts=1),
    Experiment("two pages that exhaust the memory", harm=Harm.MEMORY, max_attempts=1, quick=False),
    Experiment("two pages that never end", harm=Harm.ENDLESS, max_attempts=1, quick=False),
    Experiment("two schedulers, four workers, one list", layout=Layout(2, 2, 2), max_attempts=1, steady=True),
    Experiment("one list from 8 producers at once", producers=8, max_attempts=1, steady=True),
    Experiment(
        "the clocks of a fetch and an enrich worker ten minutes ahead",
        layout=Layout(1, 2, 2, ahead=("fetch", "enrich")),
        max_attempts=1,
        steady=True,
    ),
    Experiment(
        "the network between an enrich worker and Redis cut past its leases",
        faults.cut_wire,
        layout=Layout(enrich=2, behind_proxy=("enrich",)),
    ),
)

#: What must lose something, or the rows above show nothing.
WITHOUT_RECOVERY = (
    Experiment("kill -9 the enrich worker, twice (recovery off)", faults.kill("enrich"), 2, recovery=False),
    Experiment(
        "kill -9 the fetch worker, twice (recovery off)", faults.kill("fetch"), 2, recovery=False, quick=False
    ),
    Experiment(
        "kill -9 Redis, back after 2 s, twice (recovery off)", faults.kill_redis(2), 2, recovery=False
    ),
)

BY_NAME: Mapping[str, Experiment] = MappingProxyType(
    {one.name: one for one in (*WITH_RECOVERY, *WITHOUT_RECOVERY)}
)

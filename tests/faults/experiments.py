"""The experiments: which fault hits which processes, how often in a run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.faults import failovers, rolling_upgrade
from tests.faults import fault_injection as faults
from tests.faults.configuration import SETTINGS, Layout
from tests.faults.crashing_pages import Crash
from tests.faults.database import Database, postgresql, small_disk, sqlite
from tests.faults.fault_injection import Fault
from tests.faults.hostile_pages import HOSTILE
from tests.faults.poisoning import poison_everything
from tests.faults.running_system import RunningSystem


@dataclass(frozen=True, slots=True)
class Experiment:
    """One row of the table."""

    name: str
    fault: Fault = faults.nothing
    #: How often the fault is injected, at moments drawn from the seed.
    times: int = 1
    #: The range of those moments, as shares of all stories that are enriched by then: while much is in flight.
    moments: tuple[float, float] = (0.05, 0.5)
    layout: Layout = field(default_factory=Layout)
    #: Most attempts that an article may have had, if less than the setting allows.
    max_attempts: int = 3
    #: Seconds in which the system must recover from the last fault, without those in which processes waited for a CPU.
    within: float | None = None
    producers: int = 1
    #: What two pages do to the process that parses them.
    crash: Crash | None = None
    #: Parts of pages that take long to read; one page has each.
    hostile: Sequence[str] = ()
    #: The number of URLs, in multiples of 155.
    site_size: int = 1
    database: Callable[[Path], AbstractContextManager[Database]] = sqlite
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Whether no process is ended, so that the counts of all processes must add up.
    steady: bool = False
    #: Whether it runs with FAST=1, too.
    quick: bool = True
    recovery: bool = True
    #: Whether Redis is a master, a replica and three sentinels.
    failover: bool = False
    #: Submits the URLs and starts the processes; None does it as `newsmill submit` and the layout say.
    begin: Callable[[RunningSystem, Sequence[str]], None] | None = None
    #: Returns why the experiment cannot run on this machine; None where it can.
    unavailable: Callable[[], str | None] = lambda: None


def _patient(seconds: float) -> Mapping[str, Any]:
    """Return settings with which Redis or the database may be down for so many seconds while tasks wait."""
    return MappingProxyType(
        {"lease_seconds": seconds + 9, "hard_limit": seconds + 7, "soft_limit": seconds + 6}
    )


#: Seconds until others have taken over a killed worker's articles: its leases, and the scheduler's check for expired ones.
_LEASE = SETTINGS["lease_seconds"] + 2
#: Seconds until workers consume again once Redis is back.
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
        # Longer than anything waits: tasks and leases end meanwhile.
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
    Experiment(
        "kill -9 the master of Redis, its replica is the next",
        failovers.kill_master,
        within=_BACK,
        failover=True,
        settings=_patient(10),
    ),
    Experiment(
        "kill -9 the master of Redis, its replica 2.5 s behind",
        failovers.kill_master_ahead,
        within=_BACK,
        failover=True,
        settings=_patient(10),
    ),
    Experiment(
        "SENTINEL FAILOVER, then the other way round",
        failovers.fail_over,
        times=2,
        failover=True,
        settings=_patient(10),
        quick=False,
    ),
    Experiment("Redis nearly full", faults.fill_redis, max_attempts=1, steady=True),
    Experiment("Redis emptied, the list submitted again", faults.empty_redis, max_attempts=1),
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
        # Longer than a task may take: the tries to write end before its limit.
        "PostgreSQL read-only for 10 s",
        faults.make_read_only(10),
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
    Experiment("two pages that segfault their process", crash=Crash.SEGFAULT, max_attempts=1),
    Experiment("two pages that exhaust the memory", crash=Crash.OUT_OF_MEMORY, max_attempts=1, quick=False),
    Experiment("two pages that never end", crash=Crash.HANG, max_attempts=1, quick=False),
    Experiment(
        "poison messages in every queue, and rubbish in the ledger",
        poison_everything,
        max_attempts=1,
        steady=True,
    ),
    Experiment(
        "hostile pages beside good ones", hostile=HOSTILE, settings=_patient(60), max_attempts=1, steady=True
    ),
    Experiment("two schedulers, four workers, one list", layout=Layout(2, 2, 2), max_attempts=1, steady=True),
    Experiment("one list from 8 producers at once", producers=8, max_attempts=1, steady=True),
    Experiment(
        "the clocks of a fetch and an enrich worker ten minutes ahead",
        layout=Layout(1, 2, 2, clock_ahead=("fetch", "enrich")),
        max_attempts=1,
        steady=True,
    ),
    Experiment(
        "the network between an enrich worker and Redis cut past its leases",
        faults.cut_network,
        layout=Layout(enrich=2, behind_proxy=("enrich",)),
    ),
    *(
        Experiment(
            f"rolling upgrade, {name} first",
            upgrade,
            moments=(0.0, 0.0),
            database=rolling_upgrade.database,
            begin=rolling_upgrade.begin,
            settings=rolling_upgrade.SETTINGS,
            site_size=rolling_upgrade.SITE_SIZE,
            max_attempts=1,
            unavailable=rolling_upgrade.unavailable,
        )
        for name, upgrade in rolling_upgrade.ORDERS.items()
    ),
)

#: These must lose something, or the experiments above show nothing.
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

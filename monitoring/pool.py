"""The metrics of a worker's pool: size, use, memory and CPU. The worker's main process reads them at each scrape."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitoring import catalogue

_PROC = Path("/proc")


@dataclass(slots=True)
class Children:
    """How many processes a pool has started and lost. Lost ones were ended by a signal or an error; replaced ones do not count."""

    started: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """What a worker's main process knows of its pool. The functions are called in another thread and do not block."""

    #: The worker's queue; several are separated by commas.
    queue: str
    size: Callable[[], int]
    busy: Callable[[], int]
    #: Ids of the pool's processes; none for threads.
    pids: Callable[[], Sequence[int]]
    #: None for threads.
    children: Children | None = None


class PoolCollector(Collector):
    """Yields the metrics of a pool. Memory and CPU are from /proc; without it they are left out."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._cpu = 0.0

    def collect(self) -> Iterable[Metric]:
        """Yield the pool's metrics as they are now."""
        pool, queue = self._pool, self._pool.queue
        yield catalogue.POOL_SIZE.show((queue, pool.size()))
        yield catalogue.POOL_BUSY.show((queue, pool.busy()))
        if pool.children:
            yield catalogue.CHILDREN_STARTED.show((queue, pool.children.started))
            yield catalogue.CHILDREN_LOST.show((queue, pool.children.lost))
        own = resident_bytes("self")
        if own is None:
            return
        of_children = [resident_bytes(pid) or 0 for pid in pool.pids()]
        if of_children:
            yield catalogue.CHILD_MEMORY.show((queue, max(of_children)))
        yield catalogue.WORKER_MEMORY.show((queue, own + sum(of_children)))
        yield catalogue.WORKER_CPU.show((queue, self._cpu_seconds()))

    def _cpu_seconds(self) -> float:
        """Return the CPU seconds of this process and all its children, alive and ended; never less than before.

        A child that ends between the two readings is in neither. Prometheus would take that drop for a restart.
        """
        times = os.times()
        ended = times.user + times.system + times.children_user + times.children_system
        self._cpu = max(self._cpu, ended + sum(map(cpu_seconds, self._pool.pids())))
        return self._cpu


def resident_bytes(pid: int | str) -> int | None:
    """Return the resident set of a process (proc(5), statm), None without /proc or such a process."""
    try:
        pages = (_PROC / str(pid) / "statm").read_text().split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Return user and system seconds of a process (proc(5), stat: fields 14 and 15), 0 if there is no such process."""
    try:
        # Field 2 is the command's name in parentheses. It may contain spaces and parentheses.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

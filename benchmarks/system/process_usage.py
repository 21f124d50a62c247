"""CPU and memory of processes and their children, read from /proc; CPU of Redis, read from INFO."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from redis import Redis

from workers.local.supervisor import Child


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes have used so far: seconds of CPU, bytes of memory; and the time of the reading (perf_counter).

    Memory that processes share is counted once (Pss).
    """

    cpu: float
    memory: int
    at: float

    @classmethod
    def of(cls, *children: Child) -> Self:
        """Read /proc. A child that has ended counts for its parent."""
        cpu, memory = 0.0, 0
        for proc in process_tree(*children):
            with suppress(ProcessLookupError, FileNotFoundError):
                fields = (proc / "stat").read_text().rsplit(")", 1)[1].split()
                rollup = (proc / "smaps_rollup").read_text()
                cpu += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
                memory += int(rollup.partition("\nPss:")[2].split()[0]) * 1024
        return cls(cpu, memory, time.perf_counter())


def process_tree(*children: Child) -> Iterator[Path]:
    """Yield the folders in /proc of the processes and all their descendants."""
    pids = [child.process.pid for child in children if child.process is not None]
    for pid in pids:
        proc = Path("/proc") / str(pid)
        with suppress(ProcessLookupError, FileNotFoundError):
            pids += map(int, (proc / "task" / str(pid) / "children").read_text().split())
            yield proc


def redis_cpu(client: "Redis") -> float:
    """Return the seconds of CPU that Redis has used."""
    used = client.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])

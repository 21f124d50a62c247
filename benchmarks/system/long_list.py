"""What a list of millions of lines costs on one machine: `newsmill submit` to a data folder, then `newsmill status`.

    python -m benchmarks.system.long_list [--urls 2000000] [--hosts 10000]

Prints one table. The commands are those that a user calls, with the folder's own Redis.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from benchmarks.system.ledger import submissions
from benchmarks.system.process_usage import Usage
from benchmarks.table import Row, markdown
from workers.local.folder import DataFolder
from workers.local.folder_redis import ledger_to_read
from workers.local.supervisor import Child
from workers.settings import load_settings

#: A document whose run makes the data folder.
STORY = "The ferry line across the harbour opens in spring, after nine years of building. " * 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and seconds of CPU of a command, and the most memory in bytes; each with the processes that it starts."""

    seconds: float
    cpu: float
    memory: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--urls", type=int, default=2_000_000)
    parser.add_argument("--hosts", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder, chdir(folder):
        rows = list(measure(given.urls, given.hosts))
    print(markdown(rows))


def measure(urls: int, hosts: int) -> Iterator[Row]:
    """Yield the rows of the table; works in the current folder."""
    Path("story.txt").write_text(STORY)
    cost_of("run", "story.txt")
    listed = Path("list.txt")
    with listed.open("w") as file:
        file.writelines(f"{one.url}\n" for one in submissions(urls, hosts))
    submit, settings = cost_of("submit", "list.txt"), load_settings()
    with ledger_to_read(settings) as client:
        memory = client.info("memory")["used_memory"]
    status = cost_of("status")
    yield Row("the list", [listed.stat().st_size / 1e6], "MB")
    yield Row("newsmill submit", [submit.seconds], "s")
    yield Row("... CPU, with its Redis", [submit.cpu], "s")
    yield Row("... most memory, with its Redis", [submit.memory / 1e6], "MB")
    yield Row("Redis memory afterwards", [memory / 1e6], "MB")
    yield Row("data/redis afterwards", [_size(DataFolder.of(settings).redis) / 1e6], "MB")
    yield Row("newsmill status afterwards", [status.seconds], "s")


def cost_of(*command: str) -> Cost:
    """Run a command of newsmill, and return what it cost; SystemExit if it fails."""
    child = Child("newsmill", [sys.executable, "-m", "workers.cli", *command], log=Path(f"{command[0]}.log"))
    began, cpu, memory = time.perf_counter(), _cpu_of_children(), 0
    child.start()
    assert child.process
    while child.process.poll() is None:
        memory = max(memory, Usage.of(child).memory)
        time.sleep(0.5)  # a reading walks the page tables of all memory
    seconds = time.perf_counter() - began
    if child.process.returncode:
        raise SystemExit(child.log.read_text())
    return Cost(seconds, _cpu_of_children() - cpu, memory)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()

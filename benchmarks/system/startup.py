"""CPU of the commands that a user waits for: `newsmill try` and `newsmill --help`."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row


def startup(folder: Path, page: bytes, rounds: int) -> Iterator[Row]:
    """Run each command so many times, and measure its CPU. The wall clock would measure the machine's other load."""
    file = folder / "page.html"
    file.write_bytes(page)
    for arguments, goal in ((["try", str(file)], 2.5), (["--help"], 0.3)):
        seconds = [_cpu([sys.executable, "-m", "workers.cli", *arguments]) for _ in range(rounds)]
        yield Row(f"newsmill {arguments[0]}: CPU", seconds, "s", ("<=", goal))


def _cpu(command: list[str]) -> float:
    """Run a command; return its seconds of CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

"""A process that runs other software over the files of a folder, whenever it is told to.

It reads lines from standard input, each with a round, a first page and the page after the last one. It processes those
pages, and answers with the seconds of CPU that this process and its children took.

This module, and those that use it, import nothing of newsmill: they run where only the other software is installed.
"""

import logging
import resource
import sys
from collections.abc import Callable
from pathlib import Path

Loop = Callable[[list[Path]], None]


def serve(process: Loop) -> None:
    """Serve `process` over the files of the folder that the command line names."""
    (folder,) = sys.argv[1:]
    logging.disable(logging.ERROR)
    files = sorted(Path(folder).iterdir())
    process(files[:3])  # what is loaded at first use is no cost of a page
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        _, first, after = map(int, line.split())
        before = cpu_used()
        process(files[first:after])
        print(cpu_used() - before, file=answers, flush=True)


def cpu_used() -> float:
    """Return the seconds of CPU of this process and of its children that have ended."""
    return sum(
        use.ru_utime + use.ru_stime
        for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )

"""`make bench`: what newsmill costs, beside the libraries it is built on and other software, with goals.

    python -m benchmarks [--pages 100 | --pages-in folder] [--rounds 5] [rivals scaling latency ledger backlog startup]

Prints one table: medians of the rounds, with the lowest and the highest value. Every ratio compares figures of the same
round, on the same pages. CPU is that of all processes of a system, its Redis counted apart.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.generated_pages import pages_of
from benchmarks.rivals.comparison import comparison
from benchmarks.system import ledger
from benchmarks.system.backlog_memory import backlog_memory
from benchmarks.system.latency import latency
from benchmarks.system.scaling import scaling
from benchmarks.system.startup import startup
from benchmarks.table import Row, markdown

#: The Python that has datatrove and news-please. `make bench` installs them apart: their requirements are not newsmill's.
RIVALS_PYTHON = Path(".venv/rivals/bin/python")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=100, help="number of pages to generate")
    parser.add_argument(
        "--pages-in", type=Path, default=os.environ.get("PAGES"), help="folder of pages to use instead"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each figure is measured")
    parser.add_argument(
        "sections", nargs="*", metavar="section", help="what to measure; everything by default"
    )
    given = parser.parse_args()
    pages = pages_of(given.pages_in, given.pages)
    rivals = str(RIVALS_PYTHON) if RIVALS_PYTHON.exists() else None
    known: dict[str, Callable[[Path], Iterable[Row]]] = {
        "rivals": lambda folder: comparison(folder, pages, given.rounds, rivals),
        "scaling": lambda folder: scaling(folder, pages, given.rounds),
        "latency": lambda folder: latency(folder, pages, 200),
        "ledger": ledger.rows,
        "backlog": lambda folder: backlog_memory(folder, pages, 20),
        "startup": lambda folder: startup(folder, pages[0], given.rounds),
    }
    if unknown := set(given.sections) - set(known):
        parser.error(f"unknown section {', '.join(sorted(unknown))}; choose from {', '.join(known)}")
    rows: list[Row] = []
    for name, section in known.items():
        if given.sections and name not in given.sections:
            continue
        with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder:
            rows += section(Path(folder))
    print(markdown(rows))
    if not rivals and (not given.sections or "rivals" in given.sections):
        print(
            f"\ndatatrove and news-please were left out: there is no {RIVALS_PYTHON} (`make bench` installs it)."
        )


if __name__ == "__main__":
    main()

"""`make bench`: what newsmill costs, side by side with the libraries and systems that do the same.

    python -m benchmarks.bench [--pages 100 | --pages-in folder] [--rounds 5] [contest scale latency ledger backlog start-up]

Prints one table. Every ratio is of figures from the same round, on the same pages; medians of the rounds, with the
least and the most. CPU is of all processes of a system, its Redis counted apart.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.bench import sections
from benchmarks.bench.table import Row, markdown
from benchmarks.corpus import pages_of

#: The Python that has datatrove and news-please (`make bench` installs them apart: their needs are not newsmill's).
RIVALS = Path(".venv/rivals/bin/python")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=100, help="how many to generate")
    parser.add_argument("--pages-in", type=Path, default=os.environ.get("PAGES"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("sections", nargs="*", metavar="section")
    given = parser.parse_args()
    pages = pages_of(given.pages_in, given.pages)
    rivals = str(RIVALS) if RIVALS.exists() else None
    known: dict[str, Callable[[Path], Iterable[Row]]] = {
        "contest": lambda folder: sections.contest(folder, pages, given.rounds, rivals),
        "scale": lambda folder: sections.scale(folder, pages, given.rounds),
        "latency": lambda folder: sections.latency(folder, pages, 200),
        "ledger": sections.ledger,
        "backlog": lambda folder: sections.backlog(folder, pages, 20),
        "start-up": lambda _: sections.start_up(pages[0], given.rounds),
    }
    if unknown := set(given.sections) - set(known):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    rows: list[Row] = []
    for name, section in known.items():
        if given.sections and name not in given.sections:
            continue
        with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder:
            rows += section(Path(folder))
    print(markdown(rows))
    if not rivals and (not given.sections or "contest" in given.sections):
        print(f"\ndatatrove and news-please were left out: there is no {RIVALS} (make bench makes it).")


if __name__ == "__main__":
    main()

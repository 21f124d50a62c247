"""Scores and CPU of the enrichment stages, each beside the bare library it stands on.

    python -m benchmarks.eval [stage ...]                        the project's own sets
    NEWSMILL_DATA=folder python -m benchmarks.eval [stage ...]   the sets in that folder, too

Both sides of a row are measured in this one run, taking turns at each document. CPU is process time in milliseconds a
document: the median of the rounds, and how far the rounds are apart.
"""

import argparse
import importlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from benchmarks.eval.table import HEAD, Missing, Note, Row, line

STAGES = ("extract", "language", "dedupe", "topics")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("stage", nargs="*", help=f"one of {', '.join(STAGES)}; all of them without")
    stages = parser.parse_args().stage or STAGES
    if wrong := set(stages) - set(STAGES):
        parser.error(f"no such stage: {', '.join(sorted(wrong))}")
    folder = os.environ.get("NEWSMILL_DATA")
    data = Path(folder) if folder else None
    print(f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} CPUs")
    print(line(HEAD))
    notes = [note for stage in stages for note in _print(stage, data)]
    print("".join(f"\n{note.stage}: {note.text}\n" for note in notes), end="")


def _print(stage: str, data: Path | None) -> Iterator[Note]:
    """Print a stage's rows as they come, and yield the notes, which stand below the table."""
    for one in importlib.import_module(f"benchmarks.eval.{stage}").rows(data):
        if isinstance(one, Note):
            yield one
        elif isinstance(one, Missing):
            print(line((one.stage, one.set, "-", "not there, skipped", "-", "-", "-", "-")), flush=True)
        else:
            assert isinstance(one, Row)
            print(line(one.cells()), flush=True)


if __name__ == "__main__":
    main()

"""Scores and CPU of the enrichment stages, each beside the bare library it is built on.

    python -m benchmarks.stages.eval [stage ...]                        on the project's own test sets
    NEWSMILL_DATA=folder python -m benchmarks.stages.eval [stage ...]   also on the sets in that folder

Both sides of a row are measured in this one run, interleaved document by document. CPU is process time in milliseconds
a document: the median of the rounds, with the lowest and the highest in brackets.
"""

import argparse
import importlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from benchmarks.stages.eval.table import HEAD, Missing, Note, Row, line

STAGES = ("extract", "metadata", "encodings", "walls", "language", "dedupe", "topics")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("stage", nargs="*", help=f"one of {', '.join(STAGES)}; all of them by default")
    stages = parser.parse_args().stage or STAGES
    if wrong := set(stages) - set(STAGES):
        parser.error(f"unknown stage {', '.join(sorted(wrong))}; choose from {', '.join(STAGES)}")
    folder = os.environ.get("NEWSMILL_DATA")
    data = Path(folder) if folder else None
    print(f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} CPUs")
    print(line(HEAD))
    notes = [note for stage in stages for note in _print(stage, data)]
    print("".join(f"\n{note.stage}: {note.text}\n" for note in notes), end="")


def _print(stage: str, data: Path | None) -> Iterator[Note]:
    """Print a stage's rows as they come; yield the notes, which are printed below the table."""
    for one in importlib.import_module(f"benchmarks.stages.eval.{stage}").rows(data):
        if isinstance(one, Note):
            yield one
        elif isinstance(one, Missing):
            print(line((one.stage, one.set, "-", "set missing: skipped", "-", "-", "-", "-")), flush=True)
        else:
            assert isinstance(one, Row)
            print(line(one.cells()), flush=True)


if __name__ == "__main__":
    main()

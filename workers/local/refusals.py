"""What a submission has not taken: the first refusals as they come, all of them in a file, and counts at the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from workers.errors import UserError
from workers.ledger.entries import LARGEST_EXTRAS
from workers.output.terminal import shown
from workers.output.words import counted
from workers.sinks.destination import find_destination, opened
from workers.sources.report import SHOWN, Report
from workers.sources.source import Note, Refusal

#: Characters shown of a refused line.
_SHOWN_TEXT = 200
#: Kinds of files that are named.
_SHOWN_KINDS = 8


@contextmanager
def reporting(console: Console, arguments: Sequence[str], file: Path | None = None) -> Iterator[Report]:
    """Yield the report of a submission of `arguments`. It shows the first refusals, and counts all at the end.

    All are written to `file`, a JSON object in each line, as exports are written (workers/sinks/destination.py). Raises
    UserError if `file` is one of the arguments, or cannot be replaced.
    """
    report = Report(show=show_on(console))
    if file is None:
        yield report
    else:
        _check_is_no_list(file, arguments)
        with opened(find_destination(file), keep=()) as output:
            report.write = lambda refusal: output.write(_as_json(refusal))
            yield report
    for line in summary(report, file):
        console.print(shown(line), soft_wrap=True)


def show_on(console: Console) -> Callable[[Refusal | Note], None]:
    """Return a function that prints a note, or an item that cannot be submitted: its place, the reason, its beginning."""

    def show(told: Refusal | Note) -> None:
        parts = (told.text,) if isinstance(told, Note) else (told.place, told.reason, told.text[:_SHOWN_TEXT])
        console.print(shown(": ".join(filter(None, parts))), soft_wrap=True)

    return show


def summary(report: Report, file: Path | None) -> Iterator[str]:
    """Yield lines that count what was not taken, and why; `file` has all refusals."""
    if report.refused:
        yield f"{report.refusals:,} refused:"
        width = len(f"{report.refusals:,}")
        for reason, refused in sorted(report.refused.items(), key=lambda item: -item[1].count):
            yield f"  {refused.count:>{width},}  {reason} (first: {refused.first})"
    if report.refused and file:
        yield f"All of them are in {file}."
    elif report.refusals > SHOWN:
        yield "--refused FILE writes all of them to a file."
    if report.skipped:
        files = counted(report.skipped.total(), "file is no document", "files are no documents")
        named = report.skipped.most_common(_SHOWN_KINDS)
        kinds = [f"{count:,} {kind}" for kind, count in named]
        if len(report.skipped) > _SHOWN_KINDS:
            kinds.append(f"{report.skipped.total() - sum(count for _, count in named):,} of other kinds")
        yield f"{files}: {', '.join(kinds)}."
    if report.shortened:
        urls = counted(report.shortened, "URL has", "URLs have")
        yield f"{urls} more than {LARGEST_EXTRAS:,} bytes in other columns: the largest were left out."


def _check_is_no_list(file: Path, arguments: Sequence[str]) -> None:
    for argument in arguments:
        path = Path(argument)
        if file.exists() and path.exists() and path.samefile(file):
            raise UserError(f"{file} is to be read, and cannot have what is refused. Name another file.")


def _as_json(refusal: Refusal) -> bytes:
    # The name of a file, or a line that is too long to be decoded, may not be UTF-8.
    return b"%s\n" % msgspec.json.encode(
        {name: value.encode(errors="backslashreplace").decode() for name, value in refusal._asdict().items()}
    )

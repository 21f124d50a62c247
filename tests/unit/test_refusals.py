"""What a submission does not take: shown, counted by reason, and written to a file."""

import io
import json
import os
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from workers.errors import UserError
from workers.local.refusals import reporting
from workers.output.terminal import Terminal
from workers.sources.report import SHOWN, Report
from workers.sources.source import Note, Refusal, Skipped

LINES = [Refusal(f"a.csv:{number}", "has no URL", f"text {number}") for number in range(1, 8)]
FTP = Refusal("a.csv:9", "is not an http or https URL", "ftp://a.test/")


def told(
    *refusals: Refusal, file: Path | None = None, skipped: tuple[str, ...] = (), width: int = 200
) -> list[str]:
    """Return the lines that a submission prints which refuses and skips these."""
    printed = io.StringIO()
    console = Terminal(file=printed, width=width)
    with reporting(console, [], file) as report:
        for refusal in refusals:
            report.refuse(refusal)
        for kind in skipped:
            report.skip(Skipped(Path("x"), kind))
    return printed.getvalue().splitlines()


def test_the_first_ones_are_shown_and_all_are_counted_by_reason() -> None:
    lines = told(*LINES, FTP)
    assert lines[:SHOWN] == [f"a.csv:{n}: has no URL: text {n}" for n in range(1, SHOWN + 1)]
    assert lines[SHOWN:] == [
        "8 refused:",
        "  7  has no URL (first: a.csv:1)",
        "  1  is not an http or https URL (first: a.csv:9)",
        "--refused FILE writes all of them to a file.",
    ]


def test_nothing_is_said_of_nothing() -> None:
    assert told() == []


def test_what_is_shown_is_text_to_a_terminal() -> None:
    lines = told(Refusal("\x1b[31m[b]:1", "has no URL", "x" * 1_000 + "\x1b"), width=40)
    assert lines[0] == r"\x1b[31m[b]:1: has no URL: " + "x" * 200
    assert lines[2] == r"  1  has no URL (first: \x1b[31m[b]:1)"


def test_files_that_are_no_documents_are_counted_by_kind() -> None:
    assert told(skipped=(".jpg",)) == ["1 file is no document: 1 .jpg."]
    assert told(skipped=(".css", *(".jpg",) * 1_200)) == ["1,201 files are no documents: 1,200 .jpg, 1 .css."]
    assert told(skipped=tuple(f".{n}" for n in range(12)))[0].endswith(", 1 .7, 4 of other kinds.")


def test_a_source_that_gives_a_reason_for_each_line_fills_no_memory() -> None:
    report = Report()
    for number in range(1_000):
        report.refuse(Refusal("a:1", f"is {number}", ""))
        report.skip(Skipped(Path("x"), f".{number}"))
    report.refuse(Refusal("a:1", "is 7", ""))
    assert (len(report.refused), report.refusals, report.refused["is 7"].count) == (101, 1_001, 2)
    assert (len(report.skipped), report.skipped.total()) == (101, 1_000)


def test_nothing_was_taken_if_there_was_something_to_take() -> None:
    empty, refused, skipped = Report(), Report(), Report()
    refused.refuse(FTP)
    skipped.skip(Skipped(Path("x"), ".jpg"))
    assert [one.took_nothing(0) for one in (empty, refused, skipped)] == [False, True, True]
    assert not refused.took_nothing(1)


# The file with all of them.


def test_a_file_has_all_of_them(tmp_path: Path) -> None:
    lines = told(*LINES, file=tmp_path / "r.jsonl")
    assert lines[-1] == f"All of them are in {tmp_path}/r.jsonl."
    written = (tmp_path / "r.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in written] == [one._asdict() for one in LINES]


def test_a_file_has_whatever_was_refused(tmp_path: Path) -> None:
    odd = Refusal(os.fsdecode(b"/\xff/a.txt:1"), "is longer than 1 MB", 'x"\n\0\x1b\udcff')
    told(odd, file=tmp_path / "r.jsonl")
    (line,) = (tmp_path / "r.jsonl").read_bytes().splitlines()
    assert json.loads(line)["text"] == 'x"\n\0\x1b\\udcff'


def test_an_old_file_is_replaced_by_a_whole_one_only(tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text("old")
    with suppress(KeyboardInterrupt), reporting(Terminal(file=io.StringIO()), [], file) as report:
        report.refuse(FTP)
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    told(file=file)
    assert file.read_text() == ""
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_and_a_pipe_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    told(FTP, file=tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "file").read_text())["place"] == "a.csv:9"
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    told(FTP, file=tmp_path / "pipe")
    reader.join()
    assert json.loads(read[0])["place"] == "a.csv:9"


def test_a_list_that_is_read_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("url\n")
    (tmp_path / "link").symlink_to(path)
    for file in (path, tmp_path / "link"):
        with (
            pytest.raises(UserError, match="is to be read"),
            reporting(Terminal(file=io.StringIO()), ["-", "http://a.test/", str(path)], file),
        ):
            pass
    assert path.read_text() == "url\n"


def test_a_note_is_shown_at_once() -> None:
    printed = io.StringIO()
    with reporting(Terminal(file=printed, width=20), []) as report:
        report.show(Note("a.csv has no header. Its URLs are read from column [2]."))
        assert printed.getvalue() == "a.csv has no header. Its URLs are read from column [2].\n"

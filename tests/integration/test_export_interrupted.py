"""An export that is ended in the middle, by whatever: the old file is as it was, nothing is left, one line says why."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.article import Article, Outcome
from tests.permissions import bound_by_all_permissions
from workers.sinks.formats import FILE_SINKS
from workers.store.rows import Result, row_of
from workers.store.schema import articles
from workers.store.store import Store

ROWS = 1500
#: `newsmill export`, which stops for a word on standard input when it has come to row 1,200 of 1,500.
STOPPING = """
import sys
from workers.cli import main
from workers.sinks import columns

flat, seen = columns.flat, 0

def stop(*arguments):
    global seen
    seen += 1
    if seen == 1200:
        print("in the middle", flush=True)
        sys.stdin.readline()
    return flat(*arguments)

columns.flat = stop
main()
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/store/newsmill.db")
    made.migrate()
    rows = [
        row_of(
            Article(
                id=f"{number:032x}",
                url=f"http://a.test/{number}",
                token=1,
                date="2025-04-16",
                text=os.urandom(600).hex(),
            ),
            "a.test",
            Result(outcome=Outcome.ENRICHED, stage="fetch", settled_at=float(number)),
        )
        for number in range(ROWS)
    ]
    with made.engine.begin() as connection:
        connection.execute(articles.insert(), rows)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "out put"
    made.mkdir()
    yield made
    made.chmod(0o755)


def start(
    store: Store, folder: Path, *arguments: str, code: str = "", before: Callable[[], None] | None = None
) -> "subprocess.Popen[bytes]":
    program = ["-c", code] if code else ["-m", "workers.cli"]
    return subprocess.Popen(
        [sys.executable, *program, "export", *arguments],
        cwd=folder,
        env={**os.environ, "NEWSMILL_DATABASE_URL": str(store.engine.url)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=before,  # noqa: PLW1509 - no threads here
    )


def run(
    store: Store, folder: Path, *arguments: str, before: Callable[[], None] | None = None
) -> tuple[int, str]:
    """Run `newsmill export`; return its exit code and what it says on standard error."""
    process = start(store, folder, *arguments, before=before)
    _, error = process.communicate(timeout=120)
    return process.returncode, error.decode()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.parametrize("format_", FILE_SINKS)
def test_a_signal_leaves_the_old_file_and_nothing_else(
    store: Store, folder: Path, format_: str, number: signal.Signals, code: int
) -> None:
    output = folder / f"x.{format_}"
    output.write_text("as it was")
    process = start(store, folder, "--output", output.name, code=STOPPING)
    assert process.stdout
    assert process.stdout.readline() == b"in the middle\n"
    (unfinished,) = folder.glob(".newsmill-*.part")
    assert format_ in {"parquet", "duckdb"} or unfinished.stat().st_size > 0
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error.decode().strip()) in {(code, ""), (code, "Aborted!")}
    assert output.read_text() == "as it was"
    assert list(folder.iterdir()) == [output]


def test_a_hangup_that_is_ignored_stays_ignored(store: Store, folder: Path) -> None:
    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = start(store, folder, "--output", "x.jsonl", code=STOPPING, before=nohup)
    assert process.stdout
    assert process.stdout.readline() == b"in the middle\n"
    process.send_signal(signal.SIGHUP)
    _, error = process.communicate(b"go on\n", timeout=60)
    assert (process.returncode, error.decode()) == (0, f"{ROWS:,} articles -> x.jsonl\n")


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("format_", FILE_SINKS)
def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_else(
    store: Store, folder: Path, format_: str, *, is_there: bool
) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    output = folder / f"x.{format_}"
    if is_there:
        output.write_text("as it was")
    code, error = run(store, folder, "--output", output.name, before=small_files)
    assert code == 2
    assert error.startswith(f"newsmill: Cannot write x.{format_}: ")
    assert error.count("\n") == 1
    assert ("The old file is as it was." in error) == is_there
    assert [(one.name, one.read_text()) for one in folder.iterdir()] == [
        (output.name, "as it was")
    ] * is_there


def test_a_folder_that_takes_no_files_is_named(store: Store, folder: Path) -> None:
    (folder / "x.jsonl").write_text("as it was")
    folder.chmod(0o555)
    code, error = run(store, folder, "--output", "x.jsonl", before=bound_by_all_permissions)
    assert (code, error.count("\n")) == (2, 1)
    assert "x.jsonl is written as a new file first, and" in error
    assert "redirect the output: newsmill export >FILE" in error
    assert (folder / "x.jsonl").read_text() == "as it was"
    with (folder / "x.jsonl").open("wb") as file:
        process = start(store, folder, "--output", "/dev/stdout", before=bound_by_all_permissions)
        file.write(process.communicate(timeout=60)[0])
    assert (folder / "x.jsonl").read_bytes().count(b"\n") == ROWS


@pytest.mark.parametrize(
    ("mode", "complaint"), [(0o444, "x.jsonl is write-protected"), (0o222, "Permission denied")]
)
def test_a_file_that_may_not_be_changed_or_read_is_not_replaced(
    store: Store, folder: Path, mode: int, complaint: str
) -> None:
    (folder / "x.jsonl").write_text("as it was")
    (folder / "x.jsonl").chmod(mode)
    code, error = run(store, folder, "--output", "x.jsonl", before=bound_by_all_permissions)
    assert (code, error.count("\n")) == (2, 1), error
    assert complaint in error
    assert (folder / "x.jsonl").read_text() == "as it was"
    assert len(list(folder.iterdir())) == 1


def test_a_store_that_may_only_be_read_is_exported_in_any_order(store: Store, folder: Path) -> None:
    assert store.file
    store.close()
    store.file.chmod(0o444)
    store.file.parent.chmod(0o555)
    for sort in ("settled_at", "day", "title"):
        name = f"{sort}.parquet"
        code, error = run(store, folder, "--output", name, "--sort", sort, before=bound_by_all_permissions)
        assert (code, error) == (0, f"{ROWS:,} articles -> {name}\n")
    store.file.parent.chmod(0o755)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
def test_a_reader_that_ends_early_ends_the_export_without_a_word(
    store: Store, folder: Path, format_: str
) -> None:
    for output in ((), ("--output", "/dev/stdout")):
        with start(store, folder, "--format", format_, *output) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.read(4)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0


def test_an_export_is_of_one_moment_though_rows_are_written_meanwhile(store: Store, folder: Path) -> None:
    process = start(store, folder, "--output", "x.jsonl", "--columns", "id,host", code=STOPPING)
    assert process.stdout
    assert process.stdout.readline() == b"in the middle\n"
    with store.engine.begin() as connection:
        connection.execute(articles.update().values(host="moved.test"))
    _, error = process.communicate(b"go on\n", timeout=60)
    assert (process.returncode, error.decode()) == (0, f"{ROWS:,} articles -> x.jsonl\n")
    lines = [json.loads(line) for line in (folder / "x.jsonl").read_text().splitlines()]
    assert [one["id"] for one in lines] == [f"{number:032x}" for number in range(ROWS)]
    assert {one["host"] for one in lines} == {"a.test"}


def test_a_name_that_a_terminal_would_obey_is_shown_without_what_it_would_obey(
    store: Store, folder: Path
) -> None:
    code, error = run(store, folder, "--output", "a \x1b[31m[red]b.jsonl", "--limit", "1")
    assert (code, error) == (0, "1 article -> 'a \\x1b[31m[red]b.jsonl'\n")

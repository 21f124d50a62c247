"""Where an export goes: streams are written through, files replaced by whole ones, nothing is destroyed."""

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tasks.article import Article, Outcome
from workers.errors import UserError
from workers.inspect.export import Export, export
from workers.sinks.formats import FILE_SINKS
from workers.store.filters import Filter
from workers.store.rows import Result
from workers.store.store import Store

LINE = b'{"url":"http://a.test/"}\n'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/store/newsmill.db")
    made.migrate()
    article = Article(id="0" * 32, url="http://a.test/", token=1)
    made.write(article, "a.test", Result(outcome=Outcome.ENRICHED, stage="fetch"))
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out put"
    made.mkdir()
    return made


def write(store: Store, output: Path | None, **more: Any) -> None:
    export(store, Filter(), Export(output=output, names=["url"], **more))


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


# Streams.


def test_standard_output_is_written_to_and_stays_open(
    store: Store, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for output in (None, Path("-")):
        write(store, output)
        assert capfdbinary.readouterr().out == LINE


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero"])
def test_a_device_stays_a_device(store: Store, folder: Path, device: str) -> None:
    link = folder / "link.jsonl"
    link.symlink_to(device)
    before = Path(device).stat()
    write(store, Path(device))
    write(store, link)
    assert Path(device).stat().st_ino == before.st_ino
    assert stat.S_ISCHR(Path(device).stat().st_mode)
    assert link.readlink() == Path(device)


@pytest.mark.parametrize("through_a_link", [False, True])
@pytest.mark.parametrize("name", ["pipe", "pipe.jsonl", "pipe.jsonl.gz", "pipe.csv", "pipe.parquet"])
def test_a_named_pipe_is_written_through(
    store: Store, folder: Path, name: str, *, through_a_link: bool
) -> None:
    pipe, link = folder / name, folder / f"link {name}"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(store, link if through_a_link else pipe)
    reader.join()
    begins = {"gz": b"\x1f\x8b", "csv": b"url\r\n", "parquet": b"PAR1"}
    assert read[0].startswith(begins.get(name.rsplit(".", maxsplit=1)[-1], LINE))
    assert pipe.is_fifo()
    assert sorted(folder.iterdir()) == sorted([pipe, link])


def test_a_pipe_whose_suffix_is_of_no_format_is_refused_before_it_is_opened(
    store: Store, folder: Path
) -> None:
    os.mkfifo(folder / "pipe.txt")
    with pytest.raises(UserError, match=r"cannot write \.txt"):
        write(store, folder / "pipe.txt")


@pytest.mark.parametrize("prefix", ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"])
def test_an_open_file_is_written_on_where_it_is(store: Store, folder: Path, prefix: str) -> None:
    file = folder / "all.txt"
    file.write_bytes(b"before\n")
    before = file.stat().st_ino
    with file.open("ab") as opened:
        write(store, Path(f"{prefix}/{opened.fileno()}"))
        opened.write(b"after\n")
    assert file.read_bytes() == b"before\n" + LINE + b"after\n"
    assert file.stat().st_ino == before


def test_a_link_to_an_open_file_is_written_on_where_it_is(store: Store, folder: Path) -> None:
    file, link = folder / "all.txt", folder / "link"
    file.write_bytes(b"before\n")
    with file.open("ab") as opened:
        link.symlink_to(f"/dev/fd/{opened.fileno()}")
        write(store, link)
    assert file.read_bytes() == b"before\n" + LINE


def test_a_file_that_is_not_open_is_told(store: Store) -> None:
    with pytest.raises(UserError, match=r"Cannot write /dev/fd/999: Bad file descriptor\. Check"):
        write(store, Path("/dev/fd/999"))


def test_a_device_that_is_full_is_told_in_one_line(store: Store) -> None:
    with pytest.raises(UserError, match=r"^Cannot write /dev/full: No space left on device\. Make room, .*$"):
        write(store, Path("/dev/full"))


@pytest.mark.parametrize("format_", [None, "csv", "parquet"])
def test_a_reader_that_has_gone_is_no_error_of_the_user(store: Store, format_: str | None) -> None:
    read, written = os.pipe()
    os.close(read)
    with pytest.raises(BrokenPipeError):
        write(store, Path(f"/dev/fd/{written}"), format_=format_)
    os.close(written)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
def test_a_stream_that_breaks_off_has_no_end_that_makes_it_look_whole(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("workers.inspect.export.settled", broken)
    with (folder / "x").open("wb") as file, pytest.raises(RuntimeError):
        write(store, Path(f"/dev/fd/{file.fileno()}"), format_=format_)
    assert not (folder / "x").read_bytes().endswith(b"PAR1") or (folder / "x").stat().st_size == 4


# Files.


def test_a_new_file_has_the_permissions_of_the_umask(store: Store, folder: Path) -> None:
    for bits, expected in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        for name in ("x.jsonl", "x.db", "x.duckdb"):
            with umask(bits):
                write(store, folder / name)
            assert mode(folder / name) == expected
            (folder / name).unlink()


@pytest.mark.parametrize("name", ["x.jsonl", "x.parquet", "x.db", "x.duckdb", "x.csv.gz"])
def test_a_file_is_replaced_and_hands_down_its_permissions(store: Store, folder: Path, name: str) -> None:
    file = folder / name
    for bits in (0o600, 0o640, 0o666, 0o755):
        file.write_text("as it was")
        file.chmod(bits)
        before = file.stat().st_ino
        with file.open("rb") as reader:
            write(store, file)
            assert reader.read() == b"as it was"  # who has it open reads the old one to its end
        assert file.stat().st_ino != before
        assert mode(file) == bits
        assert list(folder.iterdir()) == [file]


@pytest.mark.parametrize("name", ["x.jsonl", "x.db", "x.duckdb"])
def test_nobody_reads_an_unfinished_file_who_may_not_read_the_old_one(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    seen = []
    real = Path.replace

    def look(one: Path, target: Path) -> Path:
        seen.append(mode(one))
        return real(one, target)

    def during(one: Any, chosen: Any) -> Any:
        seen.extend(mode(part) for part in folder.glob(".newsmill-*"))
        return flat(one, chosen)

    from workers.sinks.columns import flat  # noqa: PLC0415 - the real one, before it is replaced

    (folder / name).touch(0o600)
    monkeypatch.setattr(Path, "replace", look)
    monkeypatch.setattr("workers.sinks.columns.flat", during)
    with umask(0):
        write(store, folder / name)
    assert seen == [0o600, 0o600]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_hands_down_its_owner(store: Store, folder: Path) -> None:
    file = folder / "x.jsonl"
    file.touch()
    os.chown(file, 1234, 4321)
    file.chmod(0o2640)
    write(store, file)
    assert (file.stat().st_uid, file.stat().st_gid, mode(file)) == (1234, 4321, 0o2640)


def test_an_owner_that_cannot_be_handed_down_is_no_error(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def may_not(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", may_not)
    (folder / "x.jsonl").touch(0o640)
    write(store, folder / "x.jsonl")
    assert (folder / "x.jsonl").read_bytes() == LINE
    assert mode(folder / "x.jsonl") == 0o640


def test_a_symbolic_link_stays_and_the_file_that_it_leads_to_is_replaced(store: Store, folder: Path) -> None:
    real, middle, link = folder / "real", folder / "middle.jsonl", folder / "deep" / "link.jsonl"
    link.parent.mkdir()
    real.write_text("as it was")
    middle.symlink_to("real")
    link.symlink_to("../middle.jsonl")
    write(store, link)
    assert (link.readlink(), middle.readlink()) == (Path("../middle.jsonl"), Path("real"))
    assert real.read_bytes() == LINE
    assert sorted(one.name for one in folder.iterdir()) == ["deep", "middle.jsonl", "real"]


def test_a_link_that_leads_nowhere_yet_gets_its_file(store: Store, folder: Path) -> None:
    (folder / "link.jsonl").symlink_to("new.jsonl")
    write(store, folder / "link.jsonl")
    assert (folder / "new.jsonl").read_bytes() == LINE
    assert (folder / "link.jsonl").is_symlink()


def test_a_hard_link_keeps_what_it_had(store: Store, folder: Path) -> None:
    (folder / "x.jsonl").write_text("as it was")
    (folder / "other").hardlink_to(folder / "x.jsonl")
    write(store, folder / "x.jsonl")
    assert (folder / "other").read_text() == "as it was"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere/x.jsonl", "The folder of .*x.jsonl does not exist"),
        ("file/x.jsonl", "The folder of .*x.jsonl does not exist"),
        ("loop", "Too many levels of symbolic links. Check"),
        ("loop/x.jsonl", "Too many levels of symbolic links. Check"),
        ("link to nowhere", "The folder of .* does not exist"),
        ("sub", "sub is a folder"),
        ("link to sub", "is a folder"),
        ("sub/..", "is a folder"),
    ],
)
def test_what_is_no_file_is_refused(store: Store, folder: Path, name: str, complaint: str) -> None:
    (folder / "file").touch()
    (folder / "sub").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "link to nowhere").symlink_to("nowhere/x.jsonl")
    (folder / "link to sub").symlink_to("sub")
    before = sorted(folder.iterdir())
    with pytest.raises(UserError, match=complaint):
        write(store, folder / name, format_="jsonl")
    assert sorted(folder.iterdir()) == before


def test_a_name_as_long_as_names_may_be_is_written(store: Store, folder: Path) -> None:
    name = "x" * 249 + ".jsonl"
    write(store, folder / name)
    assert (folder / name).read_bytes() == LINE
    with pytest.raises(UserError, match=r"File name too long\. Check the path"):
        write(store, folder / f"x{name}")


def test_a_path_may_have_any_character(store: Store, folder: Path) -> None:
    for name in ('it\'s "x" [1]*?.db', "a\nb.duckdb", "%25 #1?.sqlite", "ü '; .duckdb", "-.jsonl"):
        for _ in range(2):
            write(store, folder / name)
        assert [one.name for one in folder.iterdir()] == [name]
        (folder / name).unlink()


@pytest.mark.parametrize("format_", FILE_SINKS)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), SystemExit(143)]
)
def test_an_export_that_breaks_leaves_the_file_as_it_was(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, format_: str, error: BaseException
) -> None:
    def broken(*_: Any) -> None:
        raise error

    output = folder / "x"
    output.write_text("as it was")
    before = output.stat()
    monkeypatch.setattr("workers.inspect.export.settled", broken)
    with pytest.raises(UserError if isinstance(error, OSError) else type(error)) as raised:
        write(store, output, format_=format_)
    if isinstance(error, OSError):
        assert str(raised.value) == (
            f"Cannot write {output}: No space left on device. The old file is as it was. "
            "Make room, or name a file elsewhere."
        )
    assert output.read_text() == "as it was"
    assert (output.stat().st_ino, output.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(folder.iterdir()) == [output]


def test_two_exports_of_one_name_at_a_time_do_not_meet(store: Store, folder: Path) -> None:
    output = folder / "x.jsonl"
    outer = store.rows()
    from workers.sinks.destination import find_destination, opened  # noqa: PLC0415

    with opened(find_destination(output), keep=()) as file:
        write(store, output)
        assert output.read_bytes() == LINE
        file.write(b"last\n")
    assert output.read_bytes() == b"last\n"
    assert len(list(outer)) == 1


# Databases.


@pytest.mark.parametrize("name", ["newsmill.db", "newsmill.db-wal", "newsmill.db-shm", "newsmill.db-journal"])
@pytest.mark.parametrize("format_", [None, "csv", "sqlite", "duckdb"])
def test_the_store_is_never_replaced(store: Store, folder: Path, name: str, format_: str | None) -> None:
    own = store.file
    assert own
    link, hard = folder / "link.db", folder / "hard.db"
    link.symlink_to(own.with_name(name))
    before = own.stat().st_ino
    outputs = [own.with_name(name), link, own.parent / ".." / "store" / name]
    if own.with_name(name).exists():
        hard.hardlink_to(own.with_name(name))
        outputs.append(hard)
    for output in outputs:
        with pytest.raises(UserError, match="newsmill's own database\\. Name another file"):
            write(store, output, format_=format_ or "jsonl")
    assert own.stat().st_ino == before
    assert len(list(store.rows())) == 1


@pytest.mark.parametrize("format_", FILE_SINKS)
@pytest.mark.parametrize("name", ["x.db", "x.csv"])
def test_somebodys_sqlite_file_is_never_replaced(store: Store, folder: Path, name: str, format_: str) -> None:
    file = folder / name
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE notes (note TEXT)")
    before = file.read_bytes()
    with pytest.raises(UserError, match=f"{name} is a database that no export has made"):
        write(store, file, format_=format_)
    assert file.read_bytes() == before


def test_another_store_is_never_replaced(store: Store, folder: Path) -> None:
    assert store.file
    shutil.copy(store.file, folder / "newsmill.db")
    with pytest.raises(UserError, match="no export has made"):
        write(store, folder / "newsmill.db")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE notes (note TEXT)", "CREATE VIEW notes AS SELECT 1 AS x"]
)
@pytest.mark.parametrize("name", ["x.db", "x.duckdb"])
def test_an_export_that_somebody_has_added_to_is_never_replaced(
    store: Store, folder: Path, name: str, statement: str
) -> None:
    file = folder / name
    write(store, file)
    write(store, file)
    connect = sqlite3.connect if name == "x.db" else duckdb.connect
    with closing(connect(file)) as connection:
        connection.execute(statement)
    with pytest.raises(UserError, match=f"{name} has more in it than an export: notes. Name another file"):
        write(store, file)


def test_an_sqlite_export_that_is_in_use_is_not_replaced(store: Store, folder: Path) -> None:
    # A new file beside the old log would be taken for the old one, and changed by it.
    file = folder / "x.db"
    write(store, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE INDEX by_url ON articles (url)")
        with pytest.raises(UserError, match=r"x\.db is in use"):
            write(store, file)
    write(store, file)


def test_somebodys_duckdb_file_is_never_replaced(store: Store, folder: Path) -> None:
    file = folder / "x.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("CREATE TABLE articles (url VARCHAR)")
    before = file.read_bytes()
    for format_ in (None, "csv"):
        with pytest.raises(UserError, match=r"x\.duckdb is a database that no export has made"):
            write(store, file, format_=format_)
    assert file.read_bytes() == before


@pytest.mark.parametrize("start", [b"SQLite format 3\0", b"\0" * 8 + b"DUCK"])
@pytest.mark.parametrize("rest", [b"", b"\0" * 4096, b"garbage" * 1000])
def test_a_damaged_database_is_not_replaced(store: Store, folder: Path, start: bytes, rest: bytes) -> None:
    (folder / "x.jsonl").write_bytes(start + rest)
    with pytest.raises(UserError, match="no export has made, or that is in use"):
        write(store, folder / "x.jsonl")


@pytest.mark.parametrize("content", [b"", b"x", b"SQLite", b"PAR1", b"DUCK"])
def test_any_other_file_is_replaced_by_any_format(store: Store, folder: Path, content: bytes) -> None:
    for format_ in FILE_SINKS:
        (folder / "x").write_bytes(content)
        write(store, folder / "x", format_=format_)
        assert b"http://a.test/" in (folder / "x").read_bytes()

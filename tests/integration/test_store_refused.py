"""A store or a ledger that this version cannot work with: each command says so in one line, and ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tasks.article import Article, Outcome, article_id
from workers.ledger.frontier import VERSION
from workers.ledger.redis_client import RedisClient
from workers.local.redis_server import free_port
from workers.store.migrations import latest
from workers.store.rows import Result
from workers.store.store import Store

Newsmill = Callable[..., "subprocess.CompletedProcess[str]"]

NEWER = "INSERT INTO schema_migrations SELECT {}, max(applied_at) FROM schema_migrations".format(
    latest("sqlite") + 1
)
LACKING = "ALTER TABLE articles RENAME COLUMN language TO gone"
TOLD = {
    NEWER: f"A newer newsmill has upgraded the store: its version is {latest('sqlite') + 1}",
    LACKING: f"The store lacks articles.language, which its version {latest('sqlite')} has.",
}
WORKING = [
    ("scheduler",),
    ("worker", "enrich"),
    ("worker", "fetch"),
    ("run", "page.html"),
    ("submit", "page.html"),
]
READING = [("export",), ("status",), ("why", "http://a.test/"), ("dead", "list"), ("dead", "replay")]


@pytest.fixture
def environment(redis: RedisClient, redis_url: str, tmp_path: Path, prefix: str) -> dict[str, str]:
    """What commands get: an empty Redis, which for `run` is one of its own, and a small taxonomy that loads at once."""
    del redis
    (tmp_path / "page.html").write_text("<html><body><p>A page.</p></body></html>")
    return {
        **os.environ,
        "NEWSMILL_REDIS_URL": redis_url,
        "NEWSMILL_KEY_PREFIX": prefix,
        "NEWSMILL_DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
        "NEWSMILL_DATA_DIR": str(tmp_path / "data"),
        "NEWSMILL_CONTACT": "https://newsroom.test/bot",
    }


@pytest.fixture
def newsmill(environment: dict[str, str], tmp_path: Path) -> Newsmill:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "workers.cli", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/x.db")
    made.migrate()
    yield made
    made.close()


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the line that a command ended with, which came alone apart from progress and logs."""
    assert "Traceback" not in done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("newsmill: ")]
    assert len(told) == 1, done.stderr
    assert done.stderr.rstrip().endswith(told[0])
    return told[0].removeprefix("newsmill: ")


@pytest.mark.parametrize("change", TOLD, ids=["newer", "lacking"])
@pytest.mark.parametrize("command", [*WORKING, *READING], ids=" ".join)
def test_a_store_that_does_not_fit_ends_every_command_in_one_line(
    newsmill: Newsmill, store: Store, command: tuple[str, ...], change: str
) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(change))
    store.close()
    done = newsmill(*command)
    assert last_line(done).startswith(TOLD[change])
    assert done.returncode == 2


@pytest.mark.parametrize(
    "command", [*WORKING[:3], ("submit", "http://a.test/"), ("dead", "replay")], ids=" ".join
)
def test_a_newer_ledger_ends_every_command_that_would_change_it_in_one_line(
    newsmill: Newsmill, store: Store, redis: RedisClient, prefix: str, command: tuple[str, ...]
) -> None:
    failed = Article(id=article_id("http://a.test/"), url="http://a.test/", submitted_at=1.0, token=1)
    store.write(
        failed, "a.test", Result(outcome=Outcome.FAILED, stage="fetch", reason="timeout", settled_at=2.0)
    )
    store.close()
    redis.set(f"{prefix}version", VERSION + 1)
    done = newsmill(*command)
    assert last_line(done).startswith(
        f"A newer newsmill has upgraded the ledger in Redis: its version is {VERSION + 1}"
    )
    assert done.returncode == 2
    assert redis.dbsize() == 1


def test_the_ledger_of_a_local_run_is_looked_at_too(newsmill: Newsmill, environment: dict[str, str]) -> None:
    assert newsmill("run", "page.html").returncode == 0
    environment["NEWSMILL_KEY_PREFIX"] = "other:"
    folder = Path(environment["NEWSMILL_DATA_DIR"]) / "redis"
    # One file up to Redis 6, a folder of them since.
    file = next(iter([*folder.rglob("*.incr.aof"), *folder.glob("appendonly.aof")]))
    command = f"*3\r\n$3\r\nSET\r\n$13\r\nother:version\r\n$1\r\n{VERSION + 1}\r\n"
    with file.open("a", newline="") as aof:
        aof.write(command)
    done = newsmill("run", "page.html")
    assert "A newer newsmill has upgraded the ledger" in last_line(done)
    assert done.returncode == 2


@pytest.mark.parametrize("command", [("scheduler",), ("worker", "fetch"), ("worker", "enrich")], ids=" ".join)
@pytest.mark.parametrize("missing", ["Redis", "database"])
def test_what_works_waits_for_its_servers_and_ends_at_once_when_told(
    environment: dict[str, str], tmp_path: Path, command: tuple[str, ...], missing: str
) -> None:
    away = free_port()
    variable = {
        "Redis": {"NEWSMILL_REDIS_URL": f"redis://127.0.0.1:{away}/0"},
        "database": {"NEWSMILL_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{away}/x"},
    }[missing]
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.cli", *command],
            env={**environment, **variable},
            cwd=tmp_path,
            stdout=output,
            stderr=output,
        )
    line = f"Cannot {'use the database' if missing == 'database' else 'connect to Redis'}, trying again"
    until = time.monotonic() + 60
    while log.read_text().count(line) < 2 and time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    process.terminate()
    began = time.monotonic()
    process.wait(30)
    assert time.monotonic() - began < 3
    assert "Traceback" not in log.read_text()

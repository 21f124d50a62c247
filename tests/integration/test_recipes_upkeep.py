"""docs/recipes.md as it stands, on upgrading, on what lies where, and on deleting it."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from tasks.article import Article, Outcome, article_id
from tests.integration.readers import NEWS, PAGE, RECIPES, STORY, Block, Reader
from workers.errors import UserError
from workers.ledger.entries import Policy
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission, submit_all
from workers.sinks.columns import flat
from workers.store import migrations
from workers.store.rows import Result
from workers.store.store import Store, open_to_read

pytestmark = pytest.mark.timeout(300)


# Upgrading


def test_a_copy_of_the_folder_takes_back_an_upgrade(newsroom: Reader) -> None:
    newsroom.run(RECIPES["Upgrade, and go back"][0])
    with closing(sqlite3.connect(newsroom.folder / "data" / "newsmill.db")) as database, database:
        database.execute("INSERT INTO schema_migrations VALUES (99, CURRENT_TIMESTAMP)")
    newsroom.sh("newsmill export", code=2)
    shutil.rmtree(newsroom.folder / "data")
    (newsroom.folder / "data-before").rename(newsroom.folder / "data")
    assert len(newsroom.sh("newsmill export").splitlines()) == len(NEWS)


def test_an_older_program_starts_on_a_newer_store_once_it_is_told_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, forth = (block.text for block in RECIPES["Upgrade, and go back"][1:])
    dialect = store.engine.dialect.name
    known, newest = sorted(migrations.steps(dialect))[-2:]
    with monkeypatch.context() as older:
        steps = {number: step for number, step in migrations.steps(dialect).items() if number <= known}
        older.setattr(migrations, "steps", lambda _: steps)
        with pytest.raises(UserError, match=rf"version is {newest}, this program knows {known}"):
            store.migrate()
        execute(store, back.replace("> 2", f"> {known}"))
        store.migrate()
        assert list(store.rows()) == []
    execute(store, forth.replace("SELECT 3", f"SELECT {newest}"))
    store.migrate()


def execute(store: Store, statements: str) -> None:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in filter(None, map(str.strip, statements.split(";"))):
            connection.execute(sql(statement))


# Deleting


def test_the_keys_of_newsmill_are_deleted_and_no_others(
    redis: RedisClient, redis_url: str, tmp_path: Path
) -> None:
    submit_all(Frontier(redis, "newsmill:", Policy()), [submission("http://a.test/1")])
    redis.set("newsroom:shift", "late")
    assert redis.dbsize() > 1
    (program,) = RECIPES["Where the data is, and how to delete it"]
    Reader(tmp_path, {"NEWSMILL_REDIS_URL": redis_url}).run(program)
    assert redis.keys() == [b"newsroom:shift"]


def test_the_page_names_all_that_a_run_leaves(newsroom: Reader) -> None:
    table = PAGE.split("## Where the data is")[1]
    names = {path.name for path in (newsroom.folder / "data").iterdir()}
    assert {name for name in names if f"data/{name}" not in table} <= {"run.lock"}
    assert "data/run.*" in table


class Taken:
    """The recipe for taking down, for this URL."""

    def __init__(self, url: str) -> None:
        self.cluster, self.sql = (
            Block(block.language, block.text.replace("https://example.com/story", url))
            for block in RECIPES["Take an article down"]
        )


def copies_of(reader: Reader, url: str) -> list[str]:
    """Return the URLs of a story, the original first."""
    return [one["url"] for one in json.loads(reader.sh(f"newsmill cluster --json {url}"))]


def test_nothing_in_the_folder_has_the_text_of_an_article_that_was_taken_down(newsroom: Reader) -> None:
    first, *_, other = newsroom.urls
    original, copy = copies_of(newsroom, first)
    recipe = Taken(original)
    database = newsroom.folder / "data" / "newsmill.db"
    assert STORY[:60].encode() in database.read_bytes()
    listed = newsroom.run(recipe.cluster)
    assert original in listed
    assert copy in listed
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(recipe.sql.text)
    newsroom.sh("newsmill run")
    for path in (newsroom.folder / "data").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"ferry line" not in content, path
            assert b"body:" not in content, path
    with open_to_read(f"sqlite:///{database}") as store:
        texts = {row["url"]: row["record"].get("text") for row in store.rows()}
    assert texts.pop(other)
    assert texts == {original: None, copy: None}
    assert "taken down" in newsroom.sh(f"newsmill why {original}")
    assert "queued 0, in progress 0, already done 3," in newsroom.sh("newsmill submit urls.txt")


def test_no_list_brings_back_urls_whose_rows_were_deleted(newsroom: Reader) -> None:
    original, *copies = copies_of(newsroom, newsroom.urls[0])
    (delete,) = re.findall(r"`(DELETE FROM articles)` replaces the first line", PAGE)
    _, *rest = Taken(original).sql.text.splitlines()
    with closing(sqlite3.connect(newsroom.folder / "data" / "newsmill.db")) as connection:
        connection.executescript("\n".join([delete, *rest]))
    left = newsroom.sh("newsmill export")
    assert all(url not in left for url in (original, *copies))
    assert "already done 3" in newsroom.sh("newsmill submit urls.txt")
    assert newsroom.sh(f"newsmill why --json {original}", code=1) == "null\n"
    assert "queued 1," in newsroom.sh(f"newsmill submit --again {original}")


def test_an_article_is_taken_down_in_both_databases(store: Store) -> None:
    original, copies = "https://a.test/story", ["https://b.test/exact", "https://c.test/near"]
    put(store, original)
    put(store, copies[0], duplicate_of=original)
    put(store, copies[1], near_duplicate_of=original)
    put(store, "https://d.test/other")
    statements = Taken(original).sql.text
    if store.engine.dialect.name == "postgresql":
        assert "with `VACUUM FULL articles;` as last line" in PAGE
        statements = statements.replace("VACUUM;", "VACUUM FULL articles;")
    execute(store, statements)
    rows = {row["url"]: flat(row) for row in store.rows()}
    assert rows.pop("https://d.test/other")["text"] == STORY
    assert {
        url: (row["outcome"], row["detail"], row["text"], row["title"]) for url, row in rows.items()
    } == dict.fromkeys([original, *copies], ("rejected", "taken down", None, None))


def put(store: Store, url: str, **fields: str) -> None:
    """Write the row of an article with the text of a story."""
    article = Article(id=article_id(url), url=url, token=1, title="Ferry", text=STORY, **fields)
    outcome = Outcome.DUPLICATE if "duplicate_of" in fields else Outcome.ENRICHED
    store.write(article, "a.test", Result(outcome=outcome, stage="tag_topics"))

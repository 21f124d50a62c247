"""What one article costs, counted rather than timed: a regression shows here without a clock.

The stages, the ledger and the database are what runs in production; Celery's own commands are not counted.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import event

from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.article import Article, Outcome
from tasks.pipeline import STAGES
from workers.delivery.runtime import Runtime
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.settings import load_settings

FETCH, *ENRICH = (stage.name for stage in STAGES)
STORIES = [story for story in load_stories() if story.lang == "en"][:3]


class Site(BaseHTTPRequestHandler):
    """Stories of the demo under their numbers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.strip("/")
        story = STORIES[int(name)] if name.isdigit() else None
        body = story_page(story, load_sites()[story.site], 80) if story else b"no such page"
        self.send_response(200 if story else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def runtime(redis: RedisClient, redis_url: str, prefix: str, port: int, tmp_path: Path) -> Iterator[Runtime]:
    del redis  # emptied it
    settings = load_settings(
        redis_url=redis_url,
        key_prefix=prefix,
        database_url=f"sqlite:///{tmp_path}/rows.db",
        allow_networks=(ip_network("127.0.0.0/8"),),
        allow_ports=(port,),
        resolve={"test": "127.0.0.1"},
        host_interval=0,
        _env_file=None,
    )
    runtime = Runtime(settings)
    runtime.store.migrate()
    yield runtime
    runtime.client.close()
    runtime.redis.close()
    runtime.store.engine.dispose()


class Commands:
    """The commands that Redis gets while it is in use; those that a script gives are the script's."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self.names: list[str] = []

    def __enter__(self) -> list[str]:
        self._thread.start()
        assert self._ready.wait(10)
        return self.names

    def __exit__(self, *_: object) -> None:
        with Redis.from_url(self._url) as client:
            client.echo("enough")
        self._thread.join()

    def _listen(self) -> None:
        with Redis.from_url(self._url) as client, client.monitor() as monitor:
            self._ready.set()
            for seen in monitor.listen():
                name = seen["command"].split()[0].upper()
                if name == "ECHO":
                    return
                if seen["client_type"] != "lua" and name not in {"CLIENT", "HELLO", "SELECT", "MONITOR"}:
                    self.names.append(name)


def lease(runtime: Runtime, port: int, number: int) -> Article:
    runtime.frontier.submit([submission(f"http://a.test:{port}/{number}")])
    (one,) = runtime.frontier.claim(1)
    return one.article


def enrich(runtime: Runtime, article: Article) -> None:
    onward = runtime.runner.deliver(article, [FETCH], more=True)
    assert onward is not None
    assert runtime.runner.deliver(Article.from_message(onward.to_message()), ENRICH) is None


def test_an_article_needs_few_commands(runtime: Runtime, redis_url: str, port: int) -> None:
    enrich(runtime, lease(runtime, port, 0))  # robots.txt, and the scripts' text
    article = lease(runtime, port, 1)
    with Commands(redis_url) as commands:
        enrich(runtime, article)
    if "GET" in commands:
        commands.remove("GET")  # once a second a worker looks whether an operator has said something of hosts
    # Two starts, the host's turn, one for the body, what the host repeats, the claim of the content, its story for what the host
    # repeats, the settlement. robots.txt is at hand.
    assert len(commands) <= 8, commands


def test_its_row_is_written_in_one_statement_and_nothing_is_read(runtime: Runtime, port: int) -> None:
    enrich(runtime, lease(runtime, port, 0))
    article = lease(runtime, port, 1)
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement.split(maxsplit=1)[0])

    event.listen(runtime.store.engine, "before_cursor_execute", note)
    enrich(runtime, article)
    assert statements == ["INSERT"]


def test_its_messages_are_small_and_its_body_is_compressed(
    runtime: Runtime, redis: RedisClient, port: int
) -> None:
    article = lease(runtime, port, 1)
    assert len(article.to_message()) <= 200
    onward = runtime.runner.deliver(article, [FETCH], more=True)
    assert onward is not None
    assert len(onward.to_message()) <= 700
    (key,) = redis.keys("test:body:*")
    page = len(story_page(STORIES[1], load_sites()[STORIES[1].site], 80))
    assert redis.strlen(key) < page / 2


def test_nothing_is_left_of_it_but_what_was_seen(runtime: Runtime, redis: RedisClient, port: int) -> None:
    enrich(runtime, lease(runtime, port, 0))
    before = set(redis.keys())
    enrich(runtime, lease(runtime, port, 1))
    new = {key.split(b":")[1] for key in set(redis.keys()) - before}
    assert new <= {b"seen", b"content", b"near"}
    assert runtime.frontier.snapshot().outcomes[Outcome.ENRICHED] == 2

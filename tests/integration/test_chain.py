"""The five tasks on real Celery workers: processes, queues, one Redis, pages over HTTP.

The scheduler runs in the test's own process, step by step; the workers are `celery -A workers.app worker`.
"""

import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

import pytest
from celery import Celery
from kombu import pools
from redis import Redis

from tasks.article import article_id
from tasks.pipeline import STAGES
from workers.delivery.celery_app import make_app
from workers.delivery.runtime import Runtime
from workers.delivery.scheduler import Scheduler
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission
from workers.local.supervisor import Child, Supervisor
from workers.settings import Settings, load_settings

#: The stage that an enriched article ends in.
LAST = STAGES[-1].name

#: Title and text of a page in each of several languages.
TEXTS = {
    language: (page["title"], " ".join(page["text"].split()))
    for language, page in tomllib.loads((Path(__file__).parent / "pages.toml").read_text("utf-8")).items()
}
PAGES = {f"http://{language}.test/story": text for language, text in TEXTS.items()}
FLAKY, MISSING = "http://flaky.test/story", "http://en.test/missing"
PICTURE, SECRET = "http://de.test/picture", "http://private.test/secret"
COPY, SLOW_TO_SETTLE = "http://copy.test/again", "http://kill.test/story"
PAGES |= {
    FLAKY: ("Night buses from March", " ".join([TEXTS["en"][1].replace("gauge", "bus"), "Late."])),
    COPY: TEXTS["en"],
    SLOW_TO_SETTLE: ("Lights go out earlier", TEXTS["en"][1].replace("gauge", "lamp")),
    "http://watched.test/story": ("A mast in winter", TEXTS["en"][1].replace("gauge", "mast")),
    "http://called.test/story": ("A fair in winter", TEXTS["en"][1].replace("gauge", "fair")),
}
#: More than a message may have, so that a page inside one would show.
PADDING = "<!-- " + "not for readers " * 500 + " -->"
FIRST_WAVE = [*(f"http://{language}.test/story" for language in TEXTS), FLAKY, MISSING, PICTURE, SECRET]

#: What differs between two runs that did the same work; of two near copies, which one came first.
PASSING = {"token", "submitted_at", "settled_at", "timings", "near_duplicate_of"}


def page(title: str, text: str) -> bytes:
    sentences = [sentence for sentence in text.split(". ") if sentence]
    paragraphs = "".join(f"<p>{sentence.rstrip('.')}.</p>" for sentence in sentences)
    head = f"<meta charset=utf-8><title>{title}</title>"
    body = f"<article><h1>{title}</h1>{paragraphs}</article>"
    return f"<!doctype html><html><head>{head}</head><body>{PADDING}{body}</body></html>".encode()


class Site(ThreadingHTTPServer):
    """All the hosts on one loopback port."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: Counter[str] = Counter()


class Answers(BaseHTTPRequestHandler):
    """What the hosts answer."""

    server: Site

    def do_GET(self) -> None:
        url = f"http://{self.headers['Host'].split(':')[0]}{self.path}"
        self.server.asked[url] += 1
        if url == "http://private.test/robots.txt":
            self._answer(200, b"User-agent: *\nDisallow: /secret\n", "text/plain")
        elif url == FLAKY and self.server.asked[url] == 1:
            self._answer(503, b"later")
        elif url == PICTURE:
            self._answer(200, b"\x89PNG\r\n\x1a\n" + bytes(400), "image/png")
        elif url in PAGES:
            self._answer(200, page(*PAGES[url]))
        else:
            self._answer(404, b"no such page")

    def _answer(self, status: int, body: bytes, kind: str = "text/html") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Tap:
    """The messages of all tasks that are pushed into a queue, as Redis sees them."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        self._url, self._queues = redis_url, f"LPUSH {prefix}celery:"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self.messages: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        with Redis.from_url(self._url) as client:
            client.echo("enough")
        self._thread.join()

    def _listen(self) -> None:
        with Redis.from_url(self._url) as client, client.monitor() as monitor:
            self._ready.set()
            for seen in monitor.listen():
                command: str = seen["command"].replace('\\"', '"')
                if command == "ECHO enough":
                    return
                if command.startswith(self._queues) and '"task":' in command:
                    self.messages.append(json.loads(command[command.index("{") :]))


@dataclass
class Plant:
    """Workers of one layout, and the scheduler in the test's hands."""

    app: Celery
    settings: Settings
    port: int
    supervisor: Supervisor
    log: Path
    scheduler: Scheduler = field(init=False)
    #: What was pushed into its queues while its first pages were worked on.
    tap: Tap = field(init=False)

    def __post_init__(self) -> None:
        self.runtime: Runtime = self.app.newsmill
        self.scheduler = Scheduler(self.app, self.runtime)

    def here(self, url: str) -> str:
        """Return the URL with the port that the site has."""
        return url.replace(".test/", f".test:{self.port}/")

    def submit(self, *urls: str) -> None:
        self.runtime.frontier.submit([submission(self.here(url)) for url in urls])

    def drive(self, until: Callable[[], Any]) -> Any:
        """Let the scheduler and the workers work until something is so; return it."""
        deadline = time.monotonic() + 60
        while not (so := until()):
            self.scheduler.step()
            logs = "\n".join(file.read_text()[-2000:] for file in self.log.glob("*.log"))
            assert time.monotonic() < deadline, f"{self.runtime.frontier.snapshot()}\n{logs}"
            time.sleep(0.02)
        return so

    def settle(self, *urls: str) -> None:
        self.submit(*urls)
        self.drive(lambda: not self.runtime.frontier.snapshot().unsettled)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return all rows, without what differs from run to run."""
        found = {}
        for row in self.runtime.store.rows():
            fields = {name: value for name, value in row.items() if name not in PASSING}
            for name in ("fetched_at", "near_score", "repeated_paragraphs"):
                fields["record"].pop(name, None)
            for event in fields["history"]:
                event.pop("at")
                event.pop("delay", None)  # by chance, within a quarter
            found[row["url"].replace(f":{self.port}", "")] = fields
        return found

    def celery(self, *arguments: str) -> str:
        """Return what `celery -A workers.app ...` prints."""
        command = [sys.executable, "-m", "celery", "-A", "workers.app", *arguments]
        env = {**os.environ, **self.settings.environment()}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60).stdout


@contextmanager
def plant(redis_url: str, folder: Path, port: int, queues: dict[str, str]) -> Iterator[Plant]:
    """Run a fetch worker (threads) and an enrich worker (prefork, every other queue)."""
    settings = load_settings(
        redis_url=redis_url,
        database_url=f"sqlite:///{folder}/newsmill.db",
        key_prefix=f"{folder.name}:",
        queues=queues,
        allow_networks=(ip_network("127.0.0.0/8"),),
        allow_ports=(port,),
        resolve={"test": "127.0.0.1"},
        host_interval=0,
        backoff_base=0.2,
        backoff_cap=1,
        drain_seconds=5,
        task_events=True,
    )
    rest = ",".join(sorted({settings.queue_of(stage.name) for stage in STAGES[1:]}))
    supervisor = Supervisor(folder / "pids")
    app = make_app(settings)
    app.newsmill.store.migrate()
    try:
        for name, options in (
            ("fetch", "-Q fetch -P threads -c 4"),
            ("enrich", f"-Q {rest} -P prefork -c 2"),
        ):
            celery = [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "-n", f"{name}@test"]
            command = [*celery, *options.split()]
            supervisor.start(Child(name, command, folder / f"{name}.log", env=settings.environment()))
        yield Plant(app, settings, port, supervisor, folder)
    finally:
        supervisor.stop(15)
        app.newsmill.redis.close()
        app.newsmill.store.close()
        app.close()


@pytest.fixture(scope="module")
def default(redis_url: str, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """The default layout, its first pages settled."""
    with plant(redis_url, tmp_path_factory.mktemp("default"), site.server_port, {}) as running:
        with Tap(redis_url, running.settings.key_prefix) as tap:
            running.settle(*FIRST_WAVE)
            running.settle(COPY)
        running.tap = tap
        yield running
    pools.reset()  # type: ignore[no-untyped-call]  # kombu shares them by URL among applications


def split_queues() -> dict[str, str]:
    return {stage.name: f"own-{stage.name}" for stage in STAGES[1:]}


def test_every_page_ends_as_it_should(default: Plant) -> None:
    ends = {url: (row["outcome"], row["reason"], row["stage"]) for url, row in default.rows().items()}
    enriched = {f"http://{language}.test/story": ("enriched", None, LAST) for language in TEXTS}
    assert {url: end for url, end in ends.items() if url in [*FIRST_WAVE, COPY]} == enriched | {
        FLAKY: ("enriched", None, LAST),
        COPY: ("duplicate", None, "dedupe"),
        MISSING: ("rejected", "not_found", "fetch"),
        PICTURE: ("rejected", "not_html", "fetch"),
        SECRET: ("rejected", "robots", "fetch"),
    }


def test_the_rows_hold_what_the_stages_found(default: Plant) -> None:
    rows = default.rows()
    for language, (title, text) in TEXTS.items():
        row = rows[f"http://{language}.test/story"]
        assert (row["language"], row["record"]["title"], row["attempts"]) == (language, title, 1)
        assert text.split(". ")[1] in row["record"]["text"]
        assert all(row[name] for name in ("extractor", "detector", "tagger", "content_id"))
    assert rows[COPY]["duplicate_of"] == default.here("http://en.test/story")
    assert [event["reason"] for event in rows[FLAKY]["history"]] == ["server_error"]
    assert (rows[FLAKY]["attempts"], rows[FLAKY]["deferrals"]) == (1, 1)


def test_every_stage_on_a_queue_of_its_own_makes_the_same_rows(
    default: Plant, redis_url: str, site: Site, tmp_path: Path
) -> None:
    expected = {url: row for url, row in default.rows().items() if url in [*FIRST_WAVE, COPY]}
    site.asked.clear()
    folder = tmp_path / "split"
    folder.mkdir()
    with plant(redis_url, folder, site.server_port, split_queues()) as split:
        with Tap(redis_url, split.settings.key_prefix) as tap:
            split.settle(*FIRST_WAVE)
            split.settle(COPY)
        assert split.rows() == expected
    hops = Counter(message["headers"]["task"] for message in tap.messages)
    assert hops.keys() == {stage.task for stage in STAGES}
    assert_no_bodies(tap)


def test_in_the_default_layout_an_article_is_two_messages(default: Plant) -> None:
    assert {message["headers"]["task"] for message in default.tap.messages} == {
        "tasks.fetch",
        "tasks.extract",
    }
    assert_no_bodies(default.tap)


def assert_no_bodies(tap: Tap) -> None:
    """Assert that no message that was ever pushed had a page or a text in it."""
    assert tap.messages
    for message in tap.messages:
        assert len(json.dumps(message)) < 4096
        ((record,), _, _) = json.loads(base64.b64decode(message["body"]))
        assert not {"html", "text"} & record.keys()


def test_nothing_is_left_of_settled_articles(default: Plant) -> None:
    redis: RedisClient = default.runtime.redis
    for left in ("body:*", "q:*", "flight", "leases", "later", "deferred", "celery:fetch", "celery:enrich"):
        assert not list(redis.scan_iter(match=default.settings.key_prefix + left)), left


def test_celery_inspect_lists_the_five_tasks(default: Plant) -> None:
    listed = default.celery("inspect", "registered", "-d", "enrich@test", "-j")
    assert json.loads(listed) == {"enrich@test": sorted(stage.task for stage in STAGES)}


def test_celery_call_with_a_bare_url_ends_in_a_row(default: Plant) -> None:
    url = default.here("http://called.test/story")
    default.celery("call", "tasks.fetch", "--args", json.dumps([url]))
    default.drive(lambda: default.runtime.store.row(article_id(url)))
    row = default.rows()["http://called.test/story"]
    assert (row["outcome"], row["record"]["title"]) == ("enriched", "A fair in winter")


def test_flower_sees_all_five_tasks_by_name_those_in_place_too(default: Plant) -> None:
    names: dict[str, str] = {}
    succeeded: set[str] = set()

    def received(event: dict[str, Any]) -> None:
        names[event["uuid"]] = event["name"]

    def ended(event: dict[str, Any]) -> None:
        succeeded.add(event["uuid"])

    with default.app.connection_for_read() as connection:
        handlers = {"task-received": received, "task-succeeded": ended}
        receiver = default.app.events.Receiver(connection, handlers=handlers)
        with receiver.consumer_context() as (connected, _, _):
            default.submit("http://watched.test/story")
            default.drive(
                lambda: (
                    drain(connected)
                    or {names.get(uuid) for uuid in succeeded} >= {one.task for one in STAGES}
                )
            )


def drain(connection: Any) -> None:
    """Handle the events that are there."""
    with suppress(TimeoutError):
        connection.drain_events(timeout=0.05)


def test_an_article_whose_enrich_process_is_killed_is_enriched_all_the_same(default: Plant) -> None:
    article = article_id(default.here(SLOW_TO_SETTLE))
    database = default.settings.database_url.get_secret_value().removeprefix("sqlite:///")
    lock = sqlite3.connect(database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")  # no row can be written: whoever has the article holds it until killed
    try:
        default.submit(SLOW_TO_SETTLE)
        os.kill(default.drive(lambda: busy_process(default, article)), signal.SIGKILL)
    finally:
        lock.close()
    default.drive(lambda: default.runtime.store.row(article))
    row = default.rows()[SLOW_TO_SETTLE]
    assert (row["outcome"], row["attempts"], row["stage"]) == ("enriched", 2, LAST)


def busy_process(running: Plant, article: str) -> int | None:
    """Return the pid of the enrich process that has the article, None if none has."""
    record = running.runtime.frontier.entry(article)
    if record is None or record.task != "extract":
        return None
    answers = running.app.control.inspect(destination=["enrich@test"], limit=1, timeout=5).active() or {}
    tasks = answers.get("enrich@test", [])
    return next((int(task["worker_pid"]) for task in tasks if task["worker_pid"]), None)

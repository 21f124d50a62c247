"""Ledger and messages of another version: what the version before has left is finished, what a newer one makes goes back."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery
from celery.worker.request import Request
from kombu import Queue

from tasks.article import Article, article_id
from tasks.pipeline import STAGES
from workers.delivery import tasks
from workers.delivery.messages import VERSION, VERSION_HEADER, publish
from workers.delivery.runtime import Runtime
from workers.errors import UserError
from workers.ledger import frontier as frontier_module
from workers.ledger.entries import Deferral, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

URL = "http://a.test/1"
ID = article_id(URL)
MakeFrontier = Callable[..., Frontier]
#: An article that waits, as the first release has it in Redis: its states, its host's queue, its counts.
OLD_BACKLOG = {
    "seen": b"w",
    "q": bytes.fromhex(ID)
    + b'{"priority":1,"at":1700000000123,"host":"a.test","url":"http://a.test/1","src":"{\\"desk\\":\\"S\\"}"}',
}


class Worker:
    """Publishes messages, and works on them as a Celery worker does; its stages only note what they were given."""

    def __init__(self, app: Celery, redis: RedisClient, prefix: str) -> None:
        self._app = app
        self._redis = redis
        self._prefix = prefix + "celery:"
        self.runtime: Runtime = app.newsmill
        self.given: list[Article] = []

    def step(self, article: Article) -> Article:
        """Be a stage."""
        self.given.append(article)
        return article

    def publish(self, **changes: Any) -> Article:
        """Claim the article and publish its message, in which fields are changed."""
        (lease,) = self.runtime.frontier.claim(1)
        publish(self._app, self.runtime.settings, lease.article)
        if changes:
            message = self._pop("fetch")
            body = json.loads(b64decode(message["body"]))
            body[0][0] |= changes
            self._push("fetch", {**message, "body": b64encode(json.dumps(body).encode()).decode()})
        return lease.article

    def take(self, queue: str, version: int | None = VERSION) -> None:
        """Work on the message that waits in a queue, as if it were of this version; None for one that notes none."""
        message = self._pop(queue)
        headers = {name: value for name, value in message["headers"].items() if name != VERSION_HEADER}
        if version is not None:
            headers[VERSION_HEADER] = version
        self._push(queue, {**message, "headers": headers})
        with self._app.connection_for_read() as connection, connection.channel() as channel:
            taken = Queue(queue)(channel).get()
            task = self._app.tasks[headers["task"]]
            Request(
                taken, on_ack=lambda *_: taken.ack(), app=self._app, hostname="worker", task=task
            ).execute()

    def waiting(self, queue: str) -> int:
        """Return how many messages wait."""
        count: int = self._redis.llen(self._prefix + queue)
        return count

    def _pop(self, queue: str) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._redis.rpop(self._prefix + queue))
        return message

    def _push(self, queue: str, message: dict[str, Any]) -> None:
        self._redis.rpush(self._prefix + queue, json.dumps(message))


@pytest.fixture
def worker(app: Celery, redis: RedisClient, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker with one submitted URL."""
    made = Worker(app, redis, prefix)
    made.runtime.store.migrate()
    monkeypatch.setattr(made.runtime.runner, "_steps", {stage.name: made.step for stage in STAGES})
    made.runtime.frontier.submit([submission(URL)])
    return made


def ended(worker: Worker) -> tuple[str, int, int]:
    """Return outcome, attempts and deferrals of the URL's row."""
    row = worker.runtime.store.row(ID)
    assert row
    return row["outcome"], row["attempts"], row["deferrals"]


def test_a_message_that_notes_no_version_is_worked_on(worker: Worker) -> None:
    worker.publish()
    worker.take("fetch", None)
    worker.take("enrich", None)
    assert ended(worker) == ("enriched", 1, 0)
    assert len(worker.given) == len(STAGES)


def test_a_message_of_the_version_before_is_worked_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "VERSION", VERSION + 1)
    worker.publish()
    worker.take("fetch")
    worker.take("enrich")
    assert ended(worker) == ("enriched", 1, 0)


@pytest.mark.parametrize("hops", [0, 1], ids=["first task", "next task"])
def test_a_message_of_a_newer_version_goes_back_at_no_cost_until_a_worker_knows_it(
    worker: Worker, pass_time: Callable[[], None], monkeypatch: pytest.MonkeyPatch, hops: int
) -> None:
    for _ in range(5):  # more often than there are attempts, of which there is one
        worker.publish()
        for _ in range(hops):
            worker.take("fetch")
        worker.take("enrich" if hops else "fetch", VERSION + 1)
        assert worker.runtime.frontier.state(ID) is State.DEFERRED
        entry = worker.runtime.frontier.entry(ID)
        assert entry
        assert (entry.attempts, entry.deferrals) == (0, 0)
        assert entry.history[-1].reason == "newer_version"
        assert f"is of version {VERSION + 1}, this worker knows {VERSION}" in entry.history[-1].detail
        pass_time()
    assert len(worker.given) == 5 * hops
    monkeypatch.setattr(tasks, "VERSION", VERSION + 1)
    worker.publish()
    worker.take("fetch", VERSION + 1)
    worker.take("enrich", VERSION + 1)
    assert ended(worker) == ("enriched", 1, 0)


def test_an_attempt_that_was_used_up_stays_so_when_a_newer_message_goes_back(
    worker: Worker,
    pass_time: Callable[[], None],
    make_frontier: MakeFrontier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frontier = make_frontier(max_attempts=2)
    monkeypatch.setattr(worker.runtime.runner, "_frontier", frontier)
    article = worker.publish()
    frontier.start(article, "fetch")
    frontier.defer(article, Deferral.RETRY, "fetch", reason="error")
    for _ in range(3):
        pass_time()
        worker.runtime.redis.delete("test:celery:fetch")
        worker.publish()
        worker.take("fetch", VERSION + 1)
        entry = frontier.entry(ID)
        assert entry
        assert (entry.attempts, entry.history[-1].reason) == (1, "newer_version")


def test_an_article_without_an_attempt_left_is_left_to_the_scheduler(worker: Worker) -> None:
    article = worker.publish()
    worker.runtime.frontier.start(article, "fetch")
    worker.take("fetch", VERSION + 1)
    entry = worker.runtime.frontier.entry(ID)
    assert entry
    assert (entry.attempts, worker.runtime.frontier.state(ID)) == (1, State.IN_FLIGHT)


def test_a_message_of_a_newer_version_may_have_fields_that_this_one_cannot_read(worker: Worker) -> None:
    worker.publish(source=7, reason="unheard of", topics="none")
    worker.take("fetch", VERSION + 1)
    assert worker.runtime.frontier.state(ID) is State.DEFERRED
    assert worker.waiting("fetch") == len(worker.given) == 0


def test_a_backlog_of_the_first_release_is_claimed_and_settled(
    redis: RedisClient, prefix: str, make_frontier: MakeFrontier, runtime: Runtime
) -> None:
    raw = bytes.fromhex(ID)
    redis.hset(f"{prefix}seen:".encode() + bytes((raw[0], raw[1] & 0xFE)), raw[1:], OLD_BACKLOG["seen"])
    redis.rpush(f"{prefix}q:1:a.test", OLD_BACKLOG["q"])
    redis.zadd(f"{prefix}ready:1", {"a.test": 0})
    redis.hset(f"{prefix}counts", "waiting", 1)
    redis.hset(f"{prefix}ages", 1_700_000_000_123 // 60_000, 1)
    frontier = make_frontier()
    frontier.check_version()
    (lease,) = frontier.claim(10)
    assert (lease.article.url, lease.article.extras) == (URL, {"desk": "S"})
    assert lease.article.submitted_at == 1_700_000_000.123
    runtime.store.migrate()
    assert frontier.start(lease.article, "fetch").verdict == "ok"
    assert runtime.ledger.fail(lease.article, stage="fetch", attempts=1)
    assert frontier.snapshot().settled == 1
    assert frontier.snapshot().unsettled == 0
    assert redis.get(f"{prefix}version") == b"%d" % frontier_module.VERSION


def test_an_article_that_the_first_release_has_leased_is_settled_under_its_token(
    redis: RedisClient, prefix: str, make_frontier: MakeFrontier, runtime: Runtime
) -> None:
    raw, token = bytes.fromhex(ID), "1700000000000001"
    entry = f'{{"priority":1,"at":1700000000123,"host":"a.test","url":"{URL}","token":"{token}","task":"fetch","attempts":1,"stage":"fetch"}}'
    redis.hset(f"{prefix}seen:".encode() + bytes((raw[0], raw[1] & 0xFE)), raw[1:], b"f")
    redis.hset(f"{prefix}flight", raw, entry)
    redis.zadd(f"{prefix}leases", {raw: 9e15})
    redis.hset(f"{prefix}host:a.test", "n", 1)
    redis.set(f"{prefix}fence", token)
    frontier = make_frontier()
    frontier.check_version()
    runtime.store.migrate()
    article = Article.from_message(
        {"id": ID, "url": URL, "token": int(token), "submitted_at": 1_700_000_000.123}
    )
    assert frontier.start(article, "extract").attempts == 1
    assert runtime.ledger.fail(article, stage="extract", attempts=1)
    row = runtime.store.row(ID)
    assert row
    assert row["token"] == int(token)


def test_the_version_is_noted_once_and_never_lowered(
    redis: RedisClient, prefix: str, make_frontier: MakeFrontier, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontier = make_frontier()
    frontier.check_version()
    frontier.check_version()
    assert redis.get(f"{prefix}version") == b"%d" % frontier_module.VERSION
    monkeypatch.setattr(frontier_module, "VERSION", frontier_module.VERSION + 1)
    frontier.check_version()
    assert redis.get(f"{prefix}version") == b"%d" % frontier_module.VERSION
    monkeypatch.undo()
    with pytest.raises(UserError, match="newer newsmill has upgraded the ledger"):
        frontier.check_version()
    assert redis.get(f"{prefix}version") == b"%d" % (frontier_module.VERSION + 1)


def test_a_full_redis_keeps_nobody_from_starting(redis: RedisClient, make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    redis.config_set("maxmemory", 1)
    try:
        frontier.check_version()
        frontier.check_version()
    finally:
        redis.config_set("maxmemory", 0)

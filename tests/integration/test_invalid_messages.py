"""Messages that nobody can read: they reach neither Celery nor a task, end nothing, and are kept for people."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from celery import Celery

from tasks.article import Article, Outcome
from tasks.pipeline import STAGES
from tests.poison import RUBBISH, poison
from workers.delivery.inbox import Inbox
from workers.delivery.message_check import FAULTS, LARGEST, InvalidMessageError, check_message
from workers.delivery.messages import publish
from workers.delivery.runtime import Runtime
from workers.delivery.scheduler import Scheduler
from workers.ledger.entries import State
from workers.ledger.frontier import Frontier
from workers.ledger.invalid import InvalidMessages
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

TASKS = {stage.task for stage in STAGES}
URL = "http://a.test/1"


@pytest.fixture
def good(app: Celery, runtime: Runtime, redis: RedisClient, prefix: str) -> bytes:
    """The message of an article in flight; it is in no queue."""
    runtime.frontier.submit([submission(URL, {"desk": "world", "odd": {"__type__": "uuid", "__value__": 7}})])
    (lease,) = runtime.frontier.claim(1)
    publish(app, runtime.settings, lease.article)
    item: bytes = redis.rpop(f"{prefix}celery:fetch")
    return item


@pytest.fixture
def kept(redis: RedisClient, prefix: str) -> InvalidMessages:
    return InvalidMessages(redis, prefix)


def test_what_newsmill_publishes_is_right(good: bytes) -> None:
    check_message(good, TASKS)


def test_so_is_what_celery_call_publishes(app: Celery, redis: RedisClient, prefix: str) -> None:
    app.send_task("tasks.fetch", [URL], queue="fetch")
    check_message(redis.rpop(f"{prefix}celery:fetch"), TASKS)


def test_so_is_a_message_of_a_newer_version_whatever_its_record_has(good: bytes) -> None:
    newer = dict(poison(good))["a record with {} as topics"]
    with pytest.raises(InvalidMessageError):
        check_message(newer, TASKS)
    message = json.loads(newer)
    message["headers"]["newsmill_version"] = 2
    check_message(json.dumps(message).encode(), TASKS)


def test_each_kind_of_poison_is_told_by_its_fault(good: bytes) -> None:
    through, told = {}, set()
    for name, item in poison(good).items():
        try:
            check_message(item, TASKS)
        except InvalidMessageError as invalid:
            told.add(invalid.fault)
        else:
            through[name] = item[:300]
    assert through == {}
    assert told == set(FAULTS) - {"unexpected"}


def test_a_message_that_is_too_large_is_not_even_read() -> None:
    with pytest.raises(InvalidMessageError) as invalid:
        check_message(b"[" * (LARGEST + 1), TASKS)
    assert invalid.value.fault == "too_large"


def test_an_inbox_keeps_what_it_refuses_and_lets_celerys_own_queues_be(
    runtime: Runtime, good: bytes, kept: InvalidMessages
) -> None:
    inbox = Inbox(runtime.settings)
    assert inbox.takes("fetch", good)
    assert inbox.takes("1.reply.celery.pidbox", b"whatever")
    assert kept.kept() == []
    assert not inbox.takes("fetch", b"[" * 5000)
    (one,) = kept.kept()
    assert (one.queue, one.reason, one.size, one.message) == ("fetch", "envelope", 5000, b"[" * 4096)
    assert kept.counts() == {("fetch", "envelope"): 1}


def test_only_the_newest_are_kept_and_all_are_counted(redis: RedisClient, kept: InvalidMessages) -> None:
    before = redis.info("memory")["used_memory"]
    for number in range(150):
        kept.keep("fetch", "body", f"number {number}\nof many\x1b[31m" + "x" * 1000, bytes(100_000))
    assert redis.info("memory")["used_memory"] - before < 1_000_000
    found = kept.kept()
    assert len(found) == 100
    assert found[-1].detail.startswith("number 149 of many")
    assert "\x1b" not in found[-1].detail
    assert kept.counts() == {("fetch", "body"): 150}
    assert kept.forget() == 100
    assert kept.kept() == []
    assert kept.counts() == {("fetch", "body"): 150}


@pytest.mark.parametrize("item", [b"", b"\n", b"x\n" * 9, b"1\n2\n", b"\xff"])
def test_what_somebody_else_put_there_is_left_out(
    redis: RedisClient, prefix: str, kept: InvalidMessages, item: bytes
) -> None:
    redis.rpush(f"{prefix}invalid", item)
    assert kept.kept() == []


@dataclass(frozen=True)
class Keys:
    """The ledger, and how to write into it past it."""

    frontier: Frontier
    redis: RedisClient
    prefix: str

    def key(self, name: str) -> str:
        return self.prefix + name

    def put(self, where: str, raw: bytes, record: bytes) -> None:
        """Put `record` where the only URL waits; or where it is in flight, its lease over, or deferred and due."""
        redis = self.redis
        if where == "waiting":
            redis.lset(self.key("q:1:a.test"), 0, raw + record)
            return
        self.frontier.claim(1)
        redis.hset(self.key("flight"), raw, record)
        redis.zadd(self.key("leases"), {raw: 0})
        if where == "deferred":
            redis.hdel(self.key("flight"), raw)
            redis.zrem(self.key("leases"), raw)
            redis.hset(self.key("host:a.test"), "n", 0)
            redis.hset(self.key("deferred"), raw, record)
            redis.zadd(self.key("later"), {raw: 1})
            redis.hincrby(self.key("counts"), "deferred", 1)


@pytest.fixture
def ledger(runtime: Runtime, redis: RedisClient, prefix: str) -> Keys:
    return Keys(runtime.frontier, redis, prefix)


@pytest.fixture
def scheduler(app: Celery, runtime: Runtime) -> Scheduler:
    return Scheduler(app, runtime)


def test_a_scheduler_reads_past_poison_in_every_queue(
    scheduler: Scheduler, ledger: Keys, good: bytes, expire_leases: Callable[..., None]
) -> None:
    for queue in ("fetch", "enrich"):
        ledger.redis.rpush(ledger.key(f"celery:{queue}"), *poison(good).values())
    ledger.redis.rpush(ledger.key("celery:enrich"), good)
    expire_leases()
    scheduler.reclaim()
    (lease,) = ledger.frontier.leased()
    assert ledger.frontier.expired() == []  # its message waits, so its lease was renewed
    assert lease.entry.history == ()


def test_a_scheduler_takes_out_copies_that_nobody_can_read(
    scheduler: Scheduler, redis: RedisClient, prefix: str, good: bytes, kept: InvalidMessages
) -> None:
    copies = {f"tag {name}": text for name, text in RUBBISH.items()}
    copies["held"] = json.dumps([json.loads(good), "newsmill", "fetch"]).encode()
    redis.hset(f"{prefix}celery:unacked", mapping=copies)
    redis.zadd(f"{prefix}celery:unacked_index", dict.fromkeys(copies, 1))
    scheduler.step()
    assert redis.hkeys(f"{prefix}celery:unacked") == [b"held"]
    assert kept.counts() == {("unacked", "envelope"): len(RUBBISH)}


RECORDS = {
    **RUBBISH,
    "no text in UTF-8": b'{"url":"http://a.test/\xff","at":1,"host":"a.test","priority":1,"token":"1"}',
    "a number as URL": b'{"url":7,"at":1,"host":"a.test","priority":1}',
    "no time": b'{"url":"http://a.test/1","host":"a.test","priority":1}',
    "half an attempt": b'{"url":"http://a.test/1","at":1,"host":"a.test","priority":1,"attempts":1.5}',
    "a list as host": b'{"url":"http://a.test/1","at":1,"host":[],"priority":1}',
    "odd guests": b'{"url":"http://a.test/1","at":1,"host":"a.test","priority":1,"guests":[1]}',
    "an odd history": b'{"url":"http://a.test/1","at":1,"host":"a.test","priority":1,"history":[1]}',
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("where", ["waiting", "in flight", "deferred"])
def test_a_record_that_nobody_can_read_stops_nobody_else(
    scheduler: Scheduler, ledger: Keys, kept: InvalidMessages, where: str, record: bytes
) -> None:
    frontier, odd = ledger.frontier, submission(URL)
    frontier.submit([odd])
    ledger.put(where, bytes.fromhex(odd.id), record)
    frontier.submit([submission("http://a.test/2"), submission("http://b.test/1")])
    for _ in range(3):
        scheduler._due.clear()  # as if a second had passed
        scheduler.step()
        for lease in frontier.leased():
            frontier.settle(lease.article, Outcome.REJECTED)
    now = frontier.snapshot()
    assert (now.waiting, now.in_flight, now.deferred, now.settled) == (0, 0, 0, 2)
    assert frontier.state(odd.id) is State.UNKNOWN
    assert sum(kept.counts().values()) == 1
    assert frontier.submit([odd]) == "n"
    assert len(frontier.claim(1)) == 1


def test_numbers_that_are_none_count_for_nothing(
    make_frontier: Callable[..., Frontier], redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    redis.hset(
        f"{prefix}host:a.test",
        mapping=dict.fromkeys(("n", "due", "fails", "pause", "pace", "last", "next"), "x"),
    )
    redis.hdel(f"{prefix}host:a.test", "n")
    redis.mset({f"{prefix}fence": "nan", f"{prefix}pulse": "inf"})
    redis.hset(f"{prefix}counts", "enriched", "many")
    frontier.submit([submission(URL)])
    (lease,) = frontier.claim(1)
    frontier.pulse()
    assert frontier.turn(lease.article, "a.test").verdict == "go"
    assert frontier.host_state("a.test")["fails"] == 0
    frontier.snapshot()


def test_a_part_of_the_round_that_fails_does_not_keep_the_others_from_being_done(
    scheduler: Scheduler, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(scheduler, "reclaim", broken)
    monkeypatch.setattr(scheduler, "_forget", broken)
    runtime.frontier.submit([submission(URL)])
    assert scheduler.step() == 1


def test_a_key_of_another_type_does_not_stop_the_scheduler(
    scheduler: Scheduler, runtime: Runtime, redis: RedisClient, prefix: str
) -> None:
    redis.set(f"{prefix}celery:unacked", "somebody else's")
    redis.set(f"{prefix}celery:enrich", "somebody else's")
    runtime.frontier.submit([submission(URL)])
    assert scheduler.step() == 1


def test_an_article_is_what_it_was_whatever_its_list_said(app: Celery, good: bytes) -> None:
    """kombu's own reader of JSON would make an object of `__type__`, or fail."""
    message = app.connection().default_channel.message_to_python(json.loads(good))
    ((record,), _, _) = message.decode()
    assert Article.from_message(record).extras["odd"] == {"__type__": "uuid", "__value__": 7}

"""What the scheduler promises: what is due is published once, what was lost comes back, what is dead is buried."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery
from sqlalchemy.exc import OperationalError

from tasks.article import Article, Outcome, article_id
from tasks.pipeline import STAGES
from tasks.url_keys import UrlKeys
from workers.delivery.messages import publish
from workers.delivery.runtime import Runtime
from workers.delivery.scheduler import Scheduler
from workers.delivery.store_watch import StoreWatch
from workers.ledger.entries import Deferral, State
from workers.ledger.identity import LedgerIdentity
from workers.ledger.redis_client import RedisClient
from workers.ledger.rekey import Rekeying
from workers.ledger.submit import submission
from workers.store.rows import Result

URL = "http://a.test/1"
Expire = Callable[..., None]


@pytest.fixture
def scheduler(app: Celery, runtime: Runtime) -> Scheduler:
    return Scheduler(app, runtime)


@pytest.fixture
def messages(redis: RedisClient, prefix: str) -> Callable[[str], list[bytes]]:
    """The messages that wait in a queue."""
    return lambda queue: redis.lrange(f"{prefix}celery:{queue}", 0, -1)


def submit(runtime: Runtime, *urls: str, source: dict[str, Any] | None = None) -> None:
    runtime.frontier.submit([submission(url, source) for url in urls])


def leased(runtime: Runtime) -> Article:
    (lease,) = runtime.frontier.leased()
    return lease.article


def test_what_is_due_is_published_once(
    runtime: Runtime, scheduler: Scheduler, messages: Callable[[str], list[bytes]]
) -> None:
    submit(runtime, URL, "http://b.test/1")
    assert [scheduler.step() for _ in range(3)] == [2, 0, 0]
    assert len(messages("fetch")) == 2
    assert runtime.meter.registry.get_sample_value("newsmill_published_total") == 2


def test_a_message_is_a_standard_chain_of_five_tasks_that_routing_alone_may_split(
    runtime: Runtime, scheduler: Scheduler, messages: Callable[[str], list[bytes]]
) -> None:
    submit(runtime, URL)
    scheduler.step()
    (raw,) = messages("fetch")
    message = json.loads(raw)
    (record,), _, embedded = json.loads(base64.b64decode(message["body"]))
    later = list(reversed(embedded["chain"]))
    assert [message["headers"]["task"], *(link["task"] for link in later)] == [one.task for one in STAGES]
    assert [link["options"]["queue"] for link in later] == ["enrich"] * 4
    assert Article.from_message(record) == leased(runtime)


def test_a_message_stays_under_4_kb_with_an_ordinary_source(
    runtime: Runtime, scheduler: Scheduler, messages: Callable[[str], list[bytes]]
) -> None:
    submit(runtime, "http://a.test/" + "x" * 200, source={"desk": "world", "row": 12, "note": "y" * 100})
    scheduler.step()
    assert [len(message) < 4096 for message in messages("fetch")] == [True]


def test_a_lost_message_is_published_again_once_its_lease_has_run_out(
    runtime: Runtime, scheduler: Scheduler, redis: RedisClient, prefix: str, expire_leases: Expire
) -> None:
    submit(runtime, URL)
    scheduler.step()
    before = leased(runtime)
    redis.delete(f"{prefix}celery:fetch")
    expire_leases()
    scheduler.reclaim()
    assert runtime.frontier.state(before.id) is State.WAITING
    assert scheduler.step() == 1
    assert leased(runtime).token > before.token
    assert runtime.meter.registry.get_sample_value("newsmill_leases_expired_total") == 1


@pytest.mark.parametrize("queue", ["fetch", "enrich"])
def test_an_article_that_waits_for_a_worker_is_not_lost_whatever_its_hop(
    app: Celery, scheduler: Scheduler, expire_leases: Expire, queue: str
) -> None:
    runtime: Runtime = app.newsmill
    submit(runtime, URL)
    (lease,) = runtime.frontier.claim(1)
    if queue == "enrich":
        assert runtime.frontier.start(lease.article, "fetch").verdict == "ok"
    publish(app, runtime.settings, lease.article, queue=queue)
    expire_leases()
    scheduler.reclaim()
    assert leased(runtime) == lease.article
    assert runtime.frontier.expired() == []
    assert runtime.store.row(lease.article.id) is None


def test_an_article_that_died_with_its_worker_too_often_is_buried_with_the_stage(
    runtime: Runtime, scheduler: Scheduler, expire_leases: Expire
) -> None:
    submit(runtime, URL)
    (lease,) = runtime.frontier.claim(1)
    runtime.frontier.start(lease.article, "fetch")
    runtime.frontier.start(lease.article, "extract")
    expire_leases()
    scheduler.reclaim()
    row = runtime.store.row(lease.article.id)
    assert row
    assert (row["outcome"], row["reason"], row["stage"]) == ("failed", "crashed", "extract")
    assert (row["attempts"], [event["event"] for event in row["history"]]) == (1, ["lost"])
    assert runtime.frontier.snapshot().outcomes[Outcome.FAILED] == 1


def test_a_row_that_was_written_before_its_worker_died_is_not_overwritten(
    runtime: Runtime, scheduler: Scheduler, expire_leases: Expire
) -> None:
    submit(runtime, URL)
    (lease,) = runtime.frontier.claim(1)
    runtime.frontier.start(lease.article, "fetch")
    result = Result(outcome=Outcome.ENRICHED, stage="tag_topics", settled_at=1_700_000_000)
    runtime.store.write(lease.article, "a.test", result)
    expire_leases()
    scheduler.reclaim()
    assert runtime.store.statistics.tally() == [("enriched", None, 1)]
    assert runtime.frontier.snapshot().outcomes[Outcome.ENRICHED] == 1
    assert runtime.frontier.snapshot().unsettled == 0


def test_how_far_the_store_has_come_is_noted_and_never_taken_back(
    runtime: Runtime, scheduler: Scheduler, redis: RedisClient, prefix: str
) -> None:
    ledger = LedgerIdentity(redis, prefix)
    runtime.store.write(Article(id="a" * 32, url=URL), "a.test", Result(outcome=Outcome.ENRICHED, stage="x"))
    scheduler.note_changes()
    assert ledger.changes() == runtime.store.changes.highest() == 1
    ledger.note_changes(7)
    scheduler.note_changes()
    assert ledger.changes() == 7


def test_nothing_is_claimed_while_the_store_takes_no_rows(
    runtime: Runtime, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(runtime, URL)
    (lease,) = runtime.frontier.claim(1)
    runtime.frontier.start(lease.article, "fetch")
    runtime.frontier.defer(lease.article, Deferral.SYSTEM, "fetch", reason="store_down", store_away=True)
    submit(runtime, "http://b.test/")

    def away() -> None:
        raise OperationalError("UPDATE", {}, Exception("read-only"))

    with monkeypatch.context() as patch:
        patch.setattr(runtime.store, "probe", away)
        assert scheduler.step() == 0
        assert runtime.meter.registry.get_sample_value("newsmill_store_takes_rows") == 0
        assert runtime.frontier.store_away()
    watch = StoreWatch(runtime.frontier, runtime.store)
    assert not watch.takes_rows(), "it was away: this look makes sure that it is back"
    assert not runtime.frontier.store_away()


def test_a_row_of_an_earlier_submission_does_not_end_a_new_one(
    runtime: Runtime, scheduler: Scheduler, expire_leases: Expire
) -> None:
    result = Result(outcome=Outcome.ENRICHED, stage="tag_topics", settled_at=1_700_000_000)
    runtime.store.write(Article(id=article_id(URL), url=URL), "a.test", result)
    submit(runtime, URL)
    (lease,) = runtime.frontier.claim(1)
    runtime.frontier.start(lease.article, "fetch")
    expire_leases()
    scheduler.reclaim()
    assert runtime.store.statistics.tally() == [("failed", "crashed", 1)]


def test_urls_get_new_ids_before_anything_is_claimed(app: Celery, runtime: Runtime) -> None:
    before, after = UrlKeys(["utm_*"]), UrlKeys(["utm_*", "from"])
    url = "http://a.test/1?from=x"
    runtime.store.identity.settle("5" * 32)
    runtime.frontier.submit([submission(url, keys=before)])
    rekeying = Rekeying(runtime.redis, runtime.settings.key_prefix, runtime.store, after)
    scheduler = Scheduler(app, runtime, rekeying=rekeying)
    scheduler.step()
    [lease] = runtime.frontier.leased()
    assert (lease.article.id, rekeying.is_done()) == (after.id_of_request(url), True)


def test_giving_new_ids_begins_again_after_an_outage(
    app: Celery, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.store.identity.settle("5" * 32)
    runtime.frontier.submit([submission("http://a.test/1?from=x")])
    rekeying = Rekeying(runtime.redis, runtime.settings.key_prefix, runtime.store, UrlKeys(["from"]))
    scheduler = Scheduler(app, runtime, rekeying=rekeying)
    with monkeypatch.context() as broken:
        broken.setattr(runtime.store.rekey, "note", lambda _: raise_outage())
        with pytest.raises(OperationalError):
            scheduler.step()
    assert not rekeying.is_done()
    scheduler.step()
    assert rekeying.is_done()


def raise_outage() -> None:
    raise OperationalError("UPDATE", {}, ConnectionError("away"))

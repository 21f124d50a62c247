"""What one delivery of an article comes to: the runner on a real Redis and on both databases.

The stages are small functions here: they are the seam. Everything else is what runs in production.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from monitoring.metrics import Meter
from tasks.article import Article, Hop, Outcome
from tasks.dedupe.stage import dedupe
from tasks.dedupe.text import content_id
from tasks.errors import Failed, Reason, Rejected, TryLater
from tasks.pipeline import STAGES
from tasks.stage import Step
from workers.delivery.runner import Runner
from workers.ledger import settle as ledger_module
from workers.ledger.bodies import Bodies
from workers.ledger.content_index import ContentIndex
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.settle import Ledger
from workers.ledger.submit import submission
from workers.store.rows import Result
from workers.store.store import Store

URL = "http://a.test/1"
FETCH, *ENRICH = (stage.name for stage in STAGES)

#: The error that a row of this article gets, None where it is written.
ErrorFor = Callable[[Article], Exception | None]


def ending(error: Exception) -> Step:
    """Return a stage that ends every article like this."""

    def end(_: Article) -> Article:
        raise error

    return end


@dataclass
class Delivery:
    """A runner on its own frontier and store, with the scheduler's hand: claim and deliver."""

    frontier: Frontier
    store: Store
    bodies: Bodies
    contents: ContentIndex
    meter: Meter
    steps: dict[str, Step]
    runner: Runner
    pass_time: Callable[[], None]

    def claim(self, url: str = URL) -> Article:
        """Submit a URL where it is new, and lease it."""
        self.frontier.submit([submission(url)])
        self.pass_time()
        (lease,) = self.frontier.claim(9)
        return lease.article

    def deliver(self, article: Article, *, whole_chain: bool = True) -> None:
        """Deliver the article as Celery does: two tasks, with the message and the body between them."""
        onward = self.runner.deliver(article, [FETCH], more=True)
        if onward is not None and whole_chain:
            self.runner.deliver(Article.from_message(onward.to_message()), ENRICH)

    def settle(self, url: str = URL) -> RowMapping:
        """Work on a URL until it has its row."""
        for _ in range(20):
            self.deliver(self.claim(url))
            if not self.frontier.snapshot().unsettled:
                return self.row(url)
        raise AssertionError("never ends")

    def row(self, url: str = URL) -> RowMapping:
        found = self.store.row(submission(url).id)
        assert found
        return found

    def counted(self, name: str, **labels: str) -> float:
        return self.meter.registry.get_sample_value(f"newsmill_{name}_total", labels) or 0


@pytest.fixture
def delivery(
    make_frontier: Callable[..., Frontier],
    store: Store,
    redis: RedisClient,
    prefix: str,
    pass_time: Callable[[], None],
) -> Delivery:
    frontier = make_frontier(max_attempts=2, max_deferrals=2)
    bodies = Bodies(redis, prefix, 600)
    contents = ContentIndex(redis, prefix, store.url_of)
    meter = Meter()
    steps: dict[str, Step] = {name: lambda article: article for name in ENRICH}
    steps |= {
        FETCH: lambda article: article.evolve(html=b"<p>page", status=200),
        "extract": lambda article: article.evolve(text=f"text of {(article.html or b'').decode()}"),
        "dedupe": lambda article: dedupe(article, contents=contents),
    }
    runner = Runner(steps, frontier, bodies, Ledger(frontier, store, contents, meter), meter)
    return Delivery(frontier, store, bodies, contents, meter, steps, runner, pass_time)


def test_an_article_that_goes_straight_through_is_enriched(delivery: Delivery) -> None:
    row = delivery.settle()
    assert (row["outcome"], row["reason"], row["stage"]) == ("enriched", None, ENRICH[-1])
    assert (row["attempts"], row["deferrals"], row["history"]) == (1, 0, [])
    assert (row["host"], row["record"]["text"]) == ("a.test", "text of <p>page")
    assert row["timings"].keys() == {FETCH, *ENRICH}
    assert row["settled_at"] >= row["submitted_at"]
    assert delivery.counted("articles", outcome="enriched", reason="") == 1


def test_an_article_whose_settlement_a_failover_has_lost_is_not_worked_on_again(
    delivery: Delivery, redis: RedisClient, prefix: str
) -> None:
    before = delivery.settle()
    # What the replica knows that is the master now: the article waits.
    claimed = dict.fromkeys(redis.scan_iter(f"{prefix}content:*"))
    for key in (f"{prefix}counts", *redis.scan_iter(f"{prefix}seen:*"), *claimed):
        redis.delete(key)
    article = delivery.claim()
    redis.hset(f"{prefix}flight", bytes.fromhex(article.id), _record_of_before(delivery, article, before))
    redis.hset(f"{prefix}failover", "replid", "that of the master before")
    delivery.steps[FETCH] = ending(AssertionError("fetched again"))
    delivery.deliver(article.evolve(submitted_at=before["submitted_at"].timestamp()))
    assert delivery.row()["timings"] == before["timings"]
    assert delivery.frontier.snapshot().unsettled == 0
    assert delivery.counted("deferrals", kind="retry", reason="error") == 0
    assert dict.fromkeys(redis.scan_iter(f"{prefix}content:*")) == claimed != {}


def _record_of_before(delivery: Delivery, article: Article, row: RowMapping) -> bytes:
    entry = delivery.frontier.entry(article.id)
    assert entry
    return msgspec.json.encode(
        msgspec.structs.replace(entry, at=round(row["submitted_at"].timestamp() * 1000))
    )


def test_the_page_does_not_travel_in_the_message_and_is_gone_in_the_end(
    delivery: Delivery, redis: RedisClient, prefix: str
) -> None:
    article = delivery.claim()
    onward = delivery.runner.deliver(article, [FETCH], more=True)
    assert onward
    assert not {"html", "text"} & onward.to_message().keys()
    (body,) = redis.scan_iter(match=f"{prefix}body:*")
    assert delivery.bodies.unpack(article, redis.get(body)).html == b"<p>page"
    delivery.runner.deliver(Article.from_message(onward.to_message()), ENRICH)
    assert not list(redis.scan_iter(match=f"{prefix}body:*"))


def test_a_copy_ends_at_the_stage_that_found_it(delivery: Delivery) -> None:
    delivery.settle()
    row = delivery.settle("http://b.test/copy")
    assert (row["outcome"], row["stage"], row["duplicate_of"]) == ("duplicate", "dedupe", URL)
    assert "tag_topics" not in row["timings"]
    assert delivery.counted("articles", outcome="duplicate", reason="") == 1


@pytest.mark.parametrize("stage", [FETCH, *ENRICH])
def test_a_rejected_article_is_settled_at_once_with_its_reason(delivery: Delivery, stage: str) -> None:
    delivery.steps[stage] = ending(Rejected(Reason.NO_ARTICLE, "a sentence"))
    row = delivery.settle()
    assert (row["outcome"], row["reason"], row["detail"]) == ("rejected", "no_article", "a sentence")
    assert (row["stage"], row["attempts"], row["history"]) == (stage, 1, [])
    assert delivery.counted("articles", outcome="rejected", reason="no_article") == 1


def test_a_row_has_what_is_known_in_spite_of_the_ending(delivery: Delivery) -> None:
    loop = Failed(Reason.REDIRECT_LOOP, "a loop")
    loop.known["hops"] = (Hop(URL, 302, "redirect"),)
    delivery.steps[FETCH] = ending(loop)
    row = delivery.settle()
    assert (row["outcome"], row["reason"]) == ("failed", "redirect_loop")
    assert row["record"]["hops"] == [{"url": URL, "status": 302, "led_on": "redirect"}]


def test_an_article_put_off_comes_back_and_its_row_tells(delivery: Delivery) -> None:
    fetch = delivery.steps[FETCH]
    delivery.steps[FETCH] = ending(TryLater(Reason.SERVER_ERROR, "status 503", after=30))
    delivery.deliver(delivery.claim())
    delivery.steps[FETCH] = fetch
    row = delivery.settle()
    assert (row["outcome"], row["attempts"], row["deferrals"]) == ("enriched", 1, 1)
    (event,) = row["history"]
    assert event.pop("at") > 1_700_000_000_000
    assert event == {
        "event": "later",
        "stage": FETCH,
        "reason": "server_error",
        "detail": "status 503",
        "delay": 30_000,
    }
    assert delivery.counted("deferrals", kind="later", reason="server_error") == 1


def test_an_article_put_off_too_often_fails_with_the_reason(delivery: Delivery) -> None:
    delivery.steps[FETCH] = ending(TryLater(Reason.RATE_LIMITED, "status 429"))
    row = delivery.settle()
    assert (row["outcome"], row["reason"], row["detail"]) == ("failed", "rate_limited", "status 429")
    assert (row["stage"], row["attempts"], row["deferrals"]) == (FETCH, 1, 2)
    assert [event["event"] for event in row["history"]] == ["later", "later"]


def test_a_host_is_dead_once_as_many_of_its_urls_have_failed_as_one_has_deferrals(delivery: Delivery) -> None:
    delivery.steps[FETCH] = ending(TryLater(Reason.UNREACHABLE, whole_host=True))
    assert delivery.settle()["deferrals"] == 2
    assert delivery.settle("http://a.test/2")["deferrals"] == 1
    assert delivery.settle("http://a.test/3")["deferrals"] == 0
    assert delivery.settle("http://b.test/1")["deferrals"] == 2


def test_a_stage_that_breaks_is_tried_again_then_the_article_fails(delivery: Delivery) -> None:
    delivery.steps["extract"] = ending(KeyError("og:title"))
    row = delivery.settle()
    assert (row["outcome"], row["reason"], row["detail"]) == ("failed", "error", "KeyError: 'og:title'")
    assert (row["stage"], row["attempts"]) == ("extract", 2)
    assert [(event["event"], event["stage"]) for event in row["history"]] == [("retry", "extract")]
    assert delivery.counted("deferrals", kind="retry", reason="error") == 1
    assert delivery.counted("articles", outcome="failed", reason="error") == 1


def test_a_stage_that_breaks_once_costs_an_attempt_only(delivery: Delivery) -> None:
    extract = delivery.steps["extract"]
    delivery.steps["extract"] = ending(MemoryError())
    delivery.deliver(delivery.claim())
    delivery.steps["extract"] = extract
    row = delivery.settle()
    assert (row["outcome"], row["attempts"], len(row["history"])) == ("enriched", 2, 1)


def test_a_failed_row_holds_nothing_of_what_broke_it_and_frees_its_content(delivery: Delivery) -> None:
    delivery.steps["tag_topics"] = ending(ValueError("broken"))
    row = delivery.settle()
    assert (row["outcome"], row["content_id"], row["record"]) == ("failed", None, {})
    delivery.steps["tag_topics"] = lambda article: article
    copy = delivery.settle("http://b.test/copy")
    assert (copy["outcome"], copy["content_id"]) == ("enriched", content_id("text of <p>page"))


def test_a_stale_delivery_runs_nothing_and_changes_nothing(
    delivery: Delivery, expire_leases: Callable[[], None]
) -> None:
    stale = delivery.claim()
    expire_leases()
    delivery.frontier.reclaim()
    delivery.steps[FETCH] = ending(AssertionError("ran"))
    delivery.deliver(stale)
    assert delivery.store.row(stale.id) is None
    assert delivery.frontier.snapshot().waiting == 1
    assert delivery.counted("stale_deliveries") == 1


def test_an_attempt_that_lost_its_lease_while_it_worked_does_not_settle(
    delivery: Delivery, expire_leases: Callable[[], None]
) -> None:
    def slow(article: Article) -> Article:
        expire_leases()
        delivery.frontier.reclaim()
        return article

    delivery.steps["tag_topics"] = slow
    delivery.deliver(delivery.claim())
    assert (delivery.frontier.snapshot().waiting, delivery.counted("stale_deliveries")) == (1, 1)
    assert delivery.counted("articles", outcome="enriched", reason="") == 0


@pytest.mark.parametrize("same_lease", [True, False])
def test_what_was_written_before_its_worker_died_is_settled_without_running_again(
    delivery: Delivery, expire_leases: Callable[[], None], same_lease: bool
) -> None:
    article = delivery.claim()
    delivery.frontier.start(article, FETCH)
    delivery.store.write(article, "a.test", Result(outcome=Outcome.REJECTED, reason="robots", stage=FETCH))
    delivery.steps[FETCH] = ending(AssertionError("ran"))
    if same_lease:  # its message comes again
        delivery.deliver(article)
    else:
        expire_leases()
        delivery.frontier.reclaim()
        delivery.deliver(delivery.claim())
    row = delivery.row()
    assert (row["outcome"], row["reason"], row["token"]) == ("rejected", "robots", article.token)
    assert delivery.frontier.snapshot().outcomes[Outcome.REJECTED] == 1
    assert delivery.counted("articles", outcome="rejected", reason="robots") == 1


def test_a_page_that_kills_its_workers_is_quarantined_with_the_stage_it_died_in(delivery: Delivery) -> None:
    article = delivery.claim()
    onward = delivery.runner.deliver(article, [FETCH], more=True)
    assert onward
    for _ in range(2):
        assert delivery.frontier.start(article, ENRICH[0]).verdict == "ok"
        delivery.frontier.start(article, "detect_language", in_place=True)
    delivery.steps[ENRICH[0]] = ending(AssertionError("ran"))
    delivery.runner.deliver(onward, ENRICH)
    row = delivery.row()
    assert (row["outcome"], row["reason"], row["attempts"]) == ("failed", "crashed", 2)
    assert row["stage"] == "detect_language"
    assert delivery.frontier.snapshot().outcomes[Outcome.FAILED] == 1


def test_an_attempt_after_a_death_notes_each_stage_it_comes_to(delivery: Delivery) -> None:
    article = delivery.claim()
    seen: list[str] = []

    def note(result: Article) -> Article:
        record = delivery.frontier.entry(result.id)
        assert record
        seen.append(record.stage)
        return result

    delivery.steps["dedupe"] = note
    delivery.frontier.start(article, FETCH)
    delivery.deliver(article)
    assert seen == ["dedupe"]


@pytest.fixture
def broken_store(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> Callable[[ErrorFor], None]:
    """Make the store refuse rows: those that the test names an error for."""
    write = delivery.store.write

    def break_it(error_for: ErrorFor) -> None:
        def refuse(article: Article, host: str, result: Result) -> bool:
            error = error_for(article)
            if error:
                raise error
            return write(article, host, result)

        monkeypatch.setattr(delivery.store, "write", refuse)

    monkeypatch.setattr(ledger_module, "WRITE_PAUSES", ())
    return break_it


def test_a_store_that_is_away_burns_no_attempt(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None]
) -> None:
    outage = OperationalError("INSERT", {}, Exception("no server"))
    broken_store(lambda _: outage)
    for _ in range(4):  # more often than there are attempts or deferrals
        delivery.deliver(delivery.claim())
    assert delivery.frontier.snapshot().deferred == 1
    broken_store(lambda _: None)
    row = delivery.settle()
    assert (row["outcome"], row["attempts"], row["deferrals"]) == ("enriched", 1, 0)
    assert [(event["event"], event["reason"]) for event in row["history"]] == [("system", "store_down")] * 4
    assert delivery.counted("deferrals", kind="system", reason="store_down") == 4


def test_a_column_that_is_gone_burns_no_attempt(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "WRITE_PAUSES", ())
    engine = delivery.store.engine

    def rename(old: str, new: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE articles RENAME COLUMN {old} TO {new}")

    rename("detail", "gone")
    for _ in range(4):  # more often than there are attempts or deferrals
        delivery.deliver(delivery.claim())
    rename("gone", "detail")
    row = delivery.settle()
    assert (row["outcome"], row["attempts"], row["deferrals"]) == ("enriched", 1, 0)


def test_a_store_that_is_back_within_the_pauses_goes_unnoticed(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "WRITE_PAUSES", (0, 0))
    errors = [OperationalError("INSERT", {}, Exception("locked")) for _ in range(2)]
    broken_store(lambda _: errors.pop() if errors else None)
    row = delivery.settle()
    assert (row["outcome"], row["history"]) == ("enriched", [])


def test_a_row_that_the_database_does_not_take_ends_its_article_at_once(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None]
) -> None:
    refused = DataError("INSERT", {}, Exception("invalid text \ud800"))
    broken_store(lambda article: refused if article.text else None)
    row = delivery.settle()
    assert (row["outcome"], row["reason"], row["attempts"]) == ("failed", "row_refused", 1)
    assert row["detail"] == "invalid text \\ud800"
    assert row["record"] == {}


def test_of_an_article_whose_source_is_refused_the_row_has_the_url(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None]
) -> None:
    refused = IntegrityError("INSERT", {}, Exception("a constraint of the operator's"))
    broken_store(lambda article: refused if article.extras else None)
    delivery.frontier.submit([submission(URL, {"desk": "world"})])
    delivery.deliver(delivery.claim())
    row = delivery.row()
    assert (row["outcome"], row["reason"], row["url"]) == ("failed", "row_refused", URL)
    assert delivery.frontier.snapshot().unsettled == 0


def test_what_no_driver_can_pass_is_the_rows_trouble(delivery: Delivery) -> None:
    delivery.steps["extract"] = lambda article: article.evolve(text="half of \ud83d a character")
    row = delivery.settle()
    assert (row["outcome"], row["reason"]) == ("failed", "row_refused")


def test_an_article_that_misses_while_the_rows_of_others_are_written_fails(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None]
) -> None:
    outage = OperationalError("INSERT", {}, Exception("out of memory"))
    broken_store(lambda article: outage if article.text and article.url == URL else None)
    for number in range(2):  # as many misses as there may be deferrals: one cannot know of the first
        delivery.deliver(delivery.claim())
        assert delivery.frontier.snapshot().deferred == 1
        delivery.frontier.submit([submission(f"http://b{number}.test/")])
        found = {lease.article.url: lease.article for lease in delivery.frontier.claim(9)}
        delivery.deliver(found[f"http://b{number}.test/"])
    delivery.deliver(delivery.claim())
    row = delivery.row()
    assert (row["outcome"], row["reason"], row["attempts"]) == ("failed", "store_down", 1)
    assert "out of memory" in row["detail"]


def test_an_article_of_which_no_row_can_be_written_waits_a_day_and_is_not_lost(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None]
) -> None:
    refused = IntegrityError("INSERT", {}, Exception("a trigger"))
    broken_store(lambda article: refused if article.url == URL else None)
    for number in range(3):
        delivery.deliver(delivery.claim())
        delivery.frontier.submit([submission(f"http://b{number}.test/")])
        found = {lease.article.url: lease.article for lease in delivery.frontier.claim(9)}
        delivery.deliver(found[f"http://b{number}.test/"])
    until = delivery.frontier.until(submission(URL).id)
    assert until
    assert until - delivery.frontier.snapshot().now > 23 * 3600 * 1000
    assert delivery.frontier.snapshot().deferred == 1


def test_the_soft_limit_during_a_write_burns_no_attempt(
    delivery: Delivery, broken_store: Callable[[ErrorFor], None]
) -> None:
    limits: list[Exception] = [SoftTimeLimitExceeded()]
    broken_store(lambda _: limits.pop() if limits else None)
    row = delivery.settle()
    assert (row["outcome"], row["attempts"]) == ("enriched", 1)
    assert [event["reason"] for event in row["history"]] == ["store_down"]


def test_the_soft_limit_between_the_row_and_the_lease_ends_the_article(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, limits = delivery.frontier.settle, [SoftTimeLimitExceeded()]

    def late(*arguments: Any, **named: Any) -> bool:
        if limits:
            raise limits.pop()
        return settle(*arguments, **named)

    monkeypatch.setattr(delivery.frontier, "settle", late)
    delivery.deliver(delivery.claim())
    assert delivery.row()["outcome"] == "enriched"
    assert delivery.frontier.snapshot().unsettled == 0


def test_a_body_that_was_lost_is_fetched_again_at_no_cost(
    delivery: Delivery, redis: RedisClient, prefix: str
) -> None:
    article = delivery.claim()
    onward = delivery.runner.deliver(article, [FETCH], more=True)
    assert onward
    redis.delete(f"{prefix}body:".encode() + bytes.fromhex(article.id))
    delivery.runner.deliver(onward, ENRICH)
    row = delivery.settle()
    assert (row["outcome"], row["attempts"], row["deferrals"]) == ("enriched", 1, 0)
    assert [event["reason"] for event in row["history"]] == ["body_lost"]


def test_every_stage_on_a_queue_of_its_own_comes_to_the_same_row(delivery: Delivery) -> None:
    article: Article | None = delivery.claim()
    for stage in STAGES:
        assert article
        article = delivery.runner.deliver(
            Article.from_message(article.to_message()), [stage.name], more=stage is not STAGES[-1]
        )
    assert article is None
    apart = dict(delivery.row())
    delivery.frontier.submit([submission(URL)], again=True)
    together = dict(delivery.settle())
    for name in ("token", "submitted_at", "settled_at", "timings"):
        assert apart.pop(name) != together.pop(name)
    assert apart == together


def test_the_counters_equal_the_rows(delivery: Delivery) -> None:
    endings: list[Exception | None] = [None, Rejected(Reason.ROBOTS), KeyError(), None, None]
    fetch = delivery.steps[FETCH]
    for number, error in enumerate(endings):
        delivery.steps[FETCH] = ending(error) if error else fetch
        delivery.settle(f"http://{number}.test/")
    counted = {
        (sample.labels["outcome"], sample.labels["reason"] or None): int(sample.value)
        for metric in delivery.meter.registry.collect()
        for sample in metric.samples
        if sample.name == "newsmill_articles_total"
    }
    assert counted == {
        (outcome, reason): count for outcome, reason, count in delivery.store.statistics.tally()
    }
    assert sum(counted.values()) == delivery.frontier.snapshot().settled == len(endings)


def test_a_settled_local_document_is_forgotten(delivery: Delivery, store: Store) -> None:
    one = submission(URL)
    local = type(one)(one.id, "file:///a.html", "")
    delivery.frontier.submit([local])
    store.documents.put(local.id, b"page")
    (lease,) = delivery.frontier.claim(1)
    delivery.deliver(lease.article)
    with pytest.raises(LookupError):
        store.documents.load(local.id)

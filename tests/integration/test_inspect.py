"""The commands on a real Redis and a real database: submit, status, why, dead replay."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr
from redis import Redis
from rich.console import Console

from tasks.article import Article, Outcome, article_id
from tasks.errors import Reason
from workers.cli.tables import status_tables
from workers.errors import UserError
from workers.inspect import status
from workers.inspect.connections import frontier_on
from workers.inspect.dead_letters import count, replay
from workers.inspect.story import Story, tell
from workers.inspect.working import Working
from workers.ledger.entries import Deferral, Priority, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient, connect
from workers.ledger.submit import Submitted
from workers.local.redis_server import free_port
from workers.local.refusals import show_on
from workers.output.terminal import Terminal
from workers.settings import Settings, load_settings
from workers.sinks.columns import flat
from workers.sources.arguments import open_sources
from workers.sources.documents import document_url
from workers.sources.report import Report
from workers.sources.submit import submit_sources
from workers.store.filters import Filter
from workers.store.rows import Result
from workers.store.store import Store

URL = "http://a.test/1"


def nobody() -> Working:
    return Working((), ("fetch", "enrich"))


@pytest.fixture
def settings(redis_url: str, prefix: str) -> Settings:
    return load_settings(redis_url=SecretStr(redis_url), key_prefix=prefix, host_interval=0, _env_file=None)


@pytest.fixture
def frontier(redis: RedisClient, settings: Settings) -> Frontier:
    return frontier_on(redis, settings)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def submit(frontier: Frontier, store: Store) -> Callable[..., Submitted]:
    def take(*sources: str, **options: bool) -> Submitted:
        return submit_sources(frontier, store, open_sources(sources), report=Report(), **options)

    return take


Submit = Callable[..., Submitted]


@pytest.fixture
def why(redis: RedisClient, settings: Settings, store: Store) -> Callable[[str], dict[str, str]]:
    def facts(text: str) -> dict[str, str]:
        story = tell(redis, settings, store, text)
        assert isinstance(story, Story)
        return {**dict(story.facts), "timeline": "\n".join(moment.what for moment in story.timeline)}

    return facts


Why = Callable[[str], dict[str, str]]


def settle(
    frontier: Frontier, store: Store, outcome: Outcome = Outcome.ENRICHED, reason: str | None = None
) -> Article:
    (lease,) = frontier.claim(1)
    frontier.start(lease.article, "fetch")
    record = frontier.entry(lease.article.id)
    assert record
    host = record.host
    result = Result(
        outcome=outcome, stage="fetch", reason=reason, history=record.story(), settled_at=1_800_000_000.0
    )
    store.write(lease.article, host, result)
    frontier.settle(lease.article, outcome, reason=reason)
    return lease.article


def test_status_and_why_say_since_when_a_host_blocks(
    submit: Submit, frontier: Frontier, store: Store, why: Why, record: "Record"
) -> None:
    submit(URL, "http://a.test/waits", "http://b.test/")
    settle(frontier, store, Outcome.REJECTED, Reason.BLOCKED)
    for text in (URL, "http://a.test/waits"):
        assert why(text)["host's walls"].startswith("blocks newsmill since 20")
        assert why(text)["host's walls"].endswith(", 1 page without an article between; 1 blocked in all")
    assert "host's walls" not in why("http://b.test/")
    told = status.read_status(frontier, store, nobody)
    (wall,) = told.as_json()["walls"]
    assert record(URL)["walls"] == wall
    assert (wall["host"], wall["blocked"], wall["soft_404"], wall["in_a_row"]) == ("a.test", 1, 0, 1)
    assert wall["blocks_since"] == wall["last"]
    shown = Terminal(file=io.StringIO(), width=80)
    shown.print(status_tables(told))
    assert "walls instead of pages" in cast("io.StringIO", shown.file).getvalue()


def test_a_list_goes_in_whole_and_says_what_became_of_each_line(
    frontier: Frontier, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("url,n\nhttp://a.test/1,7\nftp://a.test/\nhttp://a.test/1,8\nhttp://b\x1b.test/,9\n")
    shown = io.StringIO()
    result = submit_sources(
        frontier,
        store,
        open_sources([str(path), "http://b.test/"]),
        priority=Priority.HIGH,
        report=Report(show=show_on(Console(file=shown, width=20))),
    )
    assert result == Submitted(queued=2, repeated=1, refused=2)
    assert shown.getvalue().splitlines() == [
        f"{path}:3: is not an http or https URL: ftp://a.test/",
        f"{path}:5: has an invalid host name: http://b\\x1b.test/",
    ]
    lease = next(lease for lease in frontier.claim(10) if lease.article.url == URL)
    assert (lease.article.extras, lease.entry.priority) == ({"n": "7"}, Priority.HIGH)


def test_nothing_is_submitted_if_a_source_is_not_there(submit: Submit, frontier: Frontier) -> None:
    with pytest.raises(UserError):
        submit(URL, "nothing.txt")
    assert frontier.snapshot().waiting == 0


def test_a_document_waits_in_the_store_for_its_worker(
    submit: Submit, frontier: Frontier, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>one")
    id_ = article_id(document_url(path))
    assert submit(str(path)).queued == 1
    assert store.documents.load(id_) == b"<p>one"
    path.write_text("<p>two")
    assert submit(str(path)).in_progress == 1
    assert store.documents.load(id_) == b"<p>one", "a document under way stays as it is"
    settle(frontier, store)
    assert submit(str(path)).settled == 1
    assert store.documents.load(id_) == b"<p>one"
    assert submit(str(path), again=True).queued == 1
    assert store.documents.load(id_) == b"<p>two"


def test_status_says_why_the_database_takes_no_rows_until_it_does(
    submit: Submit, frontier: Frontier, store: Store
) -> None:
    submit(URL)
    (lease,) = frontier.claim(1)
    frontier.start(lease.article, "fetch")
    why = "could not extend file: No space left on device\nHINT:  Check free disk space."
    frontier.defer(lease.article, Deferral.SYSTEM, "fetch", reason="store_down", detail=why, store_away=True)
    (told,) = status.read_status(frontier, store, nobody).as_json()["troubles"]
    assert told.startswith("The database takes no rows: could not extend file: No space left on device HINT:")
    assert told.endswith("Nothing is lost: articles wait until then.")
    shown = Terminal(file=io.StringIO(), width=80)
    shown.print(status_tables(status.read_status(frontier, store, nobody)))
    assert "The database takes no rows" in cast("io.StringIO", shown.file).getvalue()
    frontier.store_back()
    assert status.read_status(frontier, store, nobody).troubles == ()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            {"aof_last_write_status": "err"},
            "Redis cannot write its file, and takes no URLs. Make room on its disk.",
        ),
        ({"aof_last_bgrewrite_status": "err"}, "Redis could not write its file anew"),
        ({"aof_last_write_status": "ok", "aof_last_bgrewrite_status": "ok"}, ""),
        ({}, ""),
    ],
)
def test_status_says_that_redis_cannot_save(
    state: dict[str, str], told: str, frontier: Frontier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontier, "persistence", lambda: state)
    found = status.read_status(frontier, store, nobody).troubles
    assert " ".join(found).startswith(told)
    assert bool(found) is bool(told)


def test_questions_are_answered_by_a_redis_that_refuses_ping_since_its_disk_is_full(
    redis: RedisClient, redis_url: str
) -> None:
    redis.execute_command("ACL", "SETUSER", "default", "-ping")
    try:
        with connect(load_settings(redis_url=redis_url)) as client:
            assert client.get("nothing") is None
    finally:
        redis.execute_command("ACL", "SETUSER", "default", "+ping")


def test_status_counts_all_and_takes_the_rate_between_two_looks(
    submit: Submit, frontier: Frontier, store: Store
) -> None:
    submit(URL, "http://a.test/2", "http://b.test/")
    before = status.read_status(frontier, store, nobody)
    settle(frontier, store, Outcome.REJECTED, "robots")
    now = status.read_status(frontier, store, nobody, before)
    found = now.as_json()
    assert (found["waiting"], found["unsettled"], found["settled"]) == (2, 2, 1)
    assert found["outcomes"]["rejected"] == 1
    assert found["reasons"] == [{"outcome": "rejected", "reason": "robots", "count": 1}]
    assert 0 <= found["oldest_seconds"] < 120
    assert now.rate > 0
    assert now.drained_seconds == 2 / now.rate


def test_the_rate_of_a_single_look_is_that_of_the_last_minutes_rows(
    submit: Submit, frontier: Frontier, store: Store
) -> None:
    submit(URL)
    settle(frontier, store)
    assert store.statistics.settled_since(datetime.fromtimestamp(1_799_999_999, UTC)) == 1
    assert store.statistics.settled_since(datetime.fromtimestamp(1_800_000_001, UTC)) == 0


def test_following_yields_the_status_at_each_look(frontier: Frontier, store: Store) -> None:
    waiting, pauses = [], []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    def follow() -> None:
        for one in status.follow(frontier, store, nobody, every=7, sleep=sleep):
            waiting.append(one.as_json()["waiting"])  # noqa: PERF401 - it is ended from inside

    with pytest.raises(KeyboardInterrupt):
        follow()
    assert (pauses, waiting) == ([7, 7], [0, 0])


def test_why_tells_the_place_of_a_waiting_url(submit: Submit, why: Why) -> None:
    submit("http://a.test/0", URL)
    assert why(URL)["state"] == "waiting, 1 URL of a.test before it"
    assert why(URL)["host"] == "due now"
    assert why(article_id(URL))["state"].startswith("waiting; give its URL")


def test_why_tells_who_works_on_a_url_and_until_when(submit: Submit, why: Why, frontier: Frontier) -> None:
    submit(URL)
    (lease,) = frontier.claim(1)
    assert why(URL)["state"] == "in flight, published, no worker has started on it yet"
    frontier.start(lease.article, "fetch")
    told = why(lease.article.id)
    assert told["state"] == "in flight, in stage fetch"
    assert told["attempt"].startswith("1,")
    assert told["lease"].startswith("expires in ")
    assert told["url"] == URL


def test_why_tells_what_a_deferred_url_waits_for(submit: Submit, why: Why, frontier: Frontier) -> None:
    submit(URL)
    (lease,) = frontier.claim(1)
    frontier.defer(lease.article, Deferral.LATER, "fetch", reason="rate_limited", detail="429", after=600)
    told = why(URL)
    assert told["state"].startswith(("deferred, due in 10 min", "deferred, due in 9 min 5"))
    assert told["because"] == "rate_limited in stage fetch: 429"
    assert told["timeline"] == "submitted\nlater in fetch rate_limited: 429; again in 10 min"


def test_why_of_a_url_under_way_again_tells_its_last_outcome_too(
    submit: Submit, why: Why, frontier: Frontier, store: Store
) -> None:
    submit(URL)
    settle(frontier, store, Outcome.FAILED, "timeout")
    submit(URL, again=True)
    told = why(URL)
    assert told["state"].startswith("waiting")
    assert told["outcome"] == "failed (timeout)"


def test_why_of_a_document_takes_its_path(submit: Submit, why: Why, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>one")
    submit(str(path))
    assert why(str(path))["state"] == "waiting, 0 URLs of the local documents before it"


@pytest.fixture
def record(redis: RedisClient, settings: Settings, store: Store) -> Callable[[str], dict[str, Any]]:
    def found(text: str) -> dict[str, Any]:
        story = tell(redis, settings, store, text)
        assert isinstance(story, Story)
        return story.record

    return found


Record = Callable[[str], dict[str, Any]]
#: The keys that a story has for programs (docs/commands.md).
KEYS = {"url", "id", "state", "outcome", "reason", "history", "entry", "row", "walls", "left_alone"}
ENTRY = {
    *("host", "priority", "submitted_at", "attempts", "deferrals", "stage", "is_started", "until"),
    *("urls_before", "source"),
}


def test_the_record_of_a_waiting_url_has_its_place_and_its_source(
    submit: Submit, record: Record, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("url,n\nhttp://a.test/0,6\nhttp://a.test/1,7\n")
    submit(str(path))
    found = record(URL)
    assert (found.keys(), found["entry"].keys()) == (KEYS, ENTRY)
    assert (found["url"], found["id"], found["state"]) == (URL, article_id(URL), "waiting")
    assert (found["outcome"], found["row"], found["history"]) == (None, None, [])
    entry = found["entry"]
    assert (entry["urls_before"], entry["source"], entry["priority"]) == (1, {"n": "7"}, "normal")
    assert record(article_id(URL))["state"] == "waiting", "without its URL it has no place"


def test_the_record_of_a_url_in_work_has_its_lease_and_its_stage(
    submit: Submit, record: Record, frontier: Frontier
) -> None:
    submit(URL)
    (lease,) = frontier.claim(1)
    assert record(URL)["entry"]["is_started"] is False
    frontier.start(lease.article, "fetch")
    found = record(article_id(URL))
    assert (found["url"], found["state"]) == (URL, "in_flight")
    entry = found["entry"]
    assert (entry["stage"], entry["is_started"], entry["attempts"], entry["urls_before"]) == (
        "fetch",
        True,
        1,
        None,
    )
    assert datetime.fromisoformat(entry["until"]) > datetime.fromisoformat(entry["submitted_at"])


def test_the_record_of_a_deferred_url_has_its_events(
    submit: Submit, record: Record, frontier: Frontier
) -> None:
    submit(URL)
    (lease,) = frontier.claim(1)
    frontier.defer(lease.article, Deferral.LATER, "fetch", reason="rate_limited", detail="429", after=600)
    found = record(URL)
    (event,) = found["history"]
    assert datetime.fromisoformat(event.pop("at"))
    assert event.pop("delay_seconds") == pytest.approx(600, abs=1)
    assert event == {"event": "later", "stage": "fetch", "reason": "rate_limited", "detail": "429"}
    assert (found["state"], found["entry"]["deferrals"]) == ("deferred", 1)


def test_the_record_of_a_settled_url_has_its_row_as_in_an_export(
    submit: Submit, record: Record, frontier: Frontier, store: Store
) -> None:
    submit(URL)
    settle(frontier, store, Outcome.FAILED, "timeout")
    found = record(URL)
    assert found.keys() == KEYS
    assert (found["state"], found["outcome"], found["reason"], found["entry"]) == (
        "settled",
        "failed",
        "timeout",
        None,
    )
    assert found["row"] == flat(store.row(article_id(URL)))
    submit(URL, again=True)
    found = record(URL)
    assert (found["state"], found["outcome"]) == ("waiting", "failed"), "with its last outcome"


def test_the_record_tells_each_event_once_in_the_order_of_time(
    submit: Submit, record: Record, frontier: Frontier, store: Store, pass_time: Callable[[], None]
) -> None:
    submit(URL)
    (lease,) = frontier.claim(1)
    frontier.defer(lease.article, Deferral.RETRY, "fetch", reason="error", after=0, whole_host=True)
    pass_time()
    settle(frontier, store, Outcome.FAILED, "timeout")
    replay(frontier, store, Filter(), None)
    (lease,) = frontier.claim(1)
    assert [one["event"] for one in record(URL)["history"]] == ["retry", "replay"]


def test_the_state_is_unknown_without_redis(
    settings: Settings, store: Store, submit: Submit, frontier: Frontier
) -> None:
    submit(URL)
    settle(frontier, store)
    with Redis(port=free_port()) as nobody:
        story = tell(nobody, settings, store, URL)
    assert story is not None
    assert (story.record["state"], story.record["outcome"]) == ("unknown", "enriched")


def test_nobody_knows_a_url_that_was_never_submitted(
    redis: RedisClient, settings: Settings, store: Store
) -> None:
    assert tell(redis, settings, store, "http://nobody.test/") is None


def test_the_dead_go_round_again_with_their_history_and_source(
    submit: Submit, frontier: Frontier, store: Store, tmp_path: Path, pass_time: Callable[[], None]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"url": "http://a.test/1", "n": 7}\n')
    submit(str(path))
    (lease,) = frontier.claim(1)
    frontier.defer(lease.article, Deferral.RETRY, "fetch", reason="error", after=0, whole_host=True)
    pass_time()
    settle(frontier, store, Outcome.FAILED, "timeout")
    assert count(store, Filter(reason="timeout"), None) == 1
    assert count(store, Filter(reason="crashed"), None) == 0
    assert replay(frontier, store, Filter(reason="timeout"), None) == Submitted(queued=1)
    (lease,) = frontier.claim(1)
    assert lease.article.extras == {"n": 7}
    assert [(event.event, event.reason) for event in lease.entry.history] == [
        ("retry", "error"),
        ("replay", "timeout"),
    ]


def test_replay_takes_no_more_than_its_limit_and_only_the_failed(
    submit: Submit, frontier: Frontier, store: Store
) -> None:
    submit("http://a.test/1", "http://b.test/1", "http://c.test/1")
    for outcome in (Outcome.FAILED, Outcome.FAILED, Outcome.ENRICHED):
        settle(frontier, store, outcome)
    assert replay(frontier, store, Filter(), 1).queued == 1
    assert replay(frontier, store, Filter(), None) == Submitted(queued=1, in_progress=1)


def test_a_document_is_read_again_for_its_replay_and_refused_if_it_is_gone(
    submit: Submit, frontier: Frontier, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>one")
    submit(str(path))
    article = settle(frontier, store, Outcome.FAILED, "timeout")
    store.documents.drop(article.id)
    assert replay(frontier, store, Filter(), None).queued == 1
    assert store.documents.load(article.id) == b"<p>one"
    settle(frontier, store, Outcome.FAILED, "timeout")
    path.unlink()
    assert replay(frontier, store, Filter(), None) == Submitted(refused=1)
    assert frontier.state(article.id) is State.SETTLED

"""What the frontier promises about articles that go back: what it costs them, for how long, and when it ends."""

from collections.abc import Callable

import pytest

from tasks.article import Article, Outcome
from workers.ledger.entries import Deferral, Entry, Event, State
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]
PassTime = Callable[[], None]

URL = "http://a.test/1"
DAY_MS = 24 * 3600 * 1000


def claim_one(frontier: Frontier) -> Article:
    (lease,) = frontier.claim(1)
    return lease.article


def begin(frontier: Frontier, url: str = URL) -> Article:
    """Submit a URL and start its first attempt."""
    frontier.submit([submission(url)])
    return restart(frontier)


def restart(frontier: Frontier) -> Article:
    article = claim_one(frontier)
    assert frontier.start(article, "fetch").verdict == "ok"
    return article


def later(
    frontier: Frontier, article: Article, *, whole_host: bool = False, after: float | None = None
) -> str:
    return frontier.defer(
        article, Deferral.LATER, "fetch", reason="server_error", whole_host=whole_host, after=after
    )


def record_of(frontier: Frontier, article: Article) -> Entry:
    """Return the record of an article, wherever it is."""
    record = frontier.entry(article.id)
    if record is None:
        found = frontier.position(article.id, "a.test")
        assert found
        record = found[1]
    return record


def last_event(frontier: Frontier, article: Article) -> Event:
    return record_of(frontier, article).history[-1]


@pytest.mark.parametrize(
    ("kind", "attempts", "deferrals"), [("later", 0, 1), ("retry", 1, 0), ("system", 0, 0)]
)
def test_each_kind_of_deferral_has_its_cost(
    make_frontier: MakeFrontier, kind: Deferral, attempts: int, deferrals: int
) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    assert frontier.defer(article, Deferral(kind), "fetch", reason="why") == "deferred"
    record = record_of(frontier, article)
    assert (record.attempts, record.deferrals) == (attempts, deferrals)


def test_a_deferred_article_has_no_lease_and_frees_its_host(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    frontier.submit([submission("http://a.test/2")])
    later(frontier, article)
    now = frontier.snapshot()
    assert frontier.state(article.id) is State.DEFERRED
    assert (now.waiting, now.in_flight, now.deferred) == (1, 0, 1)
    assert now.next_due
    assert 0 < now.next_due - now.now <= 10_000
    assert claim_one(frontier).url == "http://a.test/2"


def test_a_deferred_article_comes_back_when_it_is_due_before_the_others_of_its_host(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    later(frontier, article)
    assert frontier.claim(1) == []
    frontier.submit([submission("http://a.test/2")])
    pass_time()
    assert claim_one(frontier).id == article.id
    assert frontier.snapshot().deferred == 0


@pytest.mark.parametrize("kind", [Deferral.LATER, Deferral.RETRY])
def test_the_delay_doubles_up_to_the_cap(
    make_frontier: MakeFrontier, pass_time: PassTime, kind: Deferral
) -> None:
    frontier = make_frontier(backoff_base=10, backoff_cap=60, max_attempts=9, max_deferrals=9)
    article = begin(frontier)
    delays = []
    for _ in range(5):
        frontier.defer(article, kind, "fetch", reason="why")
        delays.append(last_event(frontier, article).delay)
        pass_time()
        article = restart(frontier)
    assert delays == [10_000, 20_000, 40_000, 60_000, 60_000]


def test_a_trouble_of_the_system_does_not_make_an_article_wait_longer_each_time(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier(max_attempts=1, max_deferrals=0)
    article = begin(frontier)
    for _ in range(4):
        assert frontier.defer(article, Deferral.SYSTEM, "fetch", reason="store_down") == "deferred"
        assert last_event(frontier, article).delay == 10_000
        pass_time()
        article = restart(frontier)


def test_what_a_site_asks_for_is_kept_but_no_longer_than_a_day(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    asked = {3.0: 10_000, 7200.0: 7_200_000, 30 * 24 * 3600.0: DAY_MS}
    for number, (seconds, delay) in enumerate(asked.items()):
        article = begin(frontier, f"http://{number}.test/")
        later(frontier, article, after=seconds)
        assert last_event(frontier, article).delay == delay


def test_used_up_deferrals_end_the_article_and_change_nothing_before(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier(max_deferrals=2)
    article = begin(frontier)
    for _ in range(2):
        assert later(frontier, article) == "deferred"
        pass_time()
        article = restart(frontier)
    before = record_of(frontier, article)
    assert later(frontier, article) == "spent"
    assert record_of(frontier, article) == before
    assert frontier.settle(article, Outcome.FAILED)


def test_used_up_attempts_end_the_article(make_frontier: MakeFrontier, pass_time: PassTime) -> None:
    frontier = make_frontier(max_attempts=2)
    article = begin(frontier)
    assert frontier.defer(article, Deferral.RETRY, "extract", reason="error") == "deferred"
    pass_time()
    article = restart(frontier)
    assert frontier.defer(article, Deferral.RETRY, "extract", reason="error") == "spent"
    assert frontier.settle(article, Outcome.FAILED)


def test_deferrals_do_not_use_up_attempts(make_frontier: MakeFrontier, pass_time: PassTime) -> None:
    frontier = make_frontier(max_attempts=1)
    article = begin(frontier)
    for _ in range(3):
        assert later(frontier, article) == "deferred"
        pass_time()
        article = restart(frontier)


def test_a_host_in_trouble_waits_with_all_its_urls_and_no_other_does(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    frontier.submit([submission(url) for url in ("http://a.test/2", "http://b.test/1")])
    assert later(frontier, article, whole_host=True) == "deferred"
    assert [lease.article.url for lease in frontier.claim(9)] == ["http://b.test/1"]
    now = frontier.snapshot()
    assert (now.waiting, now.deferred) == (1, 1)
    pass_time()
    assert claim_one(frontier).url == "http://a.test/2"


def pause_of(frontier: Frontier, server: str = "a.test") -> float:
    """Return how many seconds a server waits from now on, to the second."""
    return round((frontier.host_state(server)["due"] - frontier.snapshot().now) / 1000)


def test_a_host_that_fails_with_one_url_after_another_waits_twice_as_long_until_it_answers(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier(host_concurrency=4)
    *failing, answered = [begin(frontier, f"http://a.test/{number}") for number in range(4)]
    pauses = []
    for article in failing:
        later(frontier, article, whole_host=True)
        pauses.append(pause_of(frontier))
    frontier.settle(answered, Outcome.REJECTED)
    assert frontier.host_state("a.test")["fails"] == 0
    pass_time()
    later(frontier, restart(frontier), whole_host=True)
    assert [*pauses, pause_of(frontier)] == [10, 20, 40, 10]


def test_one_url_that_always_fails_does_not_silence_its_host(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    for _ in range(9):
        later(frontier, article, whole_host=True, after=24 * 3600)
        assert pause_of(frontier) == 60
        pass_time()
        article = restart(frontier)
    later(frontier, article, whole_host=True)
    assert pause_of(frontier) == 10
    assert frontier.host_state("a.test")["fails"] == 1


def test_what_a_host_asks_for_is_kept_once_several_urls_were_told_so(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_concurrency=9)
    articles = [begin(frontier, f"http://a.test/{number}") for number in range(5)]
    pauses = []
    for article in articles:
        later(frontier, article, whole_host=True, after=24 * 3600)
        pauses.append(pause_of(frontier))
    assert pauses == [60, 600, 6000, 60_000, 86_400]


def test_bad_pages_beside_each_other_do_not_silence_their_host(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier()
    bad = {f"http://a.test/bad/{number}" for number in range(12)}
    frontier.submit([submission(url) for url in (*sorted(bad), *(f"http://a.test/{n}" for n in range(99)))])
    pauses = []
    for _ in range(60):
        article = restart(frontier)
        if article.url not in bad:
            frontier.settle(article, Outcome.ENRICHED)
        elif later(frontier, article, whole_host=True) == "deferred":
            pauses.append(pause_of(frontier))
        else:
            frontier.settle(article, Outcome.FAILED, host_answered=False)
        pass_time()
    assert set(pauses) == {10}


def test_each_scheme_of_a_host_has_its_own_failures_and_both_have_one_rate_limit(
    make_frontier: MakeFrontier,
) -> None:
    frontier = make_frontier(host_interval=5)
    frontier.submit([submission(f"{scheme}://a.test/{n}") for scheme in ("https", "http") for n in (1, 2)])
    (lease,) = frontier.claim(9)
    assert frontier.claim(9) == []  # one at a time, whatever the scheme
    frontier.start(lease.article, "fetch")
    later(frontier, lease.article, whole_host=True)
    servers = ["https://a.test", "a.test"]
    failed, other = servers if lease.article.url.startswith("https") else servers[::-1]
    assert (pause_of(frontier, failed), pause_of(frontier, other)) == (10, 5)
    assert (frontier.host_state(failed)["fails"], frontier.host_state(other)["fails"]) == (1, 0)


def test_a_pause_that_a_host_was_given_is_not_cut_short_by_another_url(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_concurrency=2)
    first = begin(frontier)
    second = begin(frontier, "http://a.test/2")
    later(frontier, first, whole_host=True, after=60)
    due = frontier.host_state("a.test")["due"]
    later(frontier, second, whole_host=True)
    assert frontier.host_state("a.test")["due"] == due


def test_a_dead_host_ends_its_urls_at_their_first_attempt(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier(max_deferrals=2)
    for number in range(2):
        later(frontier, begin(frontier, f"http://a.test/{number}"), whole_host=True)
        pass_time()
    frontier.submit([submission("http://a.test/new")])
    for _ in range(3):
        article = restart(frontier)
        assert later(frontier, article, whole_host=True) == "spent"
        assert frontier.settle(article, Outcome.FAILED, host_answered=False)
        pass_time()
    assert frontier.snapshot().unsettled == 0


@pytest.mark.parametrize("whole_host", [False, True])
def test_a_trouble_with_few_rounds_of_its_own_ends_an_article_after_these(
    whole_host: bool, make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    frontier = make_frontier(max_deferrals=10)
    article = begin(frontier)

    def defer(rounds: int | None) -> str:
        return frontier.defer(
            article, Deferral.LATER, "fetch", reason="tls", rounds=rounds, whole_host=whole_host
        )

    for _ in range(3):
        assert defer(3) == "deferred"
        pass_time()
        article = restart(frontier)
    assert defer(3) == "spent"
    assert defer(None) == "deferred"


def test_no_trouble_has_more_rounds_than_the_settings_say(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(max_deferrals=0)
    article = begin(frontier)
    assert frontier.defer(article, Deferral.LATER, "fetch", reason="tls", rounds=3) == "spent"


def test_an_article_carries_its_story_bounded(make_frontier: MakeFrontier, pass_time: PassTime) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    for number in range(45):
        frontier.defer(article, Deferral.SYSTEM, "fetch", reason=f"r{number}", detail="x" * 1000)
        pass_time()
        article = restart(frontier)
    history = record_of(frontier, article).history
    assert [event.reason for event in history] == [f"r{number}" for number in range(5, 45)]
    assert {len(event.detail) for event in history} == {300}


def test_all_stories_together_have_a_share_of_the_memory(
    make_frontier: MakeFrontier, pass_time: PassTime, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    redis.hset(f"{prefix}counts", "history", 2**26)  # as of many others, with details
    article = begin(frontier)
    for number in range(5):
        frontier.defer(article, Deferral.SYSTEM, "fetch", reason=f"r{number}", detail="x" * 300)
        pass_time()
        article = restart(frontier)
    history = record_of(frontier, article).history
    assert [(event.reason, event.detail) for event in history] == [("r2", ""), ("r3", ""), ("r4", "")]
    assert frontier.settle(article, Outcome.REJECTED)
    assert redis.hget(f"{prefix}counts", "history") is None  # nothing is left, so nothing is counted


def test_the_story_says_what_happened_where_and_for_how_long(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    article = begin(frontier)
    later(frontier, article, after=60)
    event = last_event(frontier, article)
    assert (event.event, event.stage, event.reason, event.delay) == ("later", "fetch", "server_error", 60_000)
    assert abs(frontier.snapshot().now - event.at) < 60_000


def test_hosts_without_urls_are_kept_for_their_pause_and_never_more_than_a_number(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier(host_interval=60)
    frontier.settle(begin(frontier), Outcome.ENRICHED)
    assert 0 < redis.pttl(f"{prefix}host:a.test") <= 60_000
    redis.zadd(f"{prefix}idle", {f"{n}.farm.test": 2**52 + n for n in range(19_999)})
    redis.hset(f"{prefix}host:0.farm.test", "due", 2**52)
    assert frontier.kept()["idle_hosts"] == 1
    frontier.settle(begin(frontier, "https://b.test/"), Outcome.ENRICHED)
    assert redis.zcard(f"{prefix}idle") == 20_000
    # One with a short pause is forgotten, and not one with a long one.
    assert not redis.exists(f"{prefix}host:a.test", f"{prefix}host:https://b.test")
    assert redis.exists(f"{prefix}host:0.farm.test")


def test_an_https_server_without_urls_leaves_nothing_behind(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier()
    frontier.settle(begin(frontier, "https://a.test/"), Outcome.ENRICHED)
    assert list(redis.scan_iter(match=f"{prefix}host:*")) == []
    assert not redis.exists(f"{prefix}idle")

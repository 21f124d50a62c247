"""What the frontier promises about waiting: what is queued, what is claimed next, and how it is counted."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from redis import Redis

from tasks.article import Article, Outcome, article_id
from workers.ledger.bodies import Bodies, BodyLostError
from workers.ledger.entries import Lease, Policy, Priority, State, Submission
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.submit import submission

MakeFrontier = Callable[..., Frontier]
PassTime = Callable[[], None]

URL = "http://a.test/1"


def submit(frontier: Frontier, *urls: str, priority: Priority = Priority.NORMAL, again: bool = False) -> str:
    return frontier.submit([submission(url, priority=priority) for url in urls], again=again)


def urls_of(leases: list[Lease]) -> list[str]:
    return [lease.article.url for lease in leases]


def claim_one(frontier: Frontier) -> Article:
    (lease,) = frontier.claim(1)
    return lease.article


def test_a_url_is_queued_the_first_time_only(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    assert submit(frontier, URL, "http://a.test/2", URL) == "nnw"
    assert submit(frontier, URL) == "w"
    assert frontier.snapshot().waiting == 2


def test_a_url_that_is_underway_is_not_queued_again_even_if_asked(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    submit(frontier, URL)
    assert submit(frontier, URL, again=True) == "w"
    claim_one(frontier)
    assert submit(frontier, URL, again=True) == "f"
    assert frontier.snapshot().unsettled == 1


@pytest.mark.parametrize(
    ("outcome", "letter"),
    [(Outcome.ENRICHED, "e"), (Outcome.DUPLICATE, "d"), (Outcome.REJECTED, "r"), (Outcome.FAILED, "x")],
)
def test_a_settled_url_is_queued_again_only_if_asked(
    make_frontier: MakeFrontier, outcome: Outcome, letter: str
) -> None:
    frontier = make_frontier()
    submit(frontier, URL)
    assert frontier.settle(claim_one(frontier), outcome)
    assert submit(frontier, URL) == letter
    assert frontier.snapshot().outcomes[outcome] == 1
    assert submit(frontier, URL, again=True) == "n"
    assert frontier.snapshot().outcomes[outcome] == 0
    assert claim_one(frontier).url == URL


def test_what_was_submitted_comes_with_the_lease(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    source = {"desk": "Größe \N{NEWSPAPER} \\ \" '", "row": 7, "nested": [None, 0.5, {}]}
    frontier.submit([submission("http://a.test/ü?q=1", source)])
    article = claim_one(frontier)
    assert article.url == "http://a.test/%C3%BC?q=1"
    assert article.id == article_id(article.url)
    assert article.extras == source
    assert 0 <= frontier.snapshot().now / 1000 - article.submitted_at < 60


def test_a_higher_priority_is_claimed_first_whatever_came_first(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_concurrency=9)
    submit(frontier, "http://a.test/low", priority=Priority.LOW)
    submit(frontier, "http://b.test/normal")
    submit(frontier, "http://c.test/high", "http://b.test/high", priority=Priority.HIGH)
    claimed = urls_of(frontier.claim(9))
    assert set(claimed[:2]) == {"http://c.test/high", "http://b.test/high"}
    assert claimed[2:] == ["http://b.test/normal", "http://a.test/low"]


def test_of_one_priority_the_host_that_is_due_longest_is_claimed_first(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    submit(frontier, "http://a.test/1", "http://a.test/2")
    frontier.settle(claim_one(frontier), Outcome.ENRICHED)
    submit(frontier, "http://z.test/1")
    assert urls_of(frontier.claim(2)) == ["http://z.test/1", "http://a.test/2"]


def test_urls_of_one_host_are_claimed_in_the_order_they_came(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    wanted = [f"http://a.test/{number}" for number in range(5)]
    submit(frontier, *wanted)
    claimed = []
    for _ in wanted:
        article = claim_one(frontier)
        frontier.settle(article, Outcome.ENRICHED)
        claimed.append(article.url)
    assert claimed == wanted


def test_a_host_is_left_alone_for_its_interval_by_all_callers(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    one, other = (make_frontier(host_interval=3600, host_concurrency=5) for _ in range(2))
    submit(one, "http://a.test/1", "http://a.test/2", "http://b.test/1")
    assert len(one.claim(9)) == 2
    assert other.claim(9) == []
    pass_time()
    assert urls_of(other.claim(9)) == ["http://a.test/2"]


def test_the_interval_counts_from_the_claim_not_from_the_end(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_interval=3600)
    submit(frontier, "http://a.test/1", "http://a.test/2")
    article = claim_one(frontier)
    due = frontier.host_state("a.test")["due"]
    frontier.settle(article, Outcome.ENRICHED)
    assert frontier.host_state("a.test")["due"] == due
    assert frontier.claim(9) == []


def test_no_host_has_more_in_flight_than_its_concurrency_over_all_callers(
    make_frontier: MakeFrontier, pass_time: PassTime
) -> None:
    one, other = make_frontier(host_concurrency=2), make_frontier(host_concurrency=2)
    submit(one, *(f"http://a.test/{number}" for number in range(5)))
    first = claim_one(one)
    claim_one(other)
    pass_time()
    assert one.claim(9) + other.claim(9) == []
    other.settle(first, Outcome.ENRICHED)
    assert len(other.claim(9)) == 1


def test_a_priority_does_not_buy_more_of_a_host(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    submit(frontier, "http://a.test/1")
    claim_one(frontier)
    submit(frontier, "http://a.test/2", priority=Priority.HIGH)
    assert frontier.claim(9) == []


def test_local_documents_have_no_host_to_spare(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(host_interval=3600)
    urls = [f"file:///{number}.html" for number in range(4)]
    frontier.submit([Submission(article_id(url), url, "") for url in urls])
    assert urls_of(frontier.claim(3)) == urls[:3]


def test_no_more_than_max_in_flight_is_leased_at_once(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier(max_in_flight=3)
    submit(frontier, *(f"http://{number}.test/" for number in range(6)))
    leases = frontier.claim(9)
    assert len(leases) == 3
    assert frontier.claim(9) == []
    frontier.settle(leases[0].article, Outcome.ENRICHED)
    assert len(frontier.claim(9)) == 1


def test_callers_that_race_never_lease_a_url_twice(redis_url: str, make_frontier: MakeFrontier) -> None:
    urls = [f"http://{number % 20}.test/{number}" for number in range(200)]
    submit(make_frontier(), *urls)

    def work(_: int) -> list[str]:
        mine = []
        with Redis.from_url(redis_url) as client:
            frontier = Frontier(client, "test:", Policy(host_interval=0, max_in_flight=15))
            while frontier.snapshot().unsettled:
                leases = frontier.claim(4)
                mine += urls_of(leases)
                assert all(frontier.settle(lease.article, Outcome.ENRICHED) for lease in leases)
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = Counter(url for part in pool.map(work, range(4)) for url in part)
    assert claimed == Counter(urls)


def test_the_oldest_submission_is_known_to_the_minute_until_it_is_settled(
    make_frontier: MakeFrontier,
) -> None:
    frontier = make_frontier()
    assert frontier.snapshot().oldest is None
    submit(frontier, URL)
    article = claim_one(frontier)
    assert frontier.snapshot().oldest == int(article.submitted_at // 60 * 60_000)
    frontier.settle(article, Outcome.ENRICHED)
    assert frontier.snapshot().oldest is None


def test_the_position_of_a_url_counts_what_its_host_has_before_it(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    submit(frontier, *(f"http://a.test/{number}" for number in range(3)))
    submit(frontier, "http://a.test/urgent", priority=Priority.HIGH)
    last = article_id("http://a.test/2")
    found = frontier.position(last, "a.test")
    assert found
    assert (found[0], found[1].url) == (3, "http://a.test/2")
    claim_one(frontier)
    assert frontier.position(article_id("http://a.test/urgent"), "a.test") is None


def test_the_state_of_a_url_is_known_all_its_way(make_frontier: MakeFrontier) -> None:
    frontier = make_frontier()
    key = article_id(URL)
    assert frontier.state(key) is State.UNKNOWN
    submit(frontier, URL)
    assert (frontier.state(key), frontier.entry(key)) == (State.WAITING, None)
    article = claim_one(frontier)
    record = frontier.entry(key)
    assert frontier.state(key) is State.IN_FLIGHT
    assert record
    assert (record.url, record.host, int(record.token)) == (URL, "a.test", article.token)
    frontier.settle(article, Outcome.DUPLICATE)
    assert (frontier.state(key), frontier.entry(key)) == (State.SETTLED, None)


def test_the_body_comes_with_the_start_of_the_next_task_and_goes_when_the_article_is_settled(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier, bodies = make_frontier(), Bodies(redis, prefix, 600)
    submit(frontier, URL)
    article = claim_one(frontier).evolve(html=b"<p>page", text="text")
    bodies.save(article)
    bare = article.evolve(html=None, text=None)
    assert frontier.start(article, "extract").body is None
    body = frontier.start(article, "extract", with_body=True).body
    assert bodies.unpack(bare, body) == article
    frontier.settle(article, Outcome.ENRICHED)
    assert not list(redis.scan_iter(match=f"{prefix}body:*"))


def test_a_body_that_is_gone_is_missed(make_frontier: MakeFrontier, redis: RedisClient, prefix: str) -> None:
    frontier, bodies = make_frontier(), Bodies(redis, prefix, 600)
    submit(frontier, URL)
    article = claim_one(frontier)
    with pytest.raises(BodyLostError):
        bodies.unpack(article, frontier.start(article, "extract", with_body=True).body)


@pytest.mark.parametrize(
    "odd",
    [b"", b"x", zstandard.compress(b"no page"), zstandard.compress(bytes(110_000_000))],
    ids=["nothing", "no zstd", "no page", "a bomb"],
)
def test_a_body_that_is_none_is_missed_too(redis: RedisClient, prefix: str, odd: bytes) -> None:
    with pytest.raises(BodyLostError):
        Bodies(redis, prefix, 600).unpack(Article(id="0" * 32, url=URL), odd)


def test_settled_articles_leave_nothing_but_what_was_seen_and_the_counts(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str, pass_time: PassTime
) -> None:
    frontier = make_frontier()
    submit(frontier, *(f"http://{number}.test/" for number in range(50)))
    leases = frontier.claim(50)
    pass_time()
    assert all(frontier.settle(lease.article, Outcome.ENRICHED) for lease in leases)
    kept = {key.decode("latin-1").removeprefix(prefix).split(":")[0] for key in redis.scan_iter(count=1000)}
    assert kept == {"seen", "counts", "fence", "failover"}


def test_a_host_is_remembered_no_longer_than_its_interval(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str
) -> None:
    frontier = make_frontier(host_interval=3600)
    submit(frontier, URL)
    frontier.settle(claim_one(frontier), Outcome.ENRICHED)
    assert 0 < redis.pttl(f"{prefix}host:a.test") <= 3_600_000


def test_a_host_that_has_work_again_is_not_forgotten(
    make_frontier: MakeFrontier, redis: RedisClient, prefix: str, pass_time: PassTime
) -> None:
    frontier = make_frontier(host_interval=3600)
    submit(frontier, URL)
    frontier.settle(claim_one(frontier), Outcome.ENRICHED)
    submit(frontier, "http://a.test/2")
    pass_time()
    claim_one(frontier)
    assert redis.pttl(f"{prefix}host:a.test") == -1

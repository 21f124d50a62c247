"""`--again` from submission to row: a page that has not changed keeps its row, and costs no other stage."""

from collections.abc import Callable, Iterator

import pytest

from monitoring.metrics import Meter
from seeds.http_site import Site
from tasks.article import Article, Outcome
from tasks.pipeline import STAGES
from tests.fault_site.fetch_cases import install
from tests.fault_site.site_fetcher import SiteFetcher, fetching_from
from workers.delivery.runner import Runner
from workers.ledger.bodies import Bodies
from workers.ledger.content_index import ContentIndex
from workers.ledger.frontier import Frontier
from workers.ledger.redis_client import RedisClient
from workers.ledger.settle import Ledger
from workers.ledger.submit import submission
from workers.store.store import Store

FETCH, *ENRICH = (stage.name for stage in STAGES)
TEXT = "It rained in the harbour all day."


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        install(running)
        yield running


@pytest.fixture
def fetcher(site: Site, store: Store) -> Iterator[SiteFetcher]:
    with fetching_from(site, rows=store) as one:
        yield one


@pytest.fixture
def deliver(
    make_frontier: Callable[..., Frontier],
    fetcher: SiteFetcher,
    store: Store,
    redis: RedisClient,
    prefix: str,
) -> Callable[..., list[str]]:
    """Submit a URL and work on it until it is settled; the stages that ran."""
    frontier, meter = make_frontier(), Meter()
    ledger = Ledger(frontier, store, ContentIndex(redis, prefix, store.url_of), meter)
    ran: list[str] = []

    def fetch(article: Article) -> Article:
        ran.append(FETCH)
        return fetcher.fetch(article)

    def extract(article: Article) -> Article:
        ran.append("extract")
        return article.evolve(text=TEXT, title="Rain", versions={"extractor": "x 1"})

    steps = {name: lambda article: article for name in ENRICH} | {FETCH: fetch, "extract": extract}
    runner = Runner(steps, frontier, Bodies(redis, prefix, 600), ledger, meter)

    def work(url: str, *, again: bool = False) -> list[str]:
        ran.clear()
        frontier.submit([submission(url)], again=again)
        (lease,) = frontier.claim(9)
        runner.deliver(lease.article, [FETCH, *ENRICH])
        now = frontier.snapshot()
        assert (now.unsettled, now.settled) == (0, 1)
        assert now.outcomes[Outcome.ENRICHED] == 1
        return list(ran)

    return work


def test_an_unchanged_page_keeps_its_row_and_says_so(
    site: Site, store: Store, deliver: Callable[..., list[str]]
) -> None:
    url = site.url("/", "revisited.test")
    assert deliver(url) == [FETCH, "extract"]
    first = store.row(submission(url).id)
    assert deliver(url, again=True) == [FETCH]
    second = store.row(submission(url).id)
    assert first
    assert second
    assert (first["reason"], second["reason"], second["stage"]) == (None, "unchanged", FETCH)
    assert second["token"] > first["token"]
    assert second["submitted_at"] > first["submitted_at"]
    assert second["record"].pop("checked_at") > first["record"]["fetched_at"]
    passing = {"token", "submitted_at", "settled_at", "reason", "stage", "timings"}
    assert {name: value for name, value in second.items() if name not in passing} == {
        name: value for name, value in first.items() if name not in passing
    }
    assert second["record"]["text"] == TEXT
    assert second["timings"].keys() == first["timings"].keys()


def test_an_unchanged_page_is_asked_about_again_and_again(
    site: Site, store: Store, deliver: Callable[..., list[str]]
) -> None:
    url = site.url("/", "revisited.test")
    deliver(url)
    for _ in range(3):
        assert deliver(url, again=True) == [FETCH]
    row = store.row(submission(url).id)
    assert row
    assert row["record"]["text"] == TEXT


def test_a_page_without_validators_is_made_anew(
    site: Site, store: Store, deliver: Callable[..., list[str]]
) -> None:
    url = site.url("/", "plain.test")
    deliver(url)
    assert deliver(url, again=True) == [FETCH, "extract"]
    row = store.row(submission(url).id)
    assert row
    assert row["reason"] is None


def test_the_article_of_a_row_is_the_one_it_was_made_of(
    store: Store, deliver: Callable[..., list[str]], site: Site
) -> None:
    url = site.url("/", "revisited.test")
    deliver(url)
    article = store.last(submission(url).id)
    assert article
    assert (article.url, article.text, article.title) == (url, TEXT, "Rain")
    assert (article.outcome, article.versions, article.etag) == (
        Outcome.ENRICHED,
        {"extractor": "x 1"},
        '"v1"',
    )
    assert store.last("0" * 32) is None

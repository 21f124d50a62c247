"""Who owns a content, on a real Redis."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.article import Article, Outcome, article_id
from workers.content_index import ContentIndex
from workers.frontier import Frontier, Submission
from workers.redis_client import RedisClient

CONTENT = "c0ffee" + "0" * 26


def an_article(name: str) -> Article:
    url = f"http://site.test/{name}"
    return Article(id=article_id(url), url=url)


@pytest.fixture
def urls() -> dict[str, str]:
    return {one.id: one.url for one in map(an_article, "abcdefgh")}


@pytest.fixture
def contents(redis: RedisClient, prefix: str, urls: dict[str, str]) -> ContentIndex:
    return ContentIndex(redis, prefix, urls.get)


def test_the_first_claimer_owns_a_content_however_often_it_asks(contents: ContentIndex) -> None:
    assert [contents.claim(CONTENT, an_article("a")) for _ in range(3)] == [None] * 3


def test_others_are_told_the_owners_url(contents: ContentIndex) -> None:
    contents.claim(CONTENT, an_article("a"))
    assert contents.claim(CONTENT, an_article("b")) == "http://site.test/a"


def test_only_the_owner_gives_a_content_up(contents: ContentIndex) -> None:
    contents.claim(CONTENT, an_article("a"))
    assert not contents.release(CONTENT, an_article("b"))
    assert contents.release(CONTENT, an_article("a"))
    assert contents.claim(CONTENT, an_article("b")) is None


def test_of_many_at_once_one_owns_it(contents: ContentIndex, urls: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: contents.claim(CONTENT, an_article(name)), "abcdefgh" * 4))
    owners = {url for url in answers if url}
    assert len(owners) == 1
    assert owners <= set(urls.values())


@pytest.mark.parametrize(
    ("outcome", "owner"),
    [
        (Outcome.ENRICHED, "http://site.test/a"),
        (Outcome.FAILED, None),
        (Outcome.REJECTED, None),
        (Outcome.DUPLICATE, None),
    ],
)
def test_the_claim_of_an_owner_without_a_row_of_that_content_is_vacant(
    contents: ContentIndex, make_frontier: Callable[..., Frontier], outcome: Outcome, owner: str | None
) -> None:
    frontier = make_frontier()
    first = an_article("a")
    frontier.submit([Submission(first.id, first.url, "site.test")])
    (lease,) = frontier.claim(1)
    contents.claim(CONTENT, lease.article)
    frontier.settle(lease.article, outcome)
    assert contents.claim(CONTENT, an_article("b")) == owner


def test_the_claim_of_an_owner_that_nobody_knows_is_taken_over(
    contents: ContentIndex, urls: dict[str, str]
) -> None:
    contents.claim(CONTENT, an_article("a"))
    del urls[an_article("a").id]
    assert contents.claim(CONTENT, an_article("b")) is None
    assert contents.claim(CONTENT, an_article("c")) == "http://site.test/b"

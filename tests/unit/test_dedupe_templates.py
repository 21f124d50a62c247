"""A short text that a host has at unrelated addresses is a template, and no original with copies."""

import pytest

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.stage import MemoryContentIndex, dedupe
from tasks.dedupe.templates import ENOUGH, MOST_CHARACTERS, are_unrelated
from tasks.errors import Reason, Rejected

TEASER = "This story is for subscribers of the Courier. " * 6
SLUGS = ("harbour-closes", "mayor-resigns", "snow-tonight", "bridge-reopens", "bakery-fire")


def article(url: str, text: str = TEASER) -> Article:
    return Article(id=article_id(url), url=url, text=text)


def deduped(contents: MemoryContentIndex, urls: list[str], text: str = TEASER) -> list[Article | Reason]:
    results: list[Article | Reason] = []
    for url in urls:
        try:
            results.append(dedupe(article(url, text), contents=contents))
        except Rejected as rejected:
            results.append(rejected.reason)
    return results


def test_the_third_copy_at_an_unrelated_address_shows_that_it_is_a_template() -> None:
    contents = MemoryContentIndex()
    first, *copies = deduped(contents, [f"https://a.test/2025/{slug}.html" for slug in SLUGS])
    assert isinstance(first, Article)
    assert first.outcome is None
    assert [one.outcome for one in copies if isinstance(one, Article)] == [Outcome.DUPLICATE] * (ENOUGH - 1)
    assert [one for one in copies if isinstance(one, Reason)] == [Reason.SOFT_404] * (
        len(copies) - ENOUGH + 1
    )


def test_the_evidence_names_the_first_address() -> None:
    contents = MemoryContentIndex()
    urls = [f"https://a.test/{slug}" for slug in SLUGS]
    deduped(contents, urls[:3])
    with pytest.raises(Rejected, match="harbour-closes") as ending:
        dedupe(article(urls[3]), contents=contents)
    assert "a.test has these" in ending.value.detail


def test_a_template_that_says_so_is_blocked() -> None:
    text = "Please verify that you are a human before you read on. " * 3
    assert (
        deduped(MemoryContentIndex(), [f"https://a.test/{slug}" for slug in SLUGS], text)[-1]
        is Reason.BLOCKED
    )


@pytest.mark.parametrize(
    "urls",
    [
        [f"https://{host}.test/{slug}" for host, slug in zip("abcde", SLUGS, strict=True)],
        [f"https://a.test/{section}/harbour-closes" for section in ("news", "local", "amp", "print", "2025")],
        [f"https://a.test/story?id=778123&from={source}" for source in ("rss", "mail", "home", "app", "web")],
        [f"https://a.test/{number}" for number in "abcde"],
        [f"file:///tmp/{slug}" for slug in SLUGS],
    ],
    ids=["hosts", "sections", "one number", "nothing to compare", "documents"],
)
def test_copies_that_may_be_one_article_are_duplicates(urls: list[str]) -> None:
    _, *copies = deduped(MemoryContentIndex(), urls)
    assert all(isinstance(one, Article) and one.outcome is Outcome.DUPLICATE for one in copies)


def test_a_long_text_is_no_template() -> None:
    text = TEASER + "x" * MOST_CHARACTERS
    _, *copies = deduped(MemoryContentIndex(), [f"https://a.test/{slug}" for slug in SLUGS], text)
    assert all(isinstance(one, Article) for one in copies)


def test_an_article_that_is_delivered_again_counts_once() -> None:
    urls = [f"https://a.test/{slug}" for slug in SLUGS[:3]]
    assert Reason.SOFT_404 not in deduped(MemoryContentIndex(), [urls[0], urls[1], urls[1], urls[1], urls[2]])


@pytest.mark.parametrize(
    ("one", "other", "unrelated"),
    [
        ("https://a.test/2025/06/harbour-closes", "https://a.test/2025/06/mayor-resigns", True),
        ("https://a.test/story.php?id=123", "https://a.test/story.php?id=456", True),
        ("https://a.test/story.php?id=123", "https://a.test/story.php?id=123&print=1", False),
        ("https://a.test/harbour-closes", "https://b.test/mayor-resigns", False),
        ("https://a.test/", "https://a.test/mayor-resigns", False),
    ],
)
def test_addresses_are_unrelated_if_their_ends_have_nothing_in_common(
    one: str, other: str, *, unrelated: bool
) -> None:
    assert are_unrelated(one, other) is unrelated

"""Pages that are visited again: only what has changed is sent, and made anew."""

from collections.abc import Iterator

import pytest

from seeds.http_site import HTML, HTML_TYPE, Connection, Site, answer, moved
from tasks.article import Article, Outcome
from tasks.errors import Ending, Reason
from tasks.fetch.memory import MemoryRows
from tests.fault_site.site_fetcher import SiteFetcher, fetching_from

VALIDATORS = b'ETag: "v1"\r\nLast-Modified: Wed, 16 Apr 2025 12:00:00 GMT\r\n'


@pytest.fixture
def rows() -> MemoryRows:
    return MemoryRows()


@pytest.fixture
def site() -> Iterator[Site]:
    def answer_if_changed(connection: Connection) -> None:
        unchanged = connection.last_request.headers.get("if-none-match") == '"v1"'
        connection.wfile.write(
            b"HTTP/1.1 304 Not Modified\r\n\r\n" if unchanged else answer(headers=HTML_TYPE + VALIDATORS)
        )

    with Site().running() as running:
        running.routes["/a"] = answer_if_changed
        yield running


@pytest.fixture
def fetcher(site: Site, rows: MemoryRows) -> Iterator[SiteFetcher]:
    with fetching_from(site, rows=rows) as one:
        yield one


def settle(rows: MemoryRows, page: Article, outcome: Outcome = Outcome.ENRICHED) -> Article:
    """Keep what was made of a page, as a row does."""
    rows[page.id] = page.evolve(html=None, text="It rained.", language="en", outcome=outcome, token=1)
    return rows[page.id]


@pytest.mark.parametrize("outcome", [Outcome.ENRICHED, Outcome.DUPLICATE])
def test_a_page_that_has_not_changed_is_what_it_was(
    site: Site, fetcher: SiteFetcher, rows: MemoryRows, outcome: Outcome
) -> None:
    last = settle(rows, fetcher.get(site.url("/a")), outcome)
    page = fetcher.get(site.url("/a"), again=True, token=7, submitted_at=99.0)
    assert (page.outcome, page.text, page.html) == (outcome, "It rained.", None)
    assert (page.token, page.submitted_at, page.fetched_at) == (7, 99.0, last.fetched_at)
    assert page.checked_at
    assert last.fetched_at
    assert page.checked_at >= last.fetched_at
    asked = site.requests[-1].headers
    assert asked["if-none-match"] == '"v1"'
    assert asked["if-modified-since"] == "Wed, 16 Apr 2025 12:00:00 GMT"


def test_a_page_that_has_changed_is_a_new_page(site: Site, fetcher: SiteFetcher, rows: MemoryRows) -> None:
    last = fetcher.get(site.url("/a")).evolve(etag='"v0"')
    settle(rows, last)
    page = fetcher.get(site.url("/a"), again=True)
    assert (page.html, page.etag, page.outcome, page.text, page.checked_at) == (
        HTML,
        '"v1"',
        None,
        None,
        None,
    )


def test_what_is_not_visited_again_is_asked_for_as_it_is(
    site: Site, fetcher: SiteFetcher, rows: MemoryRows
) -> None:
    settle(rows, fetcher.get(site.url("/a")))
    assert fetcher.get(site.url("/a")).html == HTML
    assert "if-none-match" not in site.requests[-1].headers


def test_validators_are_sent_only_to_where_they_came_from(
    site: Site, fetcher: SiteFetcher, rows: MemoryRows
) -> None:
    site.routes["/start"] = moved("/a")
    settle(rows, fetcher.get(site.url("/start")))
    assert fetcher.get(site.url("/start"), again=True).checked_at
    assert ["if-none-match" in one.headers for one in site.requests[-2:]] == [False, True]
    site.routes["/start"] = moved("/b")
    site.routes["/b"] = answer()
    assert fetcher.get(site.url("/start"), again=True).final_url == site.url("/b")
    assert "if-none-match" not in site.requests[-1].headers


def test_a_304_that_nobody_asked_for_is_no_page(site: Site, fetcher: SiteFetcher, rows: MemoryRows) -> None:
    site.routes["/b"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    settle(rows, fetcher.get(site.url("/a")).evolve(final_url=site.url("/b"), etag=None, last_modified=None))
    with pytest.raises(Ending) as ending:
        fetcher.get(site.url("/b"), again=True)
    assert ending.value.reason is Reason.BAD_STATUS


@pytest.mark.parametrize("value", [b"\xff", b'"' + b"x" * 300 + b'"', b'"a\tb"'])
def test_a_validator_that_could_not_be_sent_back_is_not_kept(
    site: Site, fetcher: SiteFetcher, value: bytes
) -> None:
    site.routes["/b"] = answer(headers=HTML_TYPE + b"ETag: " + value + b"\r\n")
    assert fetcher.get(site.url("/b")).etag is None

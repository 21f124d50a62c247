"""Faults of other projects that are worked around. A test that fails here says that one is mended (docs/upstream.md)."""

import pytest
import trafilatura
from htmldate import find_date
from lxml.html import HTMLParser, document_fromstring

from tasks.extract.page import read_page

URL = "https://courier.example/levees"
BODY = "".join(
    f"<p>The council of Harbor Falls voted on Monday to raise the levees. Paragraph {n}.</p>"
    for n in range(9)
)
WRONG_OFFSET = '<meta property="article:published_time" content="2024-03-05T09:00:00+99:00">'
LISTS = f"<body><article>{BODY}{'<ul><li>x' * 900}"
HEADLINES = '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "headline": ["a"]}</script>'


def page(head: str, foot: str = "") -> str:
    return f"<html><head>{head}</head><body><article>{BODY}</article>{foot}</body></html>"


def test_htmldate_raises_for_an_offset_of_more_than_a_day() -> None:
    with pytest.raises(ValueError, match="timedelta"):
        find_date(page(WRONG_OFFSET))
    found = read_page(page(WRONG_OFFSET), URL)
    assert found.text.endswith("Paragraph 8.")
    assert found.published_stated == "2024-03-05T09:00:00"


def test_htmldate_takes_a_year_alone_for_its_first_day() -> None:
    assert find_date(page("", "<p>© 2019 Courier</p>")) == "2019-01-01"
    assert read_page(page("", "<p>© 2019 Courier</p>"), URL).published_stated is None


def test_trafilatura_does_not_catch_a_recursion_error() -> None:
    with pytest.raises(RecursionError):
        trafilatura.bare_extraction(document_fromstring(LISTS, HTMLParser(huge_tree=True)), fast=True)
    assert "Paragraph 8." in read_page(LISTS, URL).text


def test_trafilatura_gives_a_title_that_is_a_list() -> None:
    assert isinstance(trafilatura.extract_metadata(page(HEADLINES)).title, list)
    assert read_page(page(HEADLINES), URL).title == "a"

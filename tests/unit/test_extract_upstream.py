"""Faults of other projects that are worked around. A test that fails here says that one is mended (docs/upstream.md)."""

import pytest
import trafilatura
from lxml.html import HTMLParser, document_fromstring

from tasks.extract.page import read_page

URL = "https://courier.example/levees"
BODY = "".join(
    f"<p>The council of Harbor Falls voted on Monday to raise the levees. Paragraph {n}.</p>"
    for n in range(9)
)
LISTS = f"<body><article>{BODY}{'<ul><li>x' * 900}"
HEADLINES = '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "headline": ["a"]}</script>'


def page(head: str) -> str:
    return f"<html><head>{head}</head><body><article>{BODY}</article></body></html>"


def test_trafilatura_does_not_catch_a_recursion_error() -> None:
    with pytest.raises(RecursionError):
        trafilatura.bare_extraction(document_fromstring(LISTS, HTMLParser(huge_tree=True)), fast=True)
    assert "Paragraph 8." in read_page(LISTS, URL).text


def test_trafilatura_gives_a_title_that_is_a_list() -> None:
    assert isinstance(trafilatura.extract_metadata(page(HEADLINES)).title, list)
    assert read_page(page(HEADLINES), URL).title == "a"

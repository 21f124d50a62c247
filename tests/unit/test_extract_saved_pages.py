"""A saved page keeps the address it was saved from, whatever program saved it; what is in the page is only data."""

from typing import Any

import pytest

from tasks.article import Article
from tasks.extract.stage import Extractor, extract
from tasks.urls import LONGEST_KEPT

SENTENCE = "The council of Harbor Falls voted on Monday to raise the levees along the river by half a metre."
TEXT = "".join(f"<p>{SENTENCE} Paragraph {number}.</p>" for number in range(4))
URL = "https://courier.example/levees"
CANONICAL = f'<link rel="canonical" href="{URL}">'
OG_URL = f'<meta property="og:url" content="{URL}">'


def saved(
    head: str = "", before: str = "<html>", at: str = "file:///levees.html", **source: Any
) -> str | None:
    html = f"<!DOCTYPE html>\n{before}<head><title>Levees</title>{head}</head><body><article>{TEXT}</article></body></html>"
    article = Article(id="0a", url=at, extras=source, content_type="text/html", html=html.encode())
    return extract(article, extractor=Extractor()).saved_from


@pytest.mark.parametrize(
    "before",
    [
        f"<!-- saved from url=(0030){URL} -->\n<html>",
        f"<!-- saved from url=(0030){URL} -->\r\n<html>",
        f"<html><!--\n Page saved with SingleFile \n url: {URL} \n saved date: Wed Apr 16 2025 \n-->",
        f"<html lang=en style><!--\n Archive processed by SingleFile \n url: {URL} \n-->",
        f"<!-- Saved from {URL} at 2025-04-16T10:30:45Z using monolith v2.7.0 -->\n<html>",
        f'<html data-scrapbook-source="{URL}" data-scrapbook-create="20250416">',
    ],
    ids=["mark of the web", "with CRLF", "SingleFile", "old SingleFile", "monolith", "WebScrapBook"],
)
def test_the_program_that_saved_a_page_has_noted_its_address(before: str) -> None:
    assert saved(before=before) == URL


def test_httrack_notes_the_address_without_its_scheme() -> None:
    comment = "<!-- Mirrored from courier.example/levees by HTTrack Website Copier/3.x [XR&CO'2014] -->"
    assert saved(before=f"<html>{comment}") == "http://courier.example/levees"


@pytest.mark.parametrize(
    "head",
    [
        f'<meta name="savepage-url" content="{URL}">',
        CANONICAL,
        f"<link href={URL} rel='Canonical nofollow'>",
        OG_URL,
    ],
)
def test_a_page_names_its_address_itself(head: str) -> None:
    assert saved(head) == URL


def test_what_is_surer_goes_first() -> None:
    one, two, three, four = (f"https://courier.example/{n}" for n in range(4))
    head = OG_URL.replace(URL, four) + CANONICAL.replace(URL, three)
    marked = f"<!-- saved from url=(0030){two} --><html>"
    assert saved(head, marked, url=one) == one
    assert saved(head, marked) == two
    assert saved(head) == three
    assert saved(OG_URL.replace(URL, four)) == four


def test_an_address_is_written_as_that_of_a_page_that_was_fetched() -> None:
    assert saved(CANONICAL.replace(URL, "HTTPS://Courier.example:443/a/../levees#top")) == URL


@pytest.mark.parametrize(
    "address",
    [
        "/levees",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "about:internet",
        "https://courier.example/" + "a" * LONGEST_KEPT,
        "https://courier.example/" + "ü" * (LONGEST_KEPT // 4),
        "",
    ],
)
def test_what_is_no_address_does_not_count(address: str) -> None:
    assert saved(CANONICAL.replace(URL, address)) is None
    assert saved(CANONICAL.replace(URL, address) + OG_URL) == URL
    assert saved(OG_URL, url=address) == URL


@pytest.mark.parametrize(
    "source",
    [{"url": 7}, {"url": None}, {"url": [URL]}, {"url": "https://courier\x1b.example/"}, {"title": "x"}],
)
def test_a_sidecar_may_have_anything(source: dict[str, Any]) -> None:
    assert saved(OG_URL, **source) == URL


def test_a_page_from_the_web_was_not_saved_from_anywhere() -> None:
    assert saved(CANONICAL, at="https://courier.example/levees", url=URL) is None


def test_a_text_has_the_address_in_its_sidecar() -> None:
    article = Article(
        id="0a", url="file:///a.txt", extras={"url": URL}, content_type="text/plain", html=b"A headline"
    )
    assert extract(article, extractor=Extractor()).saved_from == URL


def test_a_mark_behind_a_comment_that_never_ends_is_not_looked_for() -> None:
    assert saved(before=f"<!--{' ' * 100_000}saved from url=(0030){URL} --><html>") is None

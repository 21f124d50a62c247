"""The URLs that a page gives for itself are on its record: absolute, as they would be requested, and bounded."""

import pytest

from tasks.article import Article
from tasks.extract.stage import Extractor, extract
from tasks.urls import LONGEST_KEPT

SENTENCE = "The council of Harbor Falls voted on Monday to raise the levees along the river by half a metre."
TEXT = "".join(f"<p>{SENTENCE} Paragraph {number}.</p>" for number in range(4))
URL = "https://courier.example/news/levees?page=2"


def page(head: str, **fields: str) -> Article:
    html = f"<!DOCTYPE html><html><head><title>Levees</title>{head}</head><body><article>{TEXT}</article></body></html>"
    article = Article(id="0a", url=URL, content_type="text/html", html=html.encode()).evolve(**fields)
    return extract(article, extractor=Extractor())


def canonical(head: str, **fields: str) -> str | None:
    return page(head, **fields).canonical_link


def test_the_three_are_kept_beside_each_other() -> None:
    article = page(
        '<link rel="canonical" href="https://courier.example/levees"><meta property="og:url" content="https://m.example/l">'
        '<link rel="amphtml" href="https://courier.example/levees/amp">'
    )
    assert article.canonical_link == "https://courier.example/levees"
    assert article.og_url == "https://m.example/l"
    assert article.amphtml == "https://courier.example/levees/amp"


def test_a_page_without_them_has_none() -> None:
    article = page('<link rel="alternate" href="/feed"><meta name="url" content="https://a.example/">')
    assert (article.canonical_link, article.og_url, article.amphtml) == (None, None, None)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="CANONICAL" href="/levees">',
        '<LINK REL="nofollow Canonical" HREF="/levees">',
        "<link href=/levees rel=canonical>",
        '<link rel="\tcanonical\n" href="  /levees\n">',
        '<link rel="canonical" href="../levees">',
        '<link rel="canonical" href="//courier.example/levees">',
        '<link rel="canonical" href="https://COURIER.example:443/levees#top">',
    ],
)
def test_a_link_is_read_as_browsers_do(link: str) -> None:
    assert canonical(link) == "https://courier.example/levees"


@pytest.mark.parametrize(
    ("base", "right"),
    [
        ('<base href="https://www.courier.example/a/">', "https://www.courier.example/a/levees"),
        ('<base target="_blank"><base href="/b/">', "https://courier.example/b/levees"),
        ('<base href="/c/"><base href="/d/">', "https://courier.example/c/levees"),
        ('<base href="javascript:alert(1)">', "https://courier.example/news/levees"),
        ('<base href="http://[::1/">', "https://courier.example/news/levees"),
        ('<base href="">', "https://courier.example/news/levees"),
    ],
)
def test_it_is_relative_to_the_base_of_the_page(base: str, right: str) -> None:
    assert canonical(f'{base}<link rel="canonical" href="levees">') == right


def test_it_is_relative_to_where_the_redirects_ended() -> None:
    moved = "https://new.example/x/y"
    assert (
        canonical('<link rel="canonical" href="levees">', final_url=moved) == "https://new.example/x/levees"
    )


@pytest.mark.parametrize(
    "href",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:a@b.example",
        "http://[::1/x",
        "https://a<b/",
        f"https://courier.example/{'x' * LONGEST_KEPT}",
        f"https://courier.example/{'ü' * (LONGEST_KEPT // 3)}",
    ],
)
def test_what_is_no_url_of_a_page_is_left_out_and_the_next_one_counts(href: str) -> None:
    link = f'<link rel="canonical" href="{href}">'
    assert canonical(link) is None
    assert canonical(f'{link}<link rel="canonical" href="/levees">') == "https://courier.example/levees"


def test_a_link_without_an_address_is_none() -> None:
    assert canonical('<link rel="canonical"><meta property="og:url">') is None


def test_og_url_may_be_a_name_as_well() -> None:
    assert page('<meta name="OG:URL" content="/levees">').og_url == "https://courier.example/levees"


def test_a_document_of_a_folder_has_those_that_are_absolute() -> None:
    at = {"url": "file:///levees.html"}
    assert canonical('<link rel="canonical" href="/levees">', **at) is None
    assert canonical('<link rel="canonical" href="https://courier.example/levees">', **at)


def test_the_page_goes_before_the_header() -> None:
    header = {"canonical_link": "https://courier.example/header"}
    assert canonical("", **header) == "https://courier.example/header"
    assert canonical('<link rel="canonical" href="/levees">', **header) == "https://courier.example/levees"
    text = Article(id="0a", url=URL, content_type="text/plain", html=SENTENCE.encode()).evolve(**header)
    assert extract(text, extractor=Extractor()).canonical_link == "https://courier.example/header"

"""Fields from the statement of a page, each by an order of trust."""

import json
from typing import Any

import pytest

from tasks.extract.page import parse
from tasks.extract.statement import Statement, fields, read_statement

URL = "https://www.tribune.example/2025/04/story.html"


def statement(*metas: str, **node: Any) -> Statement:
    """Return the statement of a page with metas (`name=content`) and a node of JSON-LD."""
    head = "".join(
        '<meta property="{}" content="{}">'.format(*meta.split("=", 1)) for meta in metas
    ) + f'<script type="application/ld+json">{json.dumps(node)}</script>' * bool(node)
    return read_statement(
        parse(f"<html><head><title>Council votes</title>{head}</head><body><p>x</p></body></html>"), URL
    )


def article(*metas: str, **values: Any) -> Statement:
    return statement(*metas, **{"@type": "NewsArticle", "headline": "Council votes", **values})


BREADCRUMB = {
    "@type": "BreadcrumbList",
    "itemListElement": [
        {"@type": "ListItem", "position": 1, "name": "Home"},
        {"@type": "ListItem", "position": 2, "item": {"@id": "/world", "name": "World"}},
        {"@type": "ListItem", "position": 3, "name": "Council votes"},
    ],
}


@pytest.mark.parametrize(
    ("found", "site"),
    [
        (article("og:site_name=Tribune", publisher={"name": "Tribune Ltd"}), "Tribune"),
        (article("og:site_name=https://tribune.example/", publisher={"name": "Tribune Ltd"}), "Tribune Ltd"),
        (
            statement(
                **{
                    "@graph": [
                        {"@type": "WebSite", "name": "Tribune"},
                        {"@type": "Organization", "name": "T Ltd"},
                    ]
                }
            ),
            "Tribune",
        ),
        (statement("twitter:site=@tribune"), "tribune"),
        (statement(), "tribune.example"),
    ],
)
def test_the_site_is_what_the_page_calls_it_else_its_host(found: Statement, site: str) -> None:
    assert fields.site_of(found) == site


@pytest.mark.parametrize(
    ("found", "publisher"),
    [
        (
            article("dc.publisher=Else", publisher={"@type": "Organization", "name": "Tribune Ltd"}),
            "Tribune Ltd",
        ),
        (article("dc.publisher=Else", publisher="Tribune &amp; Sons"), "Tribune & Sons"),
        (statement("dc.publisher=Tribune Ltd"), "Tribune Ltd"),
        (article(publisher=["https://tribune.example/"]), None),
    ],
)
def test_the_publisher_is_that_of_the_node_first(found: Statement, publisher: str | None) -> None:
    assert fields.publisher_of(found) == publisher


@pytest.mark.parametrize(
    ("found", "section"),
    [
        (article("article:section=World", articleSection=["Europe", "World"]), "Europe"),
        (article(articleSection="Europe, World"), "Europe"),
        (article("article:section=World"), "World"),
        (statement(**BREADCRUMB), "World"),
        (article("article:section=https://tribune.example/world"), None),
        (article(articleSection={"@type": 1}), None),
    ],
)
def test_the_section_is_that_of_the_node_of_metas_of_the_breadcrumb(
    found: Statement, section: str | None
) -> None:
    assert fields.section_of(found) == section


def test_keywords_are_those_of_node_and_metas_each_once() -> None:
    found = article(
        "news_keywords=Budget; town hall",
        "article:tag=ferry",
        "article:tag=Pier",
        keywords=["budget", "mayor, pier"],
    )
    assert fields.keywords_of(found) == ("Budget", "mayor", "Pier", "town hall", "ferry")
    assert fields.keywords_of(article(keywords="港口、码头")) == ("港口", "码头")


@pytest.mark.parametrize(
    ("found", "image"),
    [
        (article("og:image=/a.jpg", image="/b.jpg"), "https://www.tribune.example/a.jpg"),
        (article(image=[{"url": "https://i.example/b.jpg"}]), "https://i.example/b.jpg"),
        (
            article("og:image=data:image/png;base64,xx", image={"contentUrl": "c.jpg"}),
            "https://www.tribune.example/2025/04/c.jpg",
        ),
        (article("og:image=http://[", image=7), None),
    ],
)
def test_the_image_is_the_first_that_has_an_address(found: Statement, image: str | None) -> None:
    assert fields.image_of(found) == image


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (article("og:type=article"), "article"),
        (article(), "newsarticle"),
        (statement(**{"@type": "CollectionPage"}), "collectionpage"),
        (statement(), None),
    ],
)
def test_the_type_is_that_of_og_type_of_the_node_of_the_page(found: Statement, kind: str | None) -> None:
    assert fields.page_type_of(found) == kind


def test_the_description_is_that_for_sharing_first() -> None:
    assert fields.description_of(article("description=b", "og:description=a", description="c")) == "a"
    assert fields.description_of(article(description="c <b>d</b>")) == "c d"


@pytest.mark.parametrize(
    "value", [None, 1, [], {}, [[]], [{}], {"name": []}, [None, 1, "a"], {"url": {"url": 1}}, True]
)
def test_values_of_any_type_do_no_harm(value: Any) -> None:
    names = (
        "publisher",
        "articleSection",
        "keywords",
        "image",
        "thumbnailUrl",
        "description",
        "itemListElement",
        "isPartOf",
    )
    for type_ in ("NewsArticle", "WebSite", "BreadcrumbList", value):
        found = statement(**{**dict.fromkeys(names, value), "@type": type_, "headline": "Council votes"})
        for function in vars(fields).values():
            if (
                getattr(function, "__name__", "").endswith("_of")
                and not function.__name__.startswith("_")
                and function.__module__ == fields.__name__
            ):
                function(found)

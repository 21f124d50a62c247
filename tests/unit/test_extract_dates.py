"""Which of a page's dates is that of its publication, and which that of its last change."""

import json
from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from tasks.extract.dates import Dates, dates_of
from tasks.extract.statement import read_statement

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
URL = "https://courier.example/news/pier"
TEXT = "<p>The council of the town voted on Tuesday to rebuild the old ferry pier.</p>"


def read(head: str = "", body: str = "", *, url: str = URL, lang: str = "en", now: datetime = NOW) -> Dates:
    html = f'<html lang="{lang}"><head><title>Pier</title>{head}</head><body>{body}</body></html>'
    return dates_of(read_statement(document_fromstring(html), url), now)


def published(*args: str, url: str = URL, lang: str = "en") -> str | None:
    found = read(*args, url=url, lang=lang).published
    return found.value if found else None


def node(**values: object) -> str:
    of_article = {"@type": "NewsArticle", "headline": "Pier to be rebuilt", **values}
    return f'<script type="application/ld+json">{json.dumps(of_article)}</script>'


def shown(dateline: str) -> str:
    return f"<article><h1>Pier to be rebuilt</h1>{dateline}{TEXT}</article>"


def test_publication_and_change_are_told_apart_wherever_they_stand() -> None:
    head = '<meta property="article:modified_time" content="2024-01-02T08:00:00Z">' + node(
        dateModified="2024-01-02T08:00:00Z", datePublished="2021-06-15T08:00:00Z"
    )
    found = read(head, shown("<p>Updated 2 January 2024</p>"))

    assert found.published is not None
    assert found.modified is not None
    assert (found.published.value, found.published.source) == (
        "2021-06-15T08:00:00+00:00",
        "json-ld datePublished",
    )
    assert found.modified.value == "2024-01-02T08:00:00+00:00"


def test_a_change_alone_is_no_publication() -> None:
    found = read("", shown('<p class="stamp">Last updated on 2 January 2024</p>'))

    assert found.published is None
    assert found.modified is not None
    assert found.modified.value == "2024-01-02"


def test_dates_of_lists_parts_and_updates_do_not_count() -> None:
    other = {"@type": "NewsArticle", "headline": "Gulls return", "datePublished": "2019-02-03"}
    assert published(node(hasPart=[other], liveBlogUpdate=[other]), shown("")) is None
    items = {"@type": "ItemList", "itemListElement": [other]}
    assert published(f'<script type="application/ld+json">{json.dumps(items)}</script>', shown("")) is None


def test_a_day_gets_the_time_that_another_place_tells() -> None:
    meta = '<meta property="article:published_time" content="2021-06-15T08:30:00+02:00">'
    assert published(node(datePublished="2021-06-15") + meta, shown("")) == "2021-06-15T08:30:00+02:00"


def test_the_time_of_rendering_is_no_publication_where_the_page_shows_an_earlier_one() -> None:
    head = node(datePublished="2025-06-01T11:59:58Z")
    assert published(head, shown("<time>14 March 2023</time>")) == "2023-03-14"
    assert published(head, shown("")) == "2025-06-01T11:59:58+00:00"


@pytest.mark.parametrize("day", ["2025-06-03", "2025-06-02T02:01:00Z"])
def test_nothing_is_published_later_than_the_zone_furthest_ahead_allows(day: str) -> None:
    assert published(node(datePublished=day), shown("")) is None


@pytest.mark.parametrize(
    ("language", "host", "value"),
    [
        ("en-US", "courier.com", "2021-06-05"),
        ("en", "courier.us", "2021-06-05"),
        ("en-GB", "courier.com", "2021-05-06"),
        ("en", "courier.co.uk", "2021-05-06"),
        ("es", "courier.com", "2021-05-06"),
        ("en-US", "courier.co.uk", None),
        ("en", "courier.com", None),
        ("en-CA", "courier.com", None),
        ("zh", "courier.cn", None),
    ],
)
def test_day_and_month_in_numbers_follow_language_and_host(
    language: str, host: str, value: str | None
) -> None:
    body = shown('<span class="date">06/05/2021</span>')
    assert published("", body, url=f"https://{host}/news/pier", lang=language) == value


def test_another_date_of_the_page_tells_the_order_of_its_numbers() -> None:
    body = shown('<span class="date">06/05/2021</span>') + "<footer>Opened on 25/04/2021</footer>"
    assert published("", body) == "2021-05-06"


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://courier.example/2021/06/15/pier", "2021-06-15"),
        ("https://courier.example/news/2021-06-15/pier.html", "2021-06-15"),
        ("https://courier.example/20210615/pier", "2021-06-15"),
        ("https://courier.example/2021/06/pier", None),
        ("https://courier.example/news/20210615", None),
        ("https://courier.example/news/pier-20210615.html", None),
        ("https://courier.example/2031/06/15/pier", None),
        ("file:///archive/2021/06/15/pier.html", None),
    ],
)
def test_a_day_in_folders_of_the_url_counts_if_nothing_else_does(url: str, value: str | None) -> None:
    assert published("", shown(""), url=url) == value


@pytest.mark.parametrize(
    "body",
    [
        shown(
            "<p>The ferry sank near the pier on 3 March 1953, and the town has argued about it ever since then, it says.</p>"
        ),
        shown("") + '<aside><time datetime="2021-06-15">15 June 2021</time></aside>',
        '<div class="related-stories"><span class="date">15 June 2021</span></div>' + shown(""),
        shown("") + "<footer>© 2019 Courier</footer>",
    ],
)
def test_dates_of_events_and_other_stories_do_not_count(body: str) -> None:
    assert published("", body) is None


@pytest.mark.parametrize(
    "value", [None, 7, True, [], {}, [None, {"@value": []}], "soon", "2021-99-99", {"a": {"b": [1]}}]
)
def test_values_of_any_type_are_none(value: object) -> None:
    assert published(node(datePublished=value, dateModified=value), shown("")) is None


@pytest.mark.parametrize(
    ("line", "day", "changed"),
    [
        ("Updated June 17, 2021 | Posted June 15, 2021", "2021-06-15", "2021-06-17"),
        ("June 15, 2021 (updated June 17, 2021)", "2021-06-15", "2021-06-17"),
        ("2021.06.15 09:10 입력 / 2021.06.17 11:00 수정", "2021-06-15", "2021-06-17"),
        ("Mis à jour le 17 juin 2021, publié le 15 juin 2021", "2021-06-15", "2021-06-17"),
        ("15 June 2021, updated at 14:30", "2021-06-15", None),
        ("15 June 2021 (updated)", None, "2021-06-15"),
        ("আপডেট: ১৫ জুন ২০২১", None, "2021-06-15"),
        ("Received: 3 June 2020, accepted: 16 December 2020", None, None),
        ("Received: 3 June 2020, published: 15 June 2021", "2021-06-15", None),
    ],
)
def test_a_word_in_a_dateline_says_what_its_date_is(line: str, day: str | None, changed: str | None) -> None:
    found = read("", shown(f'<div class="meta">{line}</div>'))

    assert (found.published.value[:10] if found.published else None) == day
    assert (found.modified.value[:10] if found.modified else None) == changed


@pytest.mark.parametrize(
    "bar",
    [
        '<div class="date">Sunday, June 1, 2025</div>',
        '<div class="topbar"><span>Friday, March 3, 2023</span></div>',
    ],
)
def test_the_day_in_the_bar_of_a_site_is_none_of_the_article(bar: str) -> None:
    assert published("", bar + shown("")) is None
    assert published("", bar + shown("<div>15 June 2021</div>")) == "2021-06-15"


def test_a_day_above_the_headline_is_that_of_the_article() -> None:
    assert published("", '<div class="article-date">June 15, 2021</div>' + shown("")) == "2021-06-15"


@pytest.mark.parametrize(
    ("modified", "kept"),
    [
        ("2025-04-16T08:29:59+02:00", False),
        ("2025-04-16T06:30:01Z", True),
        ("2025-04-16T08:00:00", True),  # without a zone nobody can tell
        ("2025-04-16", True),
        ("2025-04-15", False),
    ],
)
def test_a_change_is_never_before_the_publication(modified: str, *, kept: bool) -> None:
    found = read(node(datePublished="2025-04-16T08:30:00+02:00", dateModified=modified))
    assert (found.modified is not None) is kept


@pytest.mark.parametrize(
    "around", ['<form id="page">{}</form>', '<div class="post related-tag weather">{}</div>']
)
def test_what_is_around_the_headline_too_says_nothing_of_the_dateline(around: str) -> None:
    assert published("", around.format(shown("<p>15 June 2021</p>"))) == "2021-06-15"
    assert published("", shown("") + around.format("<p>15 June 2021</p>")) is None


def test_the_headline_is_the_heading_that_the_title_has_not_the_first() -> None:
    blog = "<h1>Harbour notes</h1><p>3 March 2020</p>" + "<p>Words</p>" * 90
    head = '<meta property="og:title" content="Pier to be rebuilt">'
    assert published(head, blog + shown("<p>15 June 2021</p>")) == "2021-06-15"


@pytest.mark.parametrize(
    "name", ["article:published_time", "article:published:time", "publish-date", "DC.Date.Issued"]
)
def test_a_meta_is_known_by_the_letters_of_its_name(name: str) -> None:
    assert published(f'<meta name="{name}" content="2021-06-15">', shown("")) == "2021-06-15"


def test_a_publication_that_moves_with_each_change_gives_way_to_an_earlier_marked_one() -> None:
    metas = (
        '<meta property="article:published_time" content="2021-06-16T19:00:00Z">'
        '<meta property="article:modified_time" content="2021-06-16T19:00:00Z">'
    )
    marked = '<span itemprop="datePublished" content="2021-06-15T08:00:00Z"></span>'
    assert published(metas, shown(marked)) == "2021-06-15T08:00:00+00:00"
    assert published(metas, shown("<p>15 June 2021</p>")) == "2021-06-16T19:00:00+00:00"
    assert (
        published(metas + node(datePublished="2021-06-16T19:00:00Z"), shown(marked))
        == "2021-06-16T19:00:00+00:00"
    )


@pytest.mark.parametrize(
    "dateline",
    [
        '<relative-time datetime="2021-06-15T08:00:00Z">4 years ago</relative-time>',
        '<span class="ago" data-published="2021-06-15T08:00:00Z">4 years ago</span>',
        '<time data-timestamp="1623744000">4 years ago</time>',
        '<time datetime="1623744000">4 years ago</time>',
    ],
)
def test_an_element_that_shows_how_long_ago_it_was_has_the_time_in_an_attribute(dateline: str) -> None:
    assert published("", shown(dateline)) == "2021-06-15T08:00:00+00:00"


def test_the_day_of_a_picture_is_none_of_the_article() -> None:
    picture = "<figure><img><figcaption>The pier on 3 January 2020</figcaption></figure>"
    assert published("", shown(picture)) is None
    assert published("", shown(f"{picture}<p>15 June 2021</p>")) == "2021-06-15"


def test_a_change_may_be_told_behind_the_publication() -> None:
    body = shown(
        "<div>First published on Tue 15 Jun 2021 10.00 GMT</div><div>Last modified on 16 Jun 2021 11.00 GMT</div>"
    )
    found = read("", body)
    assert (found.published and found.published.value) == "2021-06-15T10:00+00:00"
    assert (found.modified and found.modified.value) == "2021-06-16T11:00+00:00"


def test_the_node_of_the_page_has_the_date_where_the_article_that_is_part_of_it_has_none() -> None:
    page = {"@type": "WebPage", "datePublished": "2021-06-15", "dateModified": "2021-06-16"}
    found = read(node(isPartOf=page), shown(""))
    assert (found.published and found.published.value) == "2021-06-15"
    assert (found.modified and found.modified.value) == "2021-06-16"
    assert published(node(isPartOf=page, datePublished="2021-06-14"), shown("")) == "2021-06-14"

"""What a page states of itself, read once."""

import pytest

from tasks.extract.page import parse
from tasks.extract.statement import Statement, read_statement

URL = "https://www.tribune-daily.example/2025/04/story.html"


def statement(head: str = "", body: str = "", *, html: str = "<html>", url: str = URL) -> Statement:
    return read_statement(parse(f"{html}<head>{head}</head><body>{body}</body></html>"), url)


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def headline(*scripts: str, body: str = "<h1>Council votes</h1>") -> object:
    """Return the headline of the node that is the article of a page with these scripts."""
    article = statement("".join(map(json_ld, scripts)), body).article
    return article and article.get("headline")


ARTICLE = '{"@type": "NewsArticle", "headline": "Council votes"}'


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f"[[{ARTICLE}]]",
        f'{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        f'{{"@type": "Organization", "name": "Tribune"}}\n{ARTICLE}',
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"/* <![CDATA[ */ {ARTICLE} /* ]]> */",
        f"{ARTICLE};",
        f'{ARTICLE}}}, // none for some stories\n"description": "a brace too many" }}',
        ARTICLE.replace("}", ",}"),
        ARTICLE.replace("}", ', "keywords": ["a", "b",], }'),
        ARTICLE.replace("}", ', "description": "one\n two"}'),
        ARTICLE.replace("}", ', "description": "the "big" one"}'),
        ARTICLE.replace("}", r', "description": "it\'s one"}'),
        ARTICLE.replace('"', "&quot;"),
        '{"@type": "schema:NewsArticle", "schema:headline": "Council votes"}',
        '{"@type": ["Thing", "http://schema.org/NewsArticle"], "http://schema.org/headline": "Council votes"}',
    ],
)
def test_the_article_is_found_in_json_of_any_form(text: str) -> None:
    assert headline(text) == "Council votes"


@pytest.mark.parametrize(
    "text", ["", "nothing", "{", '{"@type": NewsArticle}', "[" * 100_000, "1", "null", '"', "\\"]
)
def test_what_is_no_json_is_nothing(text: str) -> None:
    assert headline(text) is None
    assert headline(text, ARTICLE) == "Council votes"


@pytest.mark.parametrize(
    "other",
    [
        '{"@type": "NewsArticle", "headline": "Another story", "url": "https://www.tribune-daily.example/other.html"}',
        '{"@type": "WebPage", "headline": "Council votes"}',
        '{"@type": "VideoObject", "name": "Council votes"}',
        '{"@type": "Person", "name": "Council votes"}',
    ],
)
def test_the_node_with_the_pages_headline_is_the_article(other: str) -> None:
    article = '{"@type": "Article", "headline": "Council votes", "author": "Ann One"}'
    for scripts in ((other, article), (article, other)):
        found = statement("".join(map(json_ld, scripts)), "<h1>Council votes</h1>").article
        assert found is not None
        assert found.get("author") == "Ann One"


def test_the_node_with_the_pages_url_is_the_article() -> None:
    others = '{"@type": "NewsArticle", "headline": "Else", "mainEntityOfPage": {"@id": "https://x.example/2025/else"}}'
    own = f'{{"@type": "NewsArticle", "headline": "Longer headline", "mainEntityOfPage": {{"@id": "{URL}#main"}}}}'
    assert headline(others, own) == "Longer headline"


def test_a_list_of_stories_has_no_node_that_is_the_article() -> None:
    stories = [
        f'{{"@type": "NewsArticle", "headline": "Story {n}", "url": "https://x.example/2025/story-{n}"}}'
        for n in range(3)
    ]
    assert headline(*stories) is None
    assert headline(f'{{"@type": "ItemList", "itemListElement": [{", ".join(stories)}]}}') is None


def test_a_reference_is_resolved_once_and_a_circle_ends() -> None:
    person = '{"@type": "Person", "@id": "#ann", "name": "Ann One", "knows": {"@id": "#ann"}}'
    found = statement(
        json_ld(f'{{"@graph": [{ARTICLE[:-1]}, "author": [{{"@id": "#ann"}}]}}, {person}]}}')
    ).article
    assert found is not None
    assert found["author"][0]["name"] == "Ann One"
    assert found["author"][0]["knows"] == {"@id": "#ann"}


def test_microdata_is_read_like_json_ld() -> None:
    body = """
        <article itemscope itemtype="https://schema.org/NewsArticle">
          <h1 itemprop="headline">Council <i>votes</i></h1>
          <span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="name" href="/ann">Ann One</a></span>
          <time itemprop="datePublished" datetime="2025-04-16T08:30:00+02:00">this morning</time>
          <meta itemprop="keywords" content="town, budget">
          <div itemprop="articleBody">Long text</div>
          <div itemprop="hasPart" itemscope itemtype="https://schema.org/NewsArticle"><i itemprop="headline">Else</i></div>
        </article>"""
    found = statement(body=body).article
    assert found is not None
    assert (found["headline"], found["datePublished"]) == ("Council votes", "2025-04-16T08:30:00+02:00")
    assert (found["author"]["name"], found["keywords"]) == ("Ann One", "town, budget")
    assert "articleBody" not in found


def test_the_text_of_an_item_is_in_the_order_of_the_page() -> None:
    name = '<span itemprop="name"><a href="/ann"><img src="/a.png">Ann One</a>, Tribune</span>'
    found = statement(body=f'<div itemscope itemtype="https://schema.org/NewsArticle">{name}</div>')
    assert found.nodes[0]["name"] == "Ann One, Tribune"


@pytest.mark.parametrize("attribute", ["itemscope", "itemScope"])
def test_markup_that_has_microdata_is_searched_for_it(attribute: str) -> None:
    markup = f'<div {attribute} itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Council votes</h1></div>'
    assert read_statement(parse(markup), URL, markup).article
    assert read_statement(parse(markup), URL, "<p>x</p>").article is None


def test_rdfa_is_read_like_microdata() -> None:
    body = '<div typeof="schema:NewsArticle"><h1 property="schema:headline">Council votes</h1></div>'
    found = statement(body=body).article
    assert found is not None
    assert found["headline"] == "Council votes"


def test_metas_are_by_their_names_in_lower_case() -> None:
    found = statement(
        '<meta property="og:title" content="A &amp;amp; B"><meta name="Author" content=" Ann\n One "><meta name="author" '
        'content="Bo Two"><meta name="empty" content=" ">',
        '<div itemscope><meta itemprop="datePublished" content="2020-01-01"></div>',
    ).metas
    assert found == {"og:title": ("A & B",), "author": ("Ann One", "Bo Two")}


@pytest.mark.parametrize(
    ("html", "head", "language"),
    [
        ('<html lang="de-AT">', '<meta property="og:locale" content="en_US">', "de-AT"),
        ('<html xml:lang="sr">', "", "sr"),
        ("<html>", json_ld('{"@type": "NewsArticle", "inLanguage": "hr"}'), "hr"),
        ("<html>", '<meta property="og:locale" content="pt_BR">', "pt-BR"),
        ("<html>", '<meta http-equiv="Content-Language" content="fr, en">', "fr"),
        ('<html lang="{{ lang }}">', '<meta http-equiv="Content-Language" content="utf-8">', None),
    ],
)
def test_the_language_is_as_declared(html: str, head: str, language: str | None) -> None:
    assert statement(head, html=html).language == language


def test_names_of_the_site_and_headlines_are_those_that_the_page_has() -> None:
    found = statement(
        '<title>Council votes | Tribune</title><meta property="og:site_name" content="Tribune"><meta property="og:title" '
        'content="How the council votes">'
        + json_ld('{"@type": "Organization", "name": "Tribune Media"}')
        + json_ld(
            '{"@type": "NewsArticle", "headline": "Council votes", "publisher": {"name": "Tribune Ltd"}}'
        ),
        "<h1>Council<br>votes</h1>",
    )
    assert found.site_names == (
        "Tribune",
        "Tribune Ltd",
        "Tribune Media",
        "tribune-daily.example",
        "tribune-daily",
    )
    assert "How the council votes" in found.headlines
    assert "Council votes | Tribune" in found.headlines


@pytest.mark.parametrize(
    "value", ["1", "null", "[]", "[[null]]", "{}", '{"@id": 1}', "true", "1e999", '[{"name": {"name": 1}}]']
)
@pytest.mark.parametrize(
    "name",
    [
        "@type",
        "@id",
        "@graph",
        "headline",
        "author",
        "url",
        "mainEntity",
        "mainEntityOfPage",
        "publisher",
        "inLanguage",
    ],
)
def test_values_of_any_type_do_no_harm(name: str, value: str) -> None:
    statement(json_ld(f'{{"@type": "NewsArticle", "{name}": {value}}}'), "<h1>Council votes</h1>")


def test_deep_nesting_ends() -> None:
    for deep in ('{"a": ' * 900 + "1" + "}" * 900, '{"mainEntity": ' * 900 + "1" + "}" * 900):
        assert headline(deep, ARTICLE) == "Council votes"
    nested = '<div itemscope itemprop="a">' * 200 + "<b itemprop=name>x</b>" + "</div>" * 200
    assert statement(body=nested).article is None

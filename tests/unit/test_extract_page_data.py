"""An article that is only in the data of a page's scripts is found; what else is in there is not taken for it."""

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.extract import stage
from tasks.extract.page_data.page import read_page_data
from tasks.extract.stage import Extractor, extract
from tests.page_data.developed import DEVELOPED
from tests.page_data.judged import JUDGED
from tests.page_data.no_article import NO_ARTICLE, NO_ARTICLE_JUDGED
from tests.page_data.of_pages import Page, f1, shells
from tests.page_data.stories import NORDIC, STORY, Story, body_html, data, js, page, script

DATA = Path(os.environ.get("NEWSMILL_DATA", "/nowhere"))
#: Kinds that have no author, or no day of publication.
WITHOUT_AUTHOR, WITHOUT_DAY = {"editor_js"}, {"lexical"}


def read(html: str, url: str) -> Article:
    article = Article(id="0a", url=url, content_type="text/html", html=html.encode("utf-8", "replace"))
    return extract(article, extractor=Extractor())


def url_of(story: Story) -> str:
    return f"https://courier.example/news/{story.slug}"


@pytest.mark.parametrize("story", [STORY, NORDIC], ids=lambda story: story.slug)
@pytest.mark.parametrize("kind", [*DEVELOPED, *JUDGED], ids=lambda kind: kind.__name__)
def test_the_article_of_a_shell_is_found(kind: Callable[[Story], str], story: Story) -> None:
    article = read(kind(story), url_of(story))
    assert article.title == story.title
    assert article.author == (None if kind.__name__ in WITHOUT_AUTHOR else story.author)
    assert article.date == (None if kind.__name__ in WITHOUT_DAY else story.day)
    for paragraph in story.paragraphs:
        assert paragraph in (article.text or "")
    assert f1(article.text or "", "\n".join(story.paragraphs)) > 0.94


@pytest.mark.parametrize("kind", [*NO_ARTICLE, *NO_ARTICLE_JUDGED], ids=lambda kind: kind.__name__)
def test_data_without_an_article_gives_none(kind: Callable[[], str]) -> None:
    with pytest.raises(Rejected) as ending:
        read(kind(), f"https://courier.example/{kind.__name__}")
    assert ending.value.reason in {Reason.NEEDS_JAVASCRIPT, Reason.SOFT_404}


def test_a_page_that_has_its_article_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "read_page_data", lambda *_: pytest.fail("the data was read"))
    shell = DEVELOPED[0](NORDIC)
    html = shell.replace('<div id="app"></div>', f"<article>{body_html(STORY)}</article>")
    assert STORY.paragraphs[0] in (read(html, url_of(STORY)).text or "")


def test_the_head_of_the_page_says_what_the_data_does_not() -> None:
    head = '<meta property="og:site_name" content="The Courier"><meta property="og:image" content="/a.jpg"><link rel=canonical href="/c">'
    value = {"post": {"title": STORY.title, "body": body_html(STORY)}}
    article = read(page(STORY, data(value), head=head), url_of(STORY))
    assert (article.site, article.image) == ("The Courier", "https://courier.example/a.jpg")
    assert article.canonical_link == "https://courier.example/c"


def test_a_text_too_short_is_no_article() -> None:
    value = {"post": {"title": STORY.title, "body": "<p>Two sentences. No more, and no less.</p>"}}
    with pytest.raises(Rejected) as ending:
        read(page(STORY, data(value)), url_of(STORY))
    assert ending.value.reason is Reason.NEEDS_JAVASCRIPT


def test_a_lead_with_the_title_gives_way_to_the_whole_text() -> None:
    blocks = [{"type": "paragraph", "text": text} for text in STORY.paragraphs * 2]
    value = {
        "page": {"teaserCard": 1, "title": STORY.title, "text": " ".join(STORY.paragraphs[:1]) + " More."},
        "grid": {"title": "Layout", "area": {"children": blocks}},
    }
    assert STORY.paragraphs[-1] in (read(page(STORY, data(value)), url_of(STORY)).text or "")


def test_one_of_many_needs_a_title_or_an_address() -> None:
    posts = [
        {"title": one.title, "body": body_html(one), "slug": one.slug, "date": one.day}
        for one in (STORY, NORDIC)
    ]
    shell = page(STORY, data({"posts": posts}), title="The Courier")
    assert read(shell, url_of(NORDIC)).title == NORDIC.title
    with pytest.raises(Rejected):
        read(shell, "https://courier.example/news/1234567")


def test_an_address_in_data_names_the_article() -> None:
    value = {"item": {"headline": "Damm", "uuid": "ab12cd34ef", "text": body_html(STORY)}}
    shell = page(STORY, data(value), title="Start - a page with another title")
    assert read(shell, "https://courier.example/s/ab12cd34ef").title == "Damm"


@pytest.mark.parametrize(
    "code",
    [
        "window.alert('x');window.__STATE__={post:function(){return 1}}",
        "window.__STATE__={a:b}",
        "window.__STATE__=JSON.parse(decode('x'))",
        "self.__next_f.push([1])",
        "window.__NUXT__=(function(a){while(1){}return a}(1))",
    ],
)
def test_code_is_not_run(code: str) -> None:
    assert read_page_data(page(STORY, script(code + " " * 300)), url_of(STORY)) is None


BODY = body_html(STORY)
HOSTILE: dict[str, Callable[[], str]] = {
    "lists": lambda: data([[]] * 700_000),
    "objects": lambda: data([{"title": "abc", "body": "x"}] * 70_000),
    "deep": lambda: f'<script type="application/json">{"[" * 100_000}</script>',
    "deep nodes": lambda: data({"title": STORY.title, "body": _nested(300)}),
    "wide nodes": lambda: data(
        {
            "title": STORY.title,
            "body": [
                {
                    "type": "a",
                    "children": [{"type": "b", "items": [{"type": "c", "model": {"data": {}}}] * 50}] * 50,
                }
            ]
            * 50,
        }
    ),
    "assignments": lambda: script('window.a={"b":' * 150_000),
    "literals": lambda: script("window.a={b:[1," * 150_000),
    "brackets": lambda: script("window.a=" + "(" * 1_000_000),
    "chunks": lambda: script('self.__next_f.push([1,"1:T5,aaaaa"])') * 40_000,
    "flight": lambda: script(f"self.__next_f.push([1,{js(_doubling())}])"),
    "cycle": lambda: script(
        'window.__APOLLO_STATE__={"ROOT_QUERY":{},"A":{"title":"abc","body":[{"__ref":"A"}],"author":{"__ref":"A"},"x":"%s"}}'
        % ("y" * 300)
    ),
    "scripts": lambda: "<script>" * 300_000,
    "attributes": lambda: '<div data-x="{&quot;' * 150_000,
    "tags": lambda: data({"title": STORY.title, "body": BODY + "<b>" * 200_000}),
    "starts": lambda: data({"title": STORY.title, "body": BODY + "<p " * 300_000}),
    "numbers": lambda: (
        f'<script type="application/json">{{"title":"x","date":1{"0" * 4000},"id":{"9" * 5000},"b":"{"y" * 300}"}}</script>'
    ),
}


def _nested(depth: int) -> Any:
    value: Any = "A text. And a sentence."
    for _ in range(depth):
        value = [{"type": "p", "children": value}]
    return value


def _doubling() -> str:
    rows = [f'{at:x}:["${at + 1:x}","${at + 1:x}","${at + 1:x}"]\n' for at in range(1, 60)]
    return (
        json.dumps({"title": STORY.title, "body": "$1"})
        + "\n0:"
        + "".join(rows)
        + '3c:"One sentence. And another."\n'
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data_takes_seconds_at_most(name: str) -> None:
    html = page(STORY, HOSTILE[name]())
    began = time.process_time()
    read_page_data(html, url_of(STORY))
    assert time.process_time() - began < 6
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000


def test_halves_of_characters_do_no_harm() -> None:
    value = {"title": STORY.title + " \ud800", "author": "Ada\udc00 Quinn", "body": "<p>\ud83d</p>" + BODY}
    article = read(page(STORY, script("window.__S__=" + json.dumps(value))), url_of(STORY))
    assert (article.title or "").startswith(STORY.title)
    assert (article.text or "").encode()
    assert (article.author or "").encode()


@pytest.fixture(scope="module")
def real_shells() -> list[Page]:
    if not (DATA / "publishers").exists():
        pytest.skip("NEWSMILL_DATA has no pages")
    return list(shells(DATA))


def test_articles_of_real_pages_are_found_in_their_data(real_shells: list[Page]) -> None:
    assert len(real_shells) >= 50
    found = [read_page_data(one.html, one.url) for one in real_shells]
    scores = [
        f1(fields.text, one.text) if fields else 0.0 for fields, one in zip(found, real_shells, strict=True)
    ]
    assert sum(score > 0.5 for score in scores) >= len(scores) * 0.95
    assert sum(scores) / len(scores) > 0.9


@pytest.mark.parametrize("title", ["Page not found", "Sign in to your account", "Politics and more"])
def test_real_data_is_no_article_of_another_page(real_shells: list[Page], title: str) -> None:
    for one in real_shells:
        body = one.html[one.html.index("<body>") :]
        html = f"<!DOCTYPE html><html><head><title>{title}</title></head>{body}"
        assert read_page_data(html, f"{'/'.join(one.url.split('/')[:3])}/gone-for-good-1") is None, one.name

"""Who wrote an article: persons' names as a page writes them, from the surest place on it."""

# ruff: noqa: RUF001 - typographic colons

import json
import tomllib
from pathlib import Path

import pytest

from tasks.extract.authors import Authors, authors_of, names_in
from tasks.extract.page import parse
from tasks.extract.statement import read_statement

SET = Path(__file__).parents[2] / "benchmarks/stages/eval/own_sets/bylines.toml"
BYLINES = tomllib.loads(SET.read_text("utf-8"))
CASES = [(lang, *case) for lang in BYLINES["chosen_on"] for case in BYLINES["bylines"][lang]]
TEXT = "<p>The council of Harrowgate Bay voted on Tuesday to rebuild the pier.</p>" * 3
HEADLINE = "Council votes to rebuild the ferry pier"


def authors(head: str = "", body: str = "", after: str = "") -> Authors:
    html = (
        f'<html lang="en"><head><title>{HEADLINE}</title><meta property="og:site_name" content="Bay Courier">{head}</head>'
        f"<body><article><h1>{HEADLINE}</h1>{body}{TEXT}</article>{after}</body></html>"
    )
    return authors_of(read_statement(parse(html), "http://baycourier.example/news/pier", html))


def json_ld(author: object) -> str:
    node = {"@type": "NewsArticle", "headline": HEADLINE, "author": author}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}: {case[1]}")
def test_a_byline_names_persons_and_an_agency(case: list[object]) -> None:
    language, byline, persons, *agency = case
    found = names_in(str(byline), str(language))
    assert [list(found.persons), *found.agencies] == [persons, *agency]


@pytest.mark.parametrize(
    ("language", "byline", "persons"),
    [
        ("en", "CARLA NUNN AND IVO BRANDT", ["CARLA NUNN", "IVO BRANDT"]),
        ("en", "Reporting by Carla Nunn; Editing by Ivo Brandt", ["Carla Nunn"]),
        ("en", "Editing by Ivo Brandt", ["Ivo Brandt"]),
        ("en", "Carla Nunn for the Harbour Gazette", ["Carla Nunn"]),
        ("en", "Carla Nunn | Monday", ["Carla Nunn"]),
        ("en", "By|Carla Nunn|Updated", ["Carla Nunn"]),
        ("en", "Carla Nunn, Chief Political Correspondent", ["Carla Nunn"]),
        ("en", "Carla Nunn|Senior Health Reporter", ["Carla Nunn"]),
        ("en", "Carla Nunn with agencies", ["Carla Nunn"]),
        ("en", "LOWBRIDGE — By Carla Nunn", ["Carla Nunn"]),
        ("en", "By Robert Nunn Jr. and Ivo Brandt", ["Robert Nunn Jr.", "Ivo Brandt"]),
        ("en", "The Lowbridge Observation", []),
        ("no", "Kari Vik|i Paris", ["Kari Vik"]),
        ("de", "Autorin/Autor|Jutta Kern", ["Jutta Kern"]),
        ("en", "Carla Nunn and Ivo Brandt, AP Technology Writers", ["Carla Nunn", "Ivo Brandt"]),
        ("en", "Carla Nunn is a freelance journalist in London, UK.", ["Carla Nunn"]),
        ("es", "Marta Ruiz|Madrid", ["Marta Ruiz"]),
        ("fi", "Teksti Liisa Virtanen, kuvat Matti Laine", ["Liisa Virtanen"]),
        ("sv", "Text Karin Ek Foto: Nils Berg", ["Karin Ek"]),
        ("ar", "محمد علي - القاهرة", ["محمد علي"]),
        ("zh", "（记者 王芳 张伟）", ["王芳", "张伟"]),
        ("zh", "新华社北京3月5日电（记者李明）", ["李明"]),
        ("ko", "이지은 기자 | 입력 2024.03.05", ["이지은"]),
        ("ko", "글·사진 박서준 객원기자", ["박서준"]),
        ("tr", "Ayla Demir / İzmir", ["Ayla Demir"]),
        ("no", "Journalist Kari Vik|kari@courier.example", ["Kari Vik"]),
        ("de", "Autorin/Autor: Jutta Kern", ["Jutta Kern"]),
        ("th", "เขียนโดย สมชาย ใจดี", ["สมชาย ใจดี"]),
        ("ka", "ავტორი: ნინო ბერიძე", ["ნინო ბერიძე"]),
        ("ja", "文・山本花子\u3000写真・田中太郎", ["山本花子"]),
        ("ja", "【ロンドン＝山本花子】", ["山本花子"]),
        ("ja", "社会部\u3000山本花子", ["山本花子"]),
        ("ko", "서울=김민수·이영희 기자", ["김민수", "이영희"]),
    ],
)
def test_what_is_beside_the_names_in_a_byline_is_none(language: str, byline: str, persons: list[str]) -> None:
    assert list(names_in(byline, language).persons) == persons


@pytest.mark.parametrize(
    "value",
    [
        "Carla Nunn",
        ["Carla Nunn"],
        {"@type": "Person", "name": "Carla Nunn"},
        {"@type": "Person", "givenName": "Carla", "familyName": "Nunn"},
        {"name": {"@type": "Person", "name": "Carla Nunn"}},
        [[{"name": ["By Carla Nunn, Health Reporter"]}]],
        {"name": "<a href='/carla'>Carla Nunn</a>"},
        [{"name": "Carla Nunn"}, {"name": "https://example.org/carla"}, "@carla", None, 7, {"name": {}}],
    ],
)
def test_an_author_may_be_a_string_or_a_thing_or_a_list_of_them(value: object) -> None:
    assert authors(json_ld(value)).names == ("Carla Nunn",)


@pytest.mark.parametrize(
    "value", [None, 7, True, [], {}, [[[[[[["Carla Nunn"]]]]]]], {"name": 3}, "x" * 500_000]
)
def test_a_value_of_another_type_names_nobody(value: object) -> None:
    assert authors(json_ld(value)) == Authors()


def test_a_surname_before_a_given_name_is_one_name() -> None:
    metas = '<meta name="dc.creator" content="You, Xiaoying"><meta name="dc.creator" content="Basu, Mohana">'
    assert authors(metas).names == ("You, Xiaoying", "Basu, Mohana")


def test_the_node_is_trusted_before_metas_and_these_before_the_byline() -> None:
    meta, byline = '<meta name="author" content="Ivo Brandt">', '<p class="byline">By Lena Ost</p>'
    assert authors(json_ld("Carla Nunn") + meta, byline).names == ("Carla Nunn",)
    assert authors(meta, byline).names == ("Ivo Brandt",)
    assert authors("", byline).names == ("Lena Ost",)


def test_a_person_in_the_byline_is_trusted_before_an_organisation_that_is_stated() -> None:
    stated = json_ld({"@type": "Organization", "name": "Bay Courier"})
    assert authors(stated, '<p class="byline">By Carla Nunn</p>').names == ("Carla Nunn",)
    assert authors(stated) == Authors((), (), ("Bay Courier",))


def test_an_address_or_a_handle_is_no_author() -> None:
    assert (
        authors('<meta property="article:author" content="https://www.facebook.com/baycourier">') == Authors()
    )
    assert authors('<meta name="author" content="@baycourier">') == Authors()


def test_an_agency_stands_in_a_field_of_its_own() -> None:
    found = authors("", '<p class="byline">By Carla Nunn, Associated Press</p>')
    assert found == Authors(("Carla Nunn",), ("Associated Press",), ("Carla Nunn", "Associated Press"))
    assert authors(json_ld("Reuters")) == Authors((), ("Reuters",), ("Reuters",))


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="author">By <a href="/u">Carla Nunn</a> | <a href="mailto:c@example.com">Email the author</a></div>',
        '<div class="byline author"><span>Carla Nunn</span> <span>July 10, 2015</span></div>',
        '<div class="byline"><a rel="author" href="/a/1">Carla Nunn</a><span>Lifestyle Writer</span></div>',
        '<div class="author"><span>By</span><div class="author-name">Carla Nunn</div><div>14:00, 28 Apr</div></div>',
        "<p>By Carla Nunn</p>",
        '<figure><span class="author">Photo: Ivo Brandt</span></figure><p class="byline">Carla Nunn</p>',
    ],
)
def test_the_byline_is_read_without_what_stands_beside_the_name(byline: str) -> None:
    assert authors("", byline).names == ("Carla Nunn",)


def test_each_name_with_an_element_of_its_own_counts() -> None:
    names = (
        '<div><a class="author" href="/a">Carla Nunn</a> and <a class="author" href="/b">Ivo Brandt</a></div>'
    )
    assert authors("", names).names == ("Carla Nunn", "Ivo Brandt")


@pytest.mark.parametrize(
    "other",
    [
        '<section class="comments"><span class="author">Ivo Brandt</span></section>',
        '<div class="related"><div class="byline">By Ivo Brandt</div></div>',
        '<aside><div class="byline">By Ivo Brandt</div></aside>',
    ],
)
def test_commenters_and_authors_of_other_stories_are_none_of_this_one(other: str) -> None:
    assert authors(after=other) == Authors()


def test_an_editor_counts_where_no_writer_is_named() -> None:
    assert authors("", "<div>(责编：牛小明、赵敏)</div>").names == ("牛小明", "赵敏")
    assert authors("", '<div class="author">记者 王小明</div><div>(责编：李大海)</div>').names == ("王小明",)


@pytest.mark.parametrize("name", ["Dan Novak", "Ed Novak", "Na Li", "Dan Novak and Ed Hale"])
def test_a_given_name_may_be_a_join_of_another_language(name: str) -> None:
    assert names_in(f"By {name}", "en").persons == tuple(name.split(" and "))


@pytest.mark.parametrize(
    "text", ["关注", "最新文章", "系统管理员", "网络整理", "收藏本文", "青河网", "未知", "南青报"]
)
def test_on_a_chinese_page_words_without_a_surname_are_no_person(text: str) -> None:
    assert names_in(text, "zh").persons == ()
    assert names_in(f"作者：{text}", "zh-CN").persons == ()


@pytest.mark.parametrize("name", ["王小明", "张伟", "欧阳海燕", "司馬明", "陳大文", "卡拉·努恩"])
def test_a_chinese_name_begins_with_a_surname(name: str) -> None:
    assert names_in(f"记者 {name}", "zh").persons == (name,)


def test_a_japanese_name_needs_no_chinese_surname() -> None:
    assert names_in("山本花子", "ja").persons == ("山本花子",)


def test_a_page_with_headlines_in_han_alone_is_chinese_whatever_it_declares() -> None:
    html = '<html lang="en"><title>市议会投票通过新预算</title><h1>市议会投票通过新预算</h1><p class="author">最新文章</p>'
    assert authors_of(read_statement(parse(html), "http://a.example/1", html)).names == ()


def test_the_sites_name_before_a_name_a_domain_and_an_agencys_staff_are_no_persons() -> None:
    sites = ("baycourier",)
    assert names_in("BAY COURIER Carla Nunn", "en", sites).persons == ("Carla Nunn",)
    assert names_in("AcmeNews.com", "en").persons == ()
    found = names_in("Carla Nunn and Ivo Brandt, AP Technology Writers", "en")
    assert (found.persons, found.agencies) == (("Carla Nunn", "Ivo Brandt"), ("AP",))


def test_a_title_behind_a_name_may_have_the_agency() -> None:
    found = names_in("CARLA NUNN, AP Auto Writer", "en")
    assert (found.persons, found.agencies) == (("CARLA NUNN",), ("AP",))


def test_a_word_behind_the_bar_after_a_name_is_a_place() -> None:
    assert names_in("CARLA NUNN | Madrid", "es").persons == ("CARLA NUNN",)


@pytest.mark.parametrize(
    "around",
    [
        '<form id="aspnetForm">{}</form>',
        '<div class="post category-media has-image">{}</div>',
        '<section id="sidebar-left-layout">{}</section>',
    ],
)
def test_what_is_around_the_headline_too_says_nothing_of_the_byline(around: str) -> None:
    story = f'<h1>{HEADLINE}</h1><p class="byline">Carla Nunn</p>{TEXT}'
    html = f"<html><head><title>{HEADLINE}</title></head><body>{around.format(story)}</body></html>"
    assert authors_of(read_statement(parse(html), "http://a.example/pier", html)).names == ("Carla Nunn",)


def test_a_byline_in_a_link_to_another_story_is_none_of_this_one() -> None:
    teaser = '<a href="/gulls"><h3>Gulls return to the harbour after a hard winter</h3><span>By Ivo Brandt</span></a>'
    assert authors("", teaser) == Authors()
    assert authors("", '<a href="/nunn"><span>By Carla Nunn</span></a>').names == ("Carla Nunn",)


def test_a_link_to_the_page_of_an_author_near_the_headline_is_a_byline() -> None:
    assert authors("", '<div class="a1"><a href="/author/carla-nunn">Carla Nunn</a></div>').names == (
        "Carla Nunn",
    )
    assert authors("", '<p>The speech of <a href="/topics/ivo-brandt">Ivo Brandt</a></p>') == Authors()
    far = "<p>Words</p>" * 500 + '<a href="/author/ivo-brandt">Ivo Brandt</a>'
    assert authors("", far) == Authors()


def test_a_bar_to_share_close_to_the_headline_may_have_the_byline() -> None:
    bar = '<div class="social_bar"><span class="author">Carla Nunn</span></div>'
    assert authors("", bar).names == ("Carla Nunn",)
    assert authors("", "<p>Words</p>" * 100 + bar) == Authors()


def test_names_with_an_element_each_come_in_the_order_of_the_page() -> None:
    one = '<div class="author"><div class="author__body"><a class="author__name" href="/{0}">{0}</a></div></div>'
    bar = f'<div class="authors">{one.format("Carla Nunn")}{one.format("Ivo Brandt")}</div>'
    assert authors("", bar).names == ("Carla Nunn", "Ivo Brandt")


def test_the_publisher_with_its_host_in_brackets_is_no_author() -> None:
    node = {
        "@type": "NewsArticle",
        "headline": HEADLINE,
        "author": {"@type": "Person", "name": "Wave Lowland"},
    }
    node["publisher"] = {"@type": "Organization", "name": "Wave Lowland (www.wave.example)"}
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    assert authors(script) == Authors((), (), ("Wave Lowland",))


def test_the_words_before_a_link_say_what_the_person_did() -> None:
    reviewed = '<div>Medically reviewed by <a href="/author/brandt">Ivo Brandt, MD</a></div>'
    assert authors("", f'<div>By <a href="/author/nunn">Carla Nunn</a></div>{reviewed}').names == (
        "Carla Nunn",
    )
    assert authors("", reviewed) == Authors()

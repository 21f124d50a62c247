"""The headline, without the names of site and section."""

# ruff: noqa: RUF001 - typographic dashes and bars

import pytest

from tasks.extract.characters import folded
from tasks.extract.page import parse
from tasks.extract.statement import read_statement
from tasks.extract.titles import title_of, without_names

URL = "https://www.tribune-daily.example/politics/2025/story.html"
NAMES = frozenset(
    map(folded, ("Tribune Daily", "tribune-daily.example", "tribune-daily", "青河网", "하버 신문", "TD"))
)


def title(head: str = "", body: str = "", url: str = URL) -> str | None:
    return title_of(
        read_statement(parse(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>"), url)
    )


def node(headline: str, **values: str) -> str:
    more = "".join(f', "{name}": "{value}"' for name, value in values.items())
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{headline}"{more}}}</script>'


def og(content: str) -> str:
    return f'<meta property="og:title" content="{content}">'


@pytest.mark.parametrize(
    ("given", "headline"),
    [
        ("Council votes on budget - Tribune Daily", "Council votes on budget"),
        ("Council votes on budget | Politics | Tribune Daily", "Council votes on budget"),
        ("Council votes on budget | Tribune Daily | Tribune", "Council votes on budget"),
        ("Council votes on budget — tribune-daily.example", "Council votes on budget"),
        ("Council votes on budget | Tribune Daily | by Ann One", "Council votes on budget"),
        ("Council votes on budget | TD | 16.04.2025", "Council votes on budget"),
        ("Council votes on budget » Tribune Daily", "Council votes on budget"),
        ("Council votes on budget · Tribune Daily Online", "Council votes on budget"),
        ("Council votes on budget -Tribune Daily", "Council votes on budget"),
        ("Council votes on budgetㅣ하버 신문", "Council votes on budget"),
        ("市议会投票通过新预算_地方新闻_青河网", "市议会投票通过新预算"),
        ("市议会投票通过新预算-青河网", "市议会投票通过新预算"),
        ("市议会投票通过新预算--时政--青河网", "市议会投票通过新预算"),
        ("南の町議会、予算案を可決：青河网", "南の町議会、予算案を可決"),
        ("Tribune Daily | Council votes on budget", "Council votes on budget"),
        ("Tribune Daily: Council votes on budget", "Tribune Daily: Council votes on budget"),
        ("Budget - the council votes", "Budget - the council votes"),
        ("Guerre : « nous sommes prêts »", "Guerre : « nous sommes prêts »"),
        (
            "Budget talks - Tribune Daily staff on strike over pay again",
            "Budget talks - Tribune Daily staff on strike over pay again",
        ),
        ("Council votes: Tribune Daily: what comes next", "Council votes: Tribune Daily: what comes next"),
        ("Tribune Daily", "Tribune Daily"),
        ("A well-known Tribune Daily reporter", "A well-known Tribune Daily reporter"),
        ("The 24-25 season and a re-elected mayor", "The 24-25 season and a re-elected mayor"),
        ("  Council\nvotes  ", "Council votes"),
        ("|", "|"),
        ("", ""),
    ],
)
def test_the_name_of_the_site_goes_and_nothing_else(given: str, headline: str) -> None:
    assert without_names(given, NAMES) == headline


def test_a_section_that_the_page_names_goes_with_the_site() -> None:
    assert (
        without_names("Council votes - Politics - Tribune Daily", NAMES, frozenset({"politics"}))
        == "Council votes"
    )
    assert without_names("Politics - Council votes", NAMES, frozenset({"politics"})) == "Council votes"


def test_the_node_of_the_article_is_trusted_more_than_what_is_for_sharing() -> None:
    assert (
        title(node("Council votes") + og("Look what the council does"), "<h1>Council votes</h1>")
        == "Council votes"
    )


def test_a_headline_of_the_node_that_shares_nothing_with_the_page_is_not_taken() -> None:
    head = node("Tribune front", url=URL) + og("Council votes today") + "<title>Council votes today</title>"
    assert title(head, "<h1>Council votes today</h1>") == "Council votes today"


def test_the_name_of_a_node_may_be_an_id() -> None:
    assert title("<title>Tribune</title>" + node("Council votes", name="a-1305306")) == "Council votes"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            "<title>Council votes on budget | Tribune Daily</title>",
            "<h1>Politics</h1><h2>Council votes on budget</h2>",
        ),
        ("<title>Council votes on budget</title>", "<h1><img src=logo.svg></h1>"),
        (og("Council votes on budget"), "<h1>Politics</h1>"),
        ("<title>Tribune Daily</title>", "<h1>Tribune Daily</h1><h1>Council votes on budget</h1>"),
        ("", "<h1></h1><h2>Council votes on budget</h2>"),
        (og("Tribune Daily"), "<h1>Council <br>votes on budget</h1>"),
    ],
)
def test_a_section_or_the_site_is_no_headline(head: str, body: str) -> None:
    site = '<meta property="og:site_name" content="Tribune Daily"><meta property="article:section" content="Politics">'
    assert title(site + head, body) == "Council votes on budget"


def test_a_headline_in_the_place_of_the_sites_name_stays() -> None:
    headline = "The council of Harrowgate Bay votes on the budget for the pier"
    named = f'<meta name="application-name" content="{headline}"><title>{headline}</title>'
    assert title(named, f"<h1>{headline}</h1><h1>More</h1>") == headline


def test_a_headline_that_is_shared_and_shown_is_trusted_more_than_the_nodes() -> None:
    head = node("Budget: what the council of the harbour does") + og(
        "Council votes on budget | Tribune Daily"
    )
    assert title(head, "<h1>Council votes on budget</h1>", URL) == "Council votes on budget"


def test_the_title_of_a_picture_is_none() -> None:
    assert title("", "<svg><title>More</title></svg><h1>Council votes</h1>") == "Council votes"


def test_a_line_above_the_headline_goes_where_the_page_has_the_headline_alone() -> None:
    assert title(node("Olympics: Sweden wins again") + og("Sweden wins again")) == "Sweden wins again"


def test_a_headline_that_was_cut_is_completed() -> None:
    whole = "Council of the northern harbour towns votes on a budget for the ferries after four years"
    assert title(node(whole[:70] + "…"), f"<h1>{whole}</h1>") == whole
    assert title(node(whole[:70]), f"<h1>{whole}</h1>") == whole


def test_a_section_is_the_title_where_there_is_nothing_else() -> None:
    assert title("<title>Politics | Tribune-daily</title>") == "Politics"
    assert (
        title("<title>About bugs - Tribune-Daily</title>", url="https://tribune-daily.example/about-bugs/")
        == "About bugs"
    )


def test_a_page_without_any_form_has_no_title() -> None:
    assert title() is None
    assert title("<title> </title>", "<h1></h1>") is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("市议会投票通过新预算和渡轮计划-青山在线", "市议会投票通过新预算和渡轮计划"),
        ("市议会投票通过新预算和渡轮计划 青山市人民医院", "市议会投票通过新预算和渡轮计划"),
        ("Council votes on the budget - Northern Voice", "Council votes on the budget"),
    ],
)
def test_of_a_title_the_part_is_taken_that_the_page_shows_as_a_line(given: str, shown: str) -> None:
    assert title(f"<title>{given}</title>", f"<div class=t> {shown} <span>10:30</span></div>") == shown
    assert title(f"<title>{given}</title>", f"<div class=t>1. {shown}, it said</div>") == given


def test_a_kicker_before_a_colon_is_no_headline_though_it_is_shown() -> None:
    whole = "Strike at the northern port: Ferries stay in the harbour"
    assert title(f"<title>{whole}</title>", "<p>Strike at the northern port</p>") == whole


def test_a_headline_that_two_forms_have_whole_is_not_cut() -> None:
    whole = "Council votes on the budget - the ferries lose"
    assert title(og(whole) + f"<title>{whole}</title>", "<p>Council votes on the budget</p>") == whole


def test_a_heading_that_is_like_the_sites_name_alone_is_no_headline() -> None:
    head = "<title>青山丝路行正式启动 - 青山省人民政府门户网站</title>"
    assert title(head, "<h1>青山省人民政府网站</h1><h2>青山丝路行正式启动</h2>") == "青山丝路行正式启动"


def test_a_headline_that_ends_at_a_quotation_mark_of_its_own_is_completed() -> None:
    whole = 'Mayor says "no more" to the ferry'
    assert (
        title('<meta property="og:title" content="Mayor says "no more" to the ferry">', f"<h1>{whole}</h1>")
        == whole
    )

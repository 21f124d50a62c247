"""What is left of a robots.txt means the same to its parser as the whole file."""

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from protego import Protego, _protego

from tasks.fetch import robots_rules
from tasks.fetch.robots_rules import rules_for

TOKEN = "newsmill"

names = st.sampled_from(["*", "newsmill", "Newsmill", "news", "newsmill*", "n", "other", "mill", "**", ""])
fields = st.sampled_from([*sorted(robots_rules.FIELDS), "foo", "", "Allow", "User-Agent"])
paths = st.sampled_from(
    [
        "/",
        "/a",
        "/a/b",
        "*",
        "/*.php$",
        "/a$",
        "/index.html",
        "/%41",
        "/\u00e9",
        "",
        "/a:b",
        "/a b",
        "7",
        "nan",
        "-1",
        "x",
    ]
)
lines = st.one_of(
    st.builds("User-agent: {}".format, names),
    st.builds("{}{}{}".format, fields, st.sampled_from([":", ": ", " ", " : ", ""]), st.one_of(paths, names)),
    st.builds("Disallow: {} # {}".format, paths, paths),
    st.sampled_from(["", "# comment", "http://a.test/", "Sitemap http://a.test/sitemap.xml", "disallow"]),
)
files = st.lists(lines, max_size=25).map("\n".join)


@example(
    "User-agent: *\nDisallow: /a\nUser-agent: newsmill\nDisallow: /b\nUser-agent: newsmill\nDisallow: /c"
)
@example("User-agent: newsmill\nSitemap: x\nUser-agent: other\nDisallow: /a")
@example("User-agent: newsmill\nFoo: x\nUser-agent: other\nDisallow: /a")
@given(files)
def test_what_is_left_means_the_same(text: str) -> None:
    whole, left = Protego.parse(text), Protego.parse(rules_for(text, TOKEN))
    for path in ("/", "/a", "/a/b", "/a/c", "/x.php", "/index.html", "/A", "/%C3%A9", "/a:b", "/a%20b", "/7"):
        url = f"http://a.test{path}"
        assert left.can_fetch(url, TOKEN) == whole.can_fetch(url, TOKEN), path
    assert left.crawl_delay(TOKEN) == whole.crawl_delay(TOKEN)


def test_the_rules_of_others_their_sitemaps_and_repetitions_are_left_out() -> None:
    ours = "User-agent: newsmill\nDisallow: /a\nDisallow: /a\nCrawl-delay: 5\nCrawl-delay: soon\n"
    others = "User-agent: other\nDisallow: /\n\nSitemap: http://a.test/sitemap.xml\n" * 1000
    left = "User-agent: *\nDisallow: /a\nCrawl-delay: 5\n"
    assert rules_for(others + ours + others, TOKEN) == left


@pytest.mark.parametrize("text", ["", "\0" * 1000, "User-agent: *", "Disallow: /", "Sitemap: http://a.test/"])
def test_a_file_without_rules_for_us_leaves_nothing(text: str) -> None:
    assert rules_for(text, TOKEN) == ""


def test_a_group_of_many_names_with_many_rules_takes_no_more_than_its_size() -> None:
    """Its parser notes every rule under every name."""
    text = "".join(f"User-agent: bot{n}\n" for n in range(10_000)) + "User-agent: news\n"
    rules = "".join(f"Disallow: /{n}\n" for n in range(10_000))
    assert len(rules_for(text + rules, TOKEN)) <= len(rules) + len("User-agent: *\n")


def test_the_fields_are_those_that_the_parser_knows() -> None:
    assert _protego._ALL_DIRECTIVES == robots_rules.FIELDS

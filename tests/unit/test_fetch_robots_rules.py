"""Whose rules those of a robots.txt are (RFC 9309, 2.2.1): what is left of a file is for newsmill, and all that is."""

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from protego import Protego, _protego

from tasks.fetch import robots_rules
from tasks.fetch.robots_match import Rules
from tasks.fetch.robots_rules import LONGEST_LINE, rules_for

TOKEN = "newsmill"
OURS = "User-agent: *\nDisallow: /a\n"

# What Protego reads as the RFC says: names that are no other's beginning, and no unknown field before a name.
names = st.sampled_from(["*", "newsmill", "Newsmill", "other", "mill", ""])
fields = st.sampled_from([*sorted(robots_rules.FIELDS), "Allow", "User-Agent"])
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
    ]
)
lines = st.one_of(
    st.builds("User-agent: {}".format, names),
    st.builds("{}{}{}".format, fields, st.sampled_from([":", ": ", " ", " : "]), st.one_of(paths, names)),
    st.builds("Disallow: {} # {}".format, paths, paths),
    st.sampled_from(["", "# comment", "Sitemap http://a.test/sitemap.xml", "disallow"]),
)
files = st.lists(lines, max_size=25).map("\n".join)


@example(
    "User-agent: *\nDisallow: /a\nUser-agent: newsmill\nDisallow: /b\nUser-agent: newsmill\nDisallow: /c"
)
@example("User-agent: newsmill\nSitemap: x\nUser-agent: other\nDisallow: /a")
@given(files)
def test_what_is_left_means_what_the_file_means_to_another_parser(text: str) -> None:
    whole, left = Protego.parse(text), Rules(rules_for(text, TOKEN))
    for path in ("/", "/a", "/a/b", "/a/c", "/x.php", "/index.html", "/A", "/%C3%A9", "/a:b", "/a%20b", "/7"):
        url = f"http://a.test{path}"
        assert left.allow(url) == whole.can_fetch(url, TOKEN), path
    assert left.delay == (whole.crawl_delay(TOKEN) or None)


@pytest.mark.parametrize(
    "name",
    [
        "newsmill",
        "NewsMill",
        "newsmill/1.0",
        "newsmill/0.1.0 (+https://news.test/bot; a@news.test)",
        "Newsmill (+mailto:a@news.test)",
        "newsmill bot",
        "newsmill*",
        "newsmill2",
        "newsmill\u00ae",
        "newsmill, other",
        "newsmill # us",
    ],
)
def test_a_group_names_us_where_its_token_is_ours(name: str) -> None:
    text = f"User-agent: {name}\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n"
    assert rules_for(text, TOKEN) == OURS


@pytest.mark.parametrize(
    "name",
    [
        "news",
        "n",
        "mill",
        "newsmill-images",
        "newsmill_x",
        "newsmiller",
        "the newsmill",
        "*newsmill",
        "/",
        "",
    ],
)
def test_another_name_is_not_ours(name: str) -> None:
    text = f"User-agent: {name}\nAllow: /\n\nUser-agent: *\nDisallow: /a\n"
    assert rules_for(text, TOKEN) == OURS
    assert rules_for(f"User-agent: {name}\nDisallow: /\n", TOKEN) == ""


@pytest.mark.parametrize("name", ["*", "* ", "*\t", "* (all)"])
def test_an_asterisk_names_everybody(name: str) -> None:
    assert rules_for(f"User-agent: {name}\nDisallow: /a\n", TOKEN) == OURS


@pytest.mark.parametrize(
    "line",
    [
        "Foo: bar",
        "Content-Signal: ai-train=no",
        "Noindex: /x",
        "some text",
        "Sitemap: /s",
        "Host: a.test",
        "",
    ],
)
def test_no_line_but_a_rule_ends_the_names_of_a_group(line: str) -> None:
    assert rules_for(f"User-agent: newsmill\n{line}\nUser-agent: other\nDisallow: /a\n", TOKEN) == OURS
    assert (
        rules_for(f"User-agent: newsmill\nDisallow: /a\n{line}\nUser-agent: b\nDisallow: /\n", TOKEN) == OURS
    )


@pytest.mark.parametrize(
    "line", ["Disallow:", "Allow: /", "Crawl-delay: 5", "Crawl-delay: soon", "Visit-time: 1-2"]
)
def test_a_rule_ends_them(line: str) -> None:
    left = rules_for(f"User-agent: newsmill\n{line}\nUser-agent: other\nDisallow: /\n", TOKEN)
    assert "Disallow" not in left


def test_a_group_of_ours_without_rules_lifts_everybodys() -> None:
    assert rules_for("User-agent: newsmill\n\nUser-agent: *\nDisallow: /\n", TOKEN) == OURS.replace("/a", "/")
    assert rules_for("User-agent: newsmill\nDisallow:\n\nUser-agent: *\nDisallow: /\n", TOKEN) == ""


def test_the_rules_of_others_their_sitemaps_and_repetitions_are_left_out() -> None:
    ours = "User-agent: newsmill\nDisallow: /a\nDisallow: /a\nCrawl-delay: 5\nCrawl-delay: soon\n"
    others = "User-agent: other\nDisallow: /\n\nSitemap: http://a.test/sitemap.xml\n" * 1000
    left = "User-agent: *\nDisallow: /a\nCrawl-delay: 5\n"
    assert rules_for(others + ours + others, TOKEN) == left


@pytest.mark.parametrize("text", ["", "\0" * 1000, "User-agent: *", "Disallow: /", "Sitemap: http://a.test/"])
def test_a_file_without_rules_for_us_leaves_nothing(text: str) -> None:
    assert rules_for(text, TOKEN) == ""


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\r", "\n\ufeff", "\n\udcef\udcbb"])
def test_lines_end_as_in_the_rfc_and_a_byte_order_mark_is_none_of_them(end: str) -> None:
    text = end.join(["", "User-agent: *", "Disallow: /a", ""])
    assert rules_for(text, TOKEN) == OURS


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_other_line_ends_of_unicode_stand_in_a_path(character: str) -> None:
    left = rules_for(f"User-agent: *\nDisallow: /a{character}b\n", TOKEN)
    escaped = "".join(f"%{octet:02X}" for octet in character.encode())
    assert left == f"User-agent: *\nDisallow: /a{escaped}b\n"


def test_octets_that_are_no_utf_8_are_kept() -> None:
    text = b"User-agent: *\nDisallow: /caf\xe9\n".decode("utf-8", "surrogateescape")
    assert not Rules(rules_for(text, TOKEN)).allow("http://a.test/caf%E9")


def test_a_line_is_read_up_to_its_longest() -> None:
    field = "Disallow: /"
    for letter in "a\u00e9":
        path = letter * LONGEST_LINE
        left = rules_for(f"User-agent: *\n{field}{path}\nDisallow: /b\n", TOKEN)
        assert left.endswith("\nDisallow: /b\n")
        octets = Rules(left)._rules[0].pattern.octets
        assert octets == LONGEST_LINE - len(field) + 1


def test_a_group_of_many_names_with_many_rules_takes_no_more_than_its_size() -> None:
    text = "".join(f"User-agent: bot{n}\n" for n in range(10_000)) + "User-agent: *\nUser-agent: newsmill\n"
    rules = "".join(f"Disallow: /{n}\n" for n in range(10_000))
    assert len(rules_for(text + rules, TOKEN)) <= len(rules) + len("User-agent: *\n")


def test_the_fields_are_those_of_the_other_parser() -> None:
    assert _protego._ALL_DIRECTIVES == robots_rules.FIELDS

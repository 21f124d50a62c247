"""Which URLs a rule of robots.txt is about: RFC 9309, 2.2.2, its table, and the test cases of Google's parser."""

import json
import os
import time
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tasks.fetch.robots_match import Rules
from tasks.fetch.robots_rules import rules_for

GOOGLE = Path(os.environ.get("NEWSMILL_DATA", "/nowhere"), "standards/robots_google.json")
#: Where Google's parser is not the RFC. It compares escapes as text and leaves the escaping of the URL to its caller; the RFC
#: has in its table that `%62%61%7A` matches `/foo/bar/baz`, and that a character is the same as its escapes.
NOT_BY_THE_RFC = {("http://foo.bar/foo/bar/baz", False), ("http://foo.bar/foo/bar/\u30c4", False)}


def _allows(rules: str, path: str) -> bool:
    return Rules(rules_for(f"User-agent: *\n{rules}\n", "newsmill")).allow(f"http://news.test{path}")


@pytest.mark.skipif(not GOOGLE.exists(), reason="needs NEWSMILL_DATA, a folder with the standards' test data")
def test_googles_cases() -> None:
    wrong = []
    for case in json.loads(GOOGLE.read_text()):
        text = case["robots_txt"].encode("latin-1").decode("utf-8", "surrogateescape")
        if Rules(rules_for(text, case["agent"])).allow(case["url"]) != case["allowed"]:
            wrong.append((case["url"], case["allowed"]))
    assert set(wrong) == NOT_BY_THE_RFC


@pytest.mark.parametrize(
    ("rule", "path", "matches"),
    [
        # The table of 2.2.2.
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz", True),
        ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", True),
        ("/foo/bar?baz=https%3a%2f%2ffoo.bar", "/foo/bar?baz=https://foo.bar", True),
        ("/foo/bar/\u30c4", "/foo/bar/%E3%83%84", True),
        ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", True),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", True),
        # An escaped delimiter of a path is data.
        ("/a%2Fb", "/a/b", False),
        ("/a/b", "/a%2Fb", False),
        ("/a%2Fb", "/a%2fb", True),
        ("/*%2F*", "/a/b", False),
        ("/*%2F*", "/a%2fb", True),
        ("/*?", "/who%3F", False),
        ("/*?", "/who%3F?x", True),
        ("/*%3F", "/who?x", False),
        ("/who%3F", "/who%3fx", True),
        # A rule without `?` may mean what is in a query.
        ("/*u=http://a/", "/?u=http%3A%2F%2Fa%2F", True),
        ("/*u=http%3A%2F%2Fa%2F", "/?u=http://a/", True),
        ("/*u=a%3Fb", "/?u=a?b", True),
        ("/*/go?u=%2F", "/x/go?u=/", True),
        # Octets are the same as their escapes; % is not the beginning of an escape that it escapes.
        ("/a<b", "/a%3Cb", True),
        ("/a%3cb", "/a<b", True),
        ("/a=b&c;d", "/a%3Db%26c%3bd", True),
        ("/a%2520", "/a%20", False),
        ("/a%2520", "/a%2520", True),
        ("/a%zz", "/a%zz", True),
        ("/A", "/a", False),
        # Wildcards, and their characters by their escapes.
        ("/x%2Ay", "/x*y", True),
        ("/x%2Ay", "/xzy", False),
        ("/x*y", "/x%2Ay", True),
        ("/x$", "/x", True),
        ("/x$", "/xy", False),
        ("/x$", "/x%24y", True),
        ("/x%24", "/x", False),
        ("/x$y", "/x$yz", True),
        ("/x?$", "/x?", True),
        ("/*.php$", "/a.php.php", True),
        ("/*.php$", "/a.php?x", False),
        ("/a*$", "/abc", True),
        ("/a*a$", "/a", False),
        ("/a**b***c", "/a1b2c3", True),
        ("*", "/", True),
        ("*b", "/ab", True),
        ("b", "/b", False),
        ("$", "/", False),
        ("/", "", True),
        ("/?", "?a", True),
        ("http://b.test/x", "/http://b.test/x", True),
    ],
)
def test_a_rule_matches(rule: str, path: str, matches: bool) -> None:
    assert _allows(f"Disallow: {rule}", path) is not matches


@pytest.mark.parametrize("path", ["/a#/b", "/a"])
def test_a_fragment_is_none_of_the_path(path: str) -> None:
    assert _allows("Disallow: /*b", path)
    assert not _allows("Disallow: /a$", path)


def test_the_longest_rule_counts_and_of_two_the_one_that_allows() -> None:
    assert _allows("Disallow: /a\nAllow: /a/b", "/a/b/c")
    assert not _allows("Allow: /a\nDisallow: /a/b", "/a/b/c")
    assert _allows("Disallow: /a%41\nAllow: /aA", "/aA")
    assert _allows("Allow: /*/x\nDisallow: /a/", "/a/x")


@pytest.mark.parametrize("page", ["index.html", "index.htm"])
def test_who_allows_the_index_page_allows_its_folder(page: str) -> None:
    rules = f"Disallow: /\nAllow: /a/{page}"
    assert _allows(rules, "/a/")
    assert not _allows(rules, "/a/b")
    assert not _allows(f"Allow: /\nDisallow: /a/{page}\nDisallow: /b", "/b")
    assert _allows(f"Allow: /\nDisallow: /a/{page}", "/a/")


def test_robots_txt_itself_is_allowed() -> None:
    assert _allows("Disallow: /", "/robots.txt")
    assert not _allows("Disallow: /", "/robots.txt?x")
    assert not _allows("Disallow: /", "/a/robots.txt")


@pytest.mark.parametrize("delay", ["0", "nan", "inf", "-1"])
def test_a_delay_that_is_none_counts_for_nothing(delay: str) -> None:
    assert Rules(f"User-agent: *\nCrawl-delay: {delay}\n").delay is None
    assert Rules("User-agent: *\nCrawl-delay: 2.5\n").delay == 2.5


texts = st.text(alphabet="ab/?*$%2F3\u00e9", max_size=12)


@given(texts, texts)
def test_any_rule_and_any_url_give_an_answer(rule: str, path: str) -> None:
    _allows(f"Disallow: /{rule}\nAllow: {rule}", f"/{path}")


@given(st.text(alphabet="ab/", max_size=12), st.text(alphabet="ab/", max_size=12))
def test_a_rule_without_wildcards_is_a_prefix(rule: str, path: str) -> None:
    assert _allows(f"Disallow: /{rule}", f"/{path}") is not f"/{path}".startswith(f"/{rule}")


@pytest.mark.parametrize(
    "rules",
    [
        "Disallow: /" + "*a" * 8000 + "b",
        "Disallow: /" + "*" * 16_000 + "b",
        "Disallow: /*" + "a" * 8000 + "b",
        "\n".join(f"Disallow: /*{'a' * 20}b{n}$" for n in range(10_000)),
        "\n".join(f"Disallow: /{'a' * 20}{n}" for n in range(10_000)),
    ],
    ids=["parts", "asterisks", "long", "many", "prefixes"],
)
def test_hostile_rules_take_little_time(rules: str) -> None:
    parsed = Rules(rules_for(f"User-agent: *\n{rules}\n", "newsmill"))
    url = "http://news.test/" + "a" * 8000
    began = time.process_time()
    parsed.allow(url)
    assert time.process_time() - began < 1

"""What replaces slow parts of trafilatura and htmldate: the originals are those it was made for, and results are theirs."""

import re
from typing import Any

import pytest
from trafilatura.settings import Document

from tasks.extract import linear_compat
from tasks.extract.linear_compat import KEEPING, LARGE, REPLACED, linear
from tasks.extract.page import read_page

#: The beginnings of the originals, by module and name.
ORIGINALS = {
    ("trafilatura.json_metadata", "HTML_STRIP_TAGS"): r"(<!--.*?-->|<[^>]*>)",
    ("trafilatura.metadata", "HTML_STRIP_TAGS"): r"(<!--.*?-->|<[^>]*>)",
    (
        "trafilatura.json_metadata",
        "JSON_AUTHOR_1",
    ): r'"author":[^}[]+?"name?\\?": ?\\?"([^"\\]+)|"author"[^}[]+?"names?".+?"([^"]+)',
    ("trafilatura.json_metadata", "JSON_AUTHOR_2"): r'"[Pp]erson"[^}]+?"names?".+?"([^"]+)',
    (
        "trafilatura.json_metadata",
        "JSON_AUTHOR_REMOVE",
    ): r',?(?:"\w+":?[:|,\[])?{?"@type":"(?:[Ii]mageObject|[Oo]rganization|'
    r'[Ww]eb[Pp]age)",[^}[]+}[\]|}]?',
    ("trafilatura.json_metadata", "JSON_PUBLISHER"): r'"publisher":[^}]+?"name?\\?": ?\\?"([^"\\]+)',
    ("trafilatura.metadata", "JSON_MINIFY"): r'("(?:\\.|[^"\\])*")|\s',
    ("trafilatura.utils", "IMAGE_EXTENSION"): r"[^\s]+\.(avif|bmp|gif|hei[cf]|jpe?g|png|webp)(\b|$)",
    ("trafilatura.xml", "_MATH_BLOCK_RE"): r"(?<!\S)\\\[(.+?)\\\]",
    ("trafilatura.xml", "_MATH_INLINE_RE"): r"\\\((.+?)\\\)",
}
EXPRESSIONS = {
    (module.__name__, name): (getattr(module, name), new)
    for module, name, new in REPLACED
    if isinstance(new, re.Pattern)
}
STORY = "".join(f"<p>{number}. The council of the small town met on Tuesday.</p>" for number in range(9))
#: What the expressions are for, each with more around it.
ORDINARY = {
    "HTML_STRIP_TAGS": "a <b>bold</b> word, <!-- a comment --> and <a href='/x'>a link</a>",
    "JSON_AUTHOR_1": '{"author":{"@type":"Person","name":"Ann Smith"},"author":[{"name":"Bob Jones"}]}',
    "JSON_AUTHOR_2": '{"Person":1,"name": "Ann Smith"}',
    "JSON_AUTHOR_REMOVE": '{"a":1,"image":{"@type":"ImageObject","url":"u"},"publisher":{"@type":"Organization","name":"N"}}',
    "JSON_PUBLISHER": '{"publisher":{"@type":"Organization","name":"The Courier"}}',
    "JSON_MINIFY": '{ "a b" : "c \\" d",\n "e": [1, 2] }',
    "IMAGE_EXTENSION": "https://a.test/one.jpg?x=1 two.gif .png three.jpgx",
    "_HTML_MARKUP": "i<b and c>d <p class='x'>one</p><br/>",
    "COPYRIGHT_PATTERN": "(c) The Courier 2019-2021. Copyright - 2015 ",
    "_MATH_BLOCK_RE": "a \\[ x + y \\] b",
    "_MATH_INLINE_RE": "a \\( x \\) b \\( y \\)",
}


@pytest.mark.parametrize("place", ORIGINALS, ids=str)
def test_the_library_has_the_expression_that_is_replaced(place: tuple[str, str]) -> None:
    assert EXPRESSIONS[place][0].pattern == ORIGINALS[place]


@pytest.mark.parametrize("place", EXPRESSIONS, ids=str)
def test_on_ordinary_data_the_replacement_finds_the_same(place: tuple[str, str]) -> None:
    original, new = EXPRESSIONS[place]
    text = ORDINARY[place[1]]
    ends = [[match.end() for match in one.finditer(text)] for one in (original, new)]
    assert ends[0] == ends[1] != []
    assert original.flags == new.flags
    if original.groups == new.groups:
        assert original.findall(text) == new.findall(text) or place[1] in {"_HTML_MARKUP", "IMAGE_EXTENSION"}


def test_inside_of_linear_all_names_are_replaced_and_outside_they_are_the_libraries_own() -> None:
    before = [getattr(module, name) for module, name, _ in (*REPLACED, *KEEPING)]
    with linear("x"):
        assert all(getattr(module, name) is new for module, name, new in REPLACED)
        assert not any(getattr(module, name) is new for module, name, new in KEEPING)
    with linear("x" * (LARGE + 1)):
        assert all(getattr(module, name) is new for module, name, new in KEEPING)
    assert [getattr(module, name) for module, name, _ in (*REPLACED, *KEEPING)] == before


def test_what_keeps_texts_is_replaced_in_each_module_that_uses_it() -> None:
    users = {module.__name__.removeprefix("trafilatura.") for module, name, _ in KEEPING if name == "trim"}
    assert {"baseline", "htmlprocessing", "json_metadata", "main_extractor", "metadata", "utils"} <= users


@pytest.mark.parametrize(
    "name", ["normalize_authors", "extract_json_parse_error", "trim_text", "try_date_expr"]
)
def test_an_extraction_calls_the_function_that_replaces(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    original = linear_compat._ORIGINAL[name]

    def counted(*args: Any) -> Any:
        calls.append(args)
        return original(*args)

    monkeypatch.setitem(linear_compat._ORIGINAL, name, counted)
    head = '<meta name=author content="Ann Smith"><script type="application/ld+json">{"author":</script>'
    read_page(
        f'<html><head><title>t</title>{head}</head><body><p class="date">1 May 2019</p>{STORY}</body></html>',
        "http://a.test/",
    )
    assert calls


def test_dateparser_gets_a_hundred_texts_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setitem(linear_compat._ORIGINAL, "_external_date", asked.append)
    for page in range(2):  # htmldate keeps the answers of the first
        asked.clear()
        dates = "".join(f'<p class="date">kl. {n % 28 + 1} luty 2019, {page}{n} godz</p>' for n in range(300))
        read_page(f"<html><body>{dates}{STORY}</body></html>", "http://a.test/")
        assert len(asked) == 100


def test_authors_are_those_of_the_library_until_they_are_longer_than_a_row_has_room_for() -> None:
    with linear("x"):
        normalise = linear_compat._json.normalize_authors
        assert normalise(None, "by Ann Smith and Bob Jones") == "Ann Smith; Bob Jones"
        assert normalise("Ann Smith", "(" * 300_000) == "Ann Smith"
        full = "; ".join(f"Ann Smith-{number}" for number in range(99))
        assert normalise(full, "Bob Jones") == full


def test_invalid_json_ld_still_names_author_and_publisher() -> None:
    with linear("x"):
        found = linear_compat._metadata.extract_json_parse_error(
            '{"author":{"@type":"Person","name":"Ann Smith"},"publisher":{"name":"The Courier"},', Document()
        )
    assert (found.author, found.sitename) == ("Ann Smith", "The Courier")

"""What is taken out of a page before it is parsed, and which characters a text may hold."""

# ruff: noqa: RUF001 - typography and scripts as pages have them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extract.characters import latin_length, printable
from tasks.extract.markup import remove_code


@pytest.mark.parametrize(
    "block",
    [
        "<script>if (a < b) document.write('<p>no</p>')</script>",
        "<SCRIPT src='x.js'></SCRIPT >",
        "<style media=print>p > a { color: red }</style>",
        "<svg viewBox='0 0 1 1'><path d='M0 0'/></svg>",
        "<!-- <p>no</p> -->",
        "<!--[if IE]><p>no</p><![endif]-->",
    ],
)
def test_code_goes_and_what_stands_around_it_stays(block: str) -> None:
    assert remove_code(f"<p>a</p>{block}<p>b</p>") == "<p>a</p><p>b</p>"


def test_json_ld_stays_whatever_is_in_it() -> None:
    data = '<script type="application/ld+json">{"headline": "a <!-- b", "html": "<style>"}</script>'
    assert remove_code(f"{data}<p>a</p><!-- b -->") == f"{data}<p>a</p>"


def test_what_is_never_closed_stays() -> None:
    html = "<p>a</p><!-- b <script>c <style>d <p>e</p>"
    assert remove_code(html) == html


def test_a_page_of_tags_that_are_never_closed_takes_linear_time() -> None:
    openings = "<script><style ><svg><!--<script "
    assert remove_code(openings * 50_000) == openings * 50_000  # 1.6 MB; quadratic time would not end


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("&#11;", "\n"),
        ("&#x1;", ""),
        ("&#0;", ""),
        ("&#xFFFF;", ""),
        ("&#xD800;", ""),
        ("&shy;", "&shy;"),
        ("&#173;", ""),
        ("&#146;", "’"),
        ("&#128512;", "&#128512;"),
        ("&#9999999;", "&#9999999;"),
        ("&#60;", "&#60;"),
    ],
)
def test_a_reference_to_a_control_character_is_resolved(reference: str, shown: str) -> None:
    assert remove_code(f"a{reference}b") == f"a{shown}b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07c", "abc"),
        ("\ud83dlone", "lone"),
        ("so\xadft \ufeffmark", "soft mark"),
        ("one\x0btwo\u2028three", "one\ntwo\nthree"),
        ("\x93quoted\x94", "“quoted”"),
        ("e\u0301te\u0301", "été"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
    ],
)
def test_a_text_holds_no_control_characters(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_a_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert "\x00" not in shown
    shown.encode()


def test_a_chinese_character_weighs_three_latin_ones_and_a_korean_two() -> None:
    assert (latin_length("abc"), latin_length("新聞の"), latin_length("뉴스")) == (3, 9, 4)

"""Normal forms of any text, in linear time."""

import ast
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.text import LONGEST, normalise
from tasks.extract.characters import printable
from tasks.extract.markup import remove_code
from tasks.normal_form import LONGEST_ROW, is_combining, normal_form
from tasks.topics.words import words

ROOT = Path(__file__).parents[2]
ACUTE, GRAVE_BELOW = "\u0301", "\u0316"
#: A kana mark in half width becomes a combining character in NFKC only; U+0F73 in every form.
LATER = "\uff9e", "\u0f73"
#: Sorting so many would take minutes.
MANY = 200_000


@given(st.text())
def test_a_text_without_long_rows_is_what_unicode_says(text: str) -> None:
    assert normal_form("NFC", text) == unicodedata.normalize("NFC", text)
    assert normal_form("NFKD", text) == unicodedata.normalize("NFKD", text)


@pytest.mark.parametrize(
    "row", [ACUTE + GRAVE_BELOW, ACUTE + "\U0001d165", *(mark + GRAVE_BELOW for mark in LATER)]
)
def test_of_a_row_of_combining_characters_the_first_thirty_are_kept(row: str) -> None:
    text = f"x{row * MANY}y z"
    for form in ("NFC", "NFKC", "NFKD"):
        found = normal_form(form, text)
        assert found == unicodedata.normalize(form, f"x{(row * MANY)[:LONGEST_ROW]}y z")


@pytest.mark.parametrize("use", [printable, normalise, words, remove_code])
@pytest.mark.parametrize(
    "text",
    [
        "a" + (ACUTE + GRAVE_BELOW) * MANY,
        "a" + ACUTE * MANY + GRAVE_BELOW * MANY,
        "a" + "&#769;&#x316;" * MANY,
    ],
)
def test_whatever_normalises_a_text_takes_seconds_not_minutes(use: object, text: str) -> None:
    began = time.process_time()
    use(text)  # type: ignore[operator]
    assert time.process_time() - began < 5  # quadratic: minutes


def test_of_a_text_that_grows_when_normalised_so_much_counts_as_a_page_may_have() -> None:
    assert len(normalise("\ufdfa" * 400_000)) <= LONGEST


@pytest.mark.parametrize("mark", [ACUTE, *LATER])
def test_a_character_is_combining_if_a_normal_form_sorts_it(mark: str) -> None:
    assert is_combining(mark)
    assert not is_combining("a")


def test_no_combining_character_lies_beyond_those_that_are_looked_for() -> None:
    assert not any(
        unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])
        for code in range(0x20000, 0x110000)
    )


def test_nothing_else_calls_unicodes_normalisation() -> None:
    named = {
        path.relative_to(ROOT).as_posix()
        for folder in ("tasks", "workers")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"normalize", "is_normalized"}
    }
    assert named == {"tasks/normal_form.py"}

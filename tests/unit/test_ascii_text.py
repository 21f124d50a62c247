"""What is ASCII but for its typography is taken apart by bytes: into the words that the long way finds."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.ascii_text import as_ascii
from tasks.dedupe import text as dedupe
from tasks.topics import words as topics

#: ASCII, with and without letters, and the marks of typography.
TEXTS = st.text(
    st.characters(max_codepoint=127) | st.sampled_from("‘’‚“”„«»–—…•·\u00a0"),  # noqa: RUF001
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It's 5 o'clock", b"It's 5 o'clock"),
        ("\u201cIt\u2019s\u201d \u2013 so", b" It s    so"),
        ("caf\u00e9", None),
        ("\u2019\u4e2d", None),
        ("", b""),
    ],
)
def test_typography_becomes_spaces_and_nothing_else_is_lost(text: str, plain: bytes | None) -> None:
    assert as_ascii(text) == plain


@given(TEXTS)
@example("\u2019a\u2019b_c1\u00a0D\u2026")
def test_the_words_of_a_content_are_those_of_the_long_way(text: str) -> None:
    # A letter outside of ASCII sends it the long way; it is the last word there.
    *words, last = dedupe.normalise(f"{text} \u00e9").split(" ")
    assert last == "\u00e9"
    assert dedupe.normalise(text).split() == words


@given(TEXTS)
@example("\u2019a\u2019b_c1\u00a0D\u2026")
def test_the_words_that_names_are_looked_for_in_are_those_of_the_long_way(text: str) -> None:
    *words, last = topics.words(f"{text} \u00f8")
    assert last == "\u00f8"
    assert topics.words(text) == words

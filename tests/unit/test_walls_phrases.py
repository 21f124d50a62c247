"""The phrases are well formed, and compared as their module says."""

# ruff: noqa: RUF001 - signs as pages have them

import tomllib
from pathlib import Path

import pytest

from tasks.walls import phrases as module
from tasks.walls.phrases import KINDS, folded, kind_of_heading, phrases, sentences_in, unquoted

TABLES = tomllib.loads(Path(module.__file__).with_name("phrases.toml").read_text("utf-8"))


#: Walls of "accept or pay" are of some countries.
CONSENT = {"consent"}


def test_each_of_33_languages_has_phrases_of_each_kind() -> None:
    assert len(TABLES) == 33
    for language, kinds in TABLES.items():
        assert set(kinds) | CONSENT == set(KINDS), language
        for kind, table in kinds.items():
            assert set(table) <= {"headings", "sentences", "hints", "nouns", "absences"}
            assert table["sentences"], (language, kind)


def test_a_phrase_has_no_part_that_is_in_nearly_every_text() -> None:
    for some in phrases().sentences.values():
        for sentence in some:
            assert len(sentence.parts[0]) >= 4, sentence
            assert all(sentence.parts), sentence


def test_each_sentence_is_found_in_itself() -> None:
    for some in phrases().sentences.values():
        for sentence in some:
            text = " x ".join(sentence.parts)
            assert sentence in [one for _, one in sentences_in(f"y {text} z")]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Page not found", "not_found"),
        ("Oops! That page can’t be found.", "not_found"),
        ("404 | Fehler: Seite nicht gefunden", "not_found"),
        ("ERROR 404", "not_found"),
        ("خطای ۴۰۴", "not_found"),
        ("403 Forbidden", "denied"),
        ("Courier - Access Denied", "denied"),
        ("451: Unavailable due to legal reasons", "region"),
        ("502 Bad Gateway", "server_error"),
        ("しばらくお待ちください...", "captcha"),
        ("Page not found: the art of the error page", None),
        ("Access denied: reporters kept out", None),
        ("404 people moved to the valley", None),
        ("1984", None),
        ("", None),
        ("…", None),
    ],
)
def test_a_heading_names_a_kind_as_a_whole_or_in_a_part_between_separators(
    heading: str, kind: str | None
) -> None:
    assert kind_of_heading(heading) == kind


def test_between_the_parts_of_a_sentence_are_sixty_characters_at_most() -> None:
    def kinds(between: str) -> list[str]:
        return [
            sentence.kind for _, sentence in sentences_in(f"your request {between} refused by the server")
        ]

    assert "denied" in kinds("x" * 58)
    assert "denied" not in kinds("x" * 62)


@pytest.mark.parametrize("quoted", ["“a”", "„a“", "«a»", "»a«", "「a」", "『a』", "‘a’", '"a"', "”a”"])
def test_what_is_in_quotation_marks_is_left_out(quoted: str) -> None:
    assert unquoted(f"x {quoted} y").split() == ["x", "y"]


def test_an_apostrophe_is_no_quotation_mark() -> None:
    assert folded(unquoted("We can’t find it.  It isn’t here.")) == "we can't find it. it isn't here."

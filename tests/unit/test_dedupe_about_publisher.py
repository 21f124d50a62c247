"""What a house says of itself under its press releases makes no copies of them."""

# ruff: noqa: RUF001 - scripts as pages have them

import time

import pytest

from tasks.dedupe.about_publisher import without_publisher
from tasks.dedupe.minhash import NEAR, signature, similar

STORY = "A new pier\nThe town of Dunholt gets a new pier, which will be built by Larkfield within two years."


@pytest.mark.parametrize(
    "about",
    [
        "About Larkfield Instruments\nLarkfield Instruments makes scales.\nPress contact: Joan Merrick",
        "About the Larkfield Group:\nSince 1968 Larkfield has made scales.",
        "Über die Wendlandt Gruppe\nDie Wendlandt Gruppe baut Aufzüge.",
        "À propos de Meunier\nFondée en 1937, Meunier fabrique des outils.",
        "关于松原仪器\n松原仪器成立于1994年。",
        "松原計器について\n松原計器は1994年に設立された。",
        "О компании «Вымпел»\nКомпания «Вымпел» основана в 1994 году.",
        "نبذة عن الشركة\nالشركة تعمل منذ عام",
        "Bellandi hakkında\nBellandi 1954 yılında kuruldu.",
        "ENDS\nLarkfield makes scales.",
        "# # #\nLarkfield makes scales.",
        "-30-\nLarkfield makes scales.",
        "Notes to editors:\nLarkfield makes scales.",
        "**Media contact:** Joan Merrick\nLarkfield makes scales.",
        "Pressekontakt: Heike Lüders, 0555 8812\nDie Saatzucht züchtet Gerste.",
        "媒体联系人：沈佳宁\n松原仪器成立于1994年。",
    ],
)
def test_the_part_about_the_house_is_left_out(about: str) -> None:
    assert without_publisher(f"{STORY}\n{about}") == STORY


@pytest.mark.parametrize(
    "end",
    [
        "About three hundred people came\nThey stayed until noon.",  # no name
        "About Larkfield nobody spoke.\nLarkfield was closed.",  # a sentence
        "About Larkfield Instruments",  # nothing follows
        "About Larkfield Instruments\nThe pier is of wood.",  # another matter follows
        "What Larkfield says\nLarkfield is glad.",
        "The strike ends: trains run again\nThey were full.",
        "## A heading\nThe pier is of wood.",
        "30\nThe pier is of wood.",
        "",
    ],
)
def test_other_lines_stay(end: str) -> None:
    assert without_publisher(f"{STORY}\n{end}") == f"{STORY}\n{end}"


def test_a_text_that_begins_with_it_is_about_it() -> None:
    text = (
        "A title\nAbout Larkfield Instruments\nLarkfield Instruments makes scales. "
        + "It is a long story. " * 20
    )
    assert without_publisher(text) == text


def words_of(seed: int) -> str:
    return " ".join(f"{letter}{seed}{other}" for letter in "abcdefgh" for other in "ijklmnop")


def test_two_releases_of_a_house_are_no_copies_and_their_content_is_the_whole_text() -> None:
    about = f"About Larkfield\nLarkfield makes scales. {words_of(0)} {words_of(9)}"
    one, other = (signature(f"{words_of(seed)}\n{about}") for seed in (1, 2))
    assert similar(one, other) == 0
    copy = signature(f"By our reporter\n{words_of(1)}")
    assert similar(one, copy) >= NEAR
    assert one.content_id != signature(words_of(1)).content_id


@pytest.mark.parametrize(
    "line", ["\n", "About A\n", "About\n", "关于关于\n", "About Larkfield\nx", "#a\n", ": \n"]
)
def test_none_takes_long(line: str) -> None:
    begin = time.process_time()
    without_publisher(line * (3_000_000 // len(line)))
    assert time.process_time() - begin < 0.2

"""Names with values, and paragraphs: lines that fit, and long words that stay whole."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from workers.output.blocks import Block, Paragraph, wrapped
from workers.output.terminal import Terminal

URL = "http://a.test/" + "long-" * 30
ROWS = [(Text("url"), Text(URL)), (Text("title"), Text("The council voted on the new ferry line yesterday"))]


def lines(block: Block | Paragraph, width: int) -> list[str]:
    terminal = Terminal(file=io.StringIO(), width=width)
    terminal.print(block, crop=False)
    assert isinstance(terminal.file, io.StringIO)
    return terminal.file.getvalue().splitlines()


def test_a_value_stands_beside_its_name_where_there_is_room() -> None:
    assert lines(Block(ROWS), 40) == [
        f"url    {URL}",
        "title  The council voted on the new",
        "       ferry line yesterday",
    ]


def test_a_value_stands_below_its_name_where_there_is_none() -> None:
    assert lines(Block(ROWS, indent=2), 30) == [
        "  url",
        f"      {URL}",
        "  title",
        "      The council voted on the",
        "      new ferry line yesterday",
    ]


def test_a_long_name_has_a_line_of_its_own() -> None:
    rows = [(Text("--long-option enriched|duplicate|rejected"), Text("Help.")), (Text("-s"), Text("Other."))]
    assert lines(Block(rows), 80) == [
        "--long-option enriched|duplicate|rejected",
        "    Help.",
        "-s  Other.",
    ]


def test_every_line_of_a_paragraph_begins_with_its_prefix() -> None:
    assert lines(Paragraph(Text("one two three"), "# "), 9) == ["# one two", "# three"]


@given(st.text(alphabet="ab漢é \n"), st.integers(1, 12))
def test_wrapping_breaks_between_words_only_and_loses_none(text: str, width: int) -> None:
    found = [line.plain for line in wrapped(Text(text), width)]
    assert " ".join(found).split() == text.split()
    assert all(cell_len(line) <= width or " " not in line.strip() for line in found)


@pytest.mark.parametrize("width", [1, 10, 39])
def test_no_width_is_too_small(width: int) -> None:
    assert URL in " ".join(lines(Block(ROWS, indent=4), width))

"""What reaches a terminal: nothing that it obeys, and no markup."""

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.panel import Panel
from rich.table import Table

from workers.output.printable import json_escaped, printable
from workers.output.terminal import Terminal, is_live, shown
from workers.output.words import counted

HOSTILE = "\x1b[31m[bold red]x[/bold red] :smile:\u202e"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Tornado über Łódź: 3 %", "Tornado über Łódź: 3 %"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("a\r\nb\tc\x7f", r"a\r\nb\tc\x7f"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("line\u2028line", r"line\u2028line"),
        ("bad\udcffname", r"bad\udcffname"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # Persian needs the zero-width non-joiner
    ],
)
def test_what_a_terminal_obeys_is_seen_instead(text: str, seen: str) -> None:
    assert printable(text) == seen


def test_the_lines_of_a_text_stay_lines_where_that_is_asked_for() -> None:
    assert printable("one\ntwo\x1b\r\n", lines=True) == "one\ntwo\\x1b\\r\n"


@given(st.text())
def test_no_control_character_and_no_change_of_direction_is_left(text: str) -> None:
    left = printable(text)
    assert not [one for one in left if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not [one for one in left if unicodedata.bidirectional(one) in {"LRE", "RLE", "LRO", "RLO", "PDF"}]
    left.encode()


@given(st.text().filter(lambda text: text.isprintable()))
def test_what_python_calls_printable_is_not_touched(text: str) -> None:
    assert printable(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_has_the_same_value_with_its_controls_escaped(text: str) -> None:
    escaped = json_escaped(json.dumps(text, ensure_ascii=False))
    assert json.loads(escaped) == text
    assert printable(escaped) == escaped


def drawn(*things: object, **options: object) -> str:
    terminal = Terminal(file=io.StringIO(), width=100, **options)  # type: ignore[arg-type]
    terminal.print(*things)
    assert isinstance(terminal.file, io.StringIO)
    return terminal.file.getvalue()


def test_a_string_is_data_for_the_terminal_wherever_it_stands() -> None:
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    for thing in (HOSTILE, table, shown(HOSTILE), Panel(HOSTILE, title=shown(HOSTILE))):
        text = drawn(thing)
        assert text.count(r"\x1b[31m[bold red]x[/bold red] :smile:\u202e") == drawn(thing).count("x[/bold")
        assert "\x1b" not in text


def test_only_a_text_has_styles() -> None:
    text = drawn(shown(HOSTILE, "green"), force_terminal=True, color_system="standard")
    assert text == "\x1b[32m\\x1b[31m[bold red]x[/bold red] :smile:\\u202e\x1b[0m\n"
    assert drawn("1 http://a.test/", force_terminal=True, color_system="standard") == "1 http://a.test/\n"


@pytest.mark.parametrize(
    ("variables", "coloured", "live"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, False, False),
    ],
    ids=str,
)
def test_no_color_and_dumb_terminals_are_respected(
    variables: dict[str, str], coloured: bool, live: bool
) -> None:
    terminal = Terminal(file=io.StringIO(), force_terminal=True, width=80, _environ=variables)
    terminal.print(shown("red", "red"))
    assert isinstance(terminal.file, io.StringIO)
    assert ("\x1b[31m" in terminal.file.getvalue()) == coloured
    assert is_live(terminal) == live


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 URLs"), (1, "1 URL"), (2, "2 URLs"), (1234, "1,234 URLs")]
)
def test_a_noun_agrees_with_its_number(number: int, words: str) -> None:
    assert counted(number, "URL") == words


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert counted(1, "copy", "copies") == "1 copy"
    assert counted(2, "copy", "copies") == "2 copies"

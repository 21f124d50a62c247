"""Text from outside, made fit for a terminal: nothing in it is obeyed, and all of it can be seen."""

import re
from textwrap import indent

#: What a terminal obeys, or what moves the characters around it: the controls of ASCII and Latin-1 (an escape code begins
#: with ESC or U+009B), Unicode's ends of lines, its marks, embeddings, overrides and isolates of direction (Unicode
#: Standard Annex 9), and halves of surrogate pairs, which stand for bytes of a file name that are no UTF-8.
_OBEYED = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff"
_ONE_LINE = re.compile(f"[{_OBEYED}]")
_LINES = re.compile(f"(?!\n)[{_OBEYED}]")


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return the text with escapes as in Python for what a terminal obeys: `\x1b`, `\u202e`, `\n`.

    With `lines`, ends of lines are kept.
    """
    return (_LINES if lines else _ONE_LINE).sub(lambda found: ascii(found[0])[1:-1], text)


def as_lines(text: str) -> str:
    """Return text of several lines, such as a traceback, indented: none of them can pass for a line of a log."""
    return indent(printable(text.rstrip("\n"), lines=True), "    ", lambda _line: True)


def json_escaped(json: str) -> str:
    r"""Return the same JSON with `\u....` for what a terminal obeys; ASCII's own controls are escaped in any JSON."""
    return _ONE_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def json_lines_escaped(text: str) -> str:
    """Return lines of JSON, each as `json_escaped` returns it."""
    return "\n".join(map(json_escaped, text.split("\n")))


def table_escaped(text: str) -> str:
    """Return the lines of a table, with the tabs between its cells, and escapes for what else a terminal obeys."""
    return "\t".join(printable(cells, lines=True) for cells in text.replace("\r\n", "\n").split("\t"))

"""Names with their values, for any width: side by side where there is room, else one below the other.

Lines break between words only. A long word, a URL for example, stays whole, so that it can be copied.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

#: Columns that a value needs to stand beside its name: three or four words.
_ROOM = 24
#: Columns that a value is moved to the right below its name.
_INDENT = 4
#: Columns between a name and its value.
_GAP = 2
_WORD = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a name and a value. `indent` moves all of them to the right; `widest` is the longest name with a value beside it."""

    rows: Sequence[tuple[Text, Text]]
    indent: int = 0
    widest: int = 26

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        del console
        width = options.max_width - self.indent
        start = max((len(name) for name, _ in self.rows if len(name) <= self.widest), default=_INDENT) + _GAP
        if width - start < _ROOM:
            start = _INDENT
        for name, value in self.rows:
            lines, first = list(wrapped(value, width - start)), Text()
            if len(name) + _GAP <= start and lines:
                first = Text(" " * (start - len(name))) + lines.pop(0)
            yield _line(" " * self.indent, name, first)
            yield from (_line(" " * (self.indent + start), line) for line in lines)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text whose lines break between words, each after `prefix`."""

    text: Text
    prefix: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        del console
        for line in wrapped(self.text, options.max_width - len(self.prefix)):
            yield _line(self.prefix, line)


def wrapped(text: Text, width: int) -> Iterator[Text]:
    """Yield the lines of a text that break between words only; a word that is wider than `width` has a line of its own."""
    for line in text.split(allow_blank=True):
        for part in line.divide(_breaks(line.plain, width)):
            part.rstrip()
            yield part


def _breaks(line: str, width: int) -> Iterator[int]:
    """Yield the offsets of the words that begin a new line. rich's own wrapping breaks long words, or cuts them off."""
    used = len(line) - len(line.lstrip())
    for word in _WORD.finditer(line):
        if word.start() and used + cell_len(word[0].rstrip()) > width:
            yield word.start()
            used = 0
        used += cell_len(word[0])


def _line(*parts: Text | str) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ignore")

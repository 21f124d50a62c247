"""A rich console that data cannot write on: a plain string is text, whatever it has in it.

rich takes plain strings for markup (`[bold]`, `:smile:`), and passes escape codes on. Here only a `Text` has styles, and
`shown` makes one of data.
"""

from typing import Any

from rich.console import Console
from rich.text import Text

from workers.output.printable import printable


def shown(data: str, style: str = "") -> Text:
    """Return data as a text in one style, with nothing in it that a terminal obeys."""
    return Text(printable(data), style)


def is_live(console: Console) -> bool:
    """Tell whether lines can be drawn over: it is a terminal, and `TERM` is not `dumb`."""
    return console.is_terminal and not console.is_dumb_terminal


class Terminal(Console):
    """A console on which plain strings, those in tables included, are printed as `shown` shows them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the string as a text without markup, emoji codes and highlighting."""
        options |= {"emoji": False, "markup": False, "highlight": False, "highlighter": None}
        return super().render_str(printable(text), **options)

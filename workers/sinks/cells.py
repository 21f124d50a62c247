"""Cells that a spreadsheet would run as a formula.

Texts are strangers' words: a page whose title is `=HYPERLINK(...)` must do nothing to whoever opens the export with a
double click. OWASP ("CSV Injection") names the characters that begin a formula, and the apostrophe in front of them,
which makes a cell text.
"""

import re
from typing import Any

#: What begins a formula, also in full width, with what spreadsheets pass over in front of it: white space, control and
#: zero-width characters. A tab, a line break or a NUL at the beginning is taken off by some, and what follows then run.
_RUNS = re.compile(
    "[\\s\\x00-\\x1f\\x7f\\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]*[=+@\\-\uff1d\uff0b\uff20\uff0d]|[\\t\\r\\n\\x00]"
)


def safe(value: Any) -> Any:
    """Return text that a spreadsheet would run with an apostrophe in front; anything else, numbers too, as it is."""
    return f"'{value}" if isinstance(value, str) and _RUNS.match(value) else value

"""Unicode's normal forms, in a time that is linear in the length of any text."""

import re
import unicodedata
from itertools import groupby
from typing import Literal

#: Combining characters in a row that a text keeps; Unicode's Stream-Safe Text Format allows as many (UAX #15, 13). Sorting a
#: longer row takes quadratic time in C, where no signal reaches Python: an hour for a million accents in the wrong order.
LONGEST_ROW = 30
#: There are no combining characters that are sorted from here on.
_LAST = 0x20000


def _combining() -> str:
    """Return the characters that are sorted, as ranges; also those that are replaced by such characters."""
    codes = (
        code
        for code in range(0x300, _LAST)
        if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])
    )
    rows = (list(row) for _, row in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(row[0][1])}-{chr(row[-1][1])}" for row in rows)


_CLASS = f"[{_combining()}]"
_COMBINING = re.compile(_CLASS)
_ROW = re.compile(f"({_CLASS}{{{LONGEST_ROW}}}){_CLASS}++")


def normal_form(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """Return `text` in a normal form, with at most LONGEST_ROW combining characters in a row: the first ones.

    Most texts are in the form already: checking costs a tenth of normalising again.
    """
    if text.isascii():
        return text
    text = without_long_rows(text)
    return text if unicodedata.is_normalized(form, text) else unicodedata.normalize(form, text)


def without_long_rows(text: str) -> str:
    """Return `text` with at most LONGEST_ROW combining characters in a row."""
    # Of a longer row one character is at a multiple of LONGEST_ROW. Most texts have none there.
    if _COMBINING.search(text[::LONGEST_ROW]) and _ROW.search(text):
        return _ROW.sub(r"\1", text)
    return text


def is_combining(character: str) -> bool:
    """Return whether a normal form may change the place of `character`."""
    return _COMBINING.match(character) is not None

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


def _combining(first: int, last: int) -> str:
    """Return a class of the characters that are sorted, and of those that are replaced by such characters."""
    codes = (
        code
        for code in range(first, last)
        if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])
    )
    rows = (list(row) for _, row in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]))
    return f"[{''.join(f'{chr(row[0][1])}-{chr(row[-1][1])}' for row in rows)}]"


# `re` looks a character up in a class without those of the other planes, and compares it with each range of one that has them:
# .4 ms a page.
_BASIC = _combining(0x300, 0x10000)
_ANY = f"(?:{_BASIC}|{_combining(0x10000, _LAST)})"
_COMBINING, _COMBINING_BASIC = re.compile(_ANY), re.compile(_BASIC)
_ROW, _ROW_BASIC = (re.compile(f"({one}{{{LONGEST_ROW}}}){one}++") for one in (_ANY, _BASIC))
_NOT_BASIC = re.compile("[\U00010000-\U0001ffff]")


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
    sample = text[::LONGEST_ROW]
    if not _COMBINING_BASIC.search(sample) and not _NOT_BASIC.search(sample):
        return text
    row = _ROW if _NOT_BASIC.search(text) else _ROW_BASIC
    return row.sub(r"\1", text) if row.search(text) else text


def is_combining(character: str) -> bool:
    """Return whether a normal form may change the place of `character`."""
    return _COMBINING.match(character) is not None

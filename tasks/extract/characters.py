"""Which characters a text may contain, and how long a text is in any script."""

import re

from tasks.normal_form import normal_form

# PostgreSQL cannot store NUL, UTF-8 cannot encode surrogates, lxml refuses the other control characters, and U+FFFE and
# U+FFFF are noncharacters. Soft hyphens and byte order marks split words that a reader sees as one.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
#: Of the 70,000 characters of a page all but 450 are these. Searching those 450 only takes a third of the time.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n\r"
# C1 control characters in a page are windows-1252 read as Latin-1. HTML 13.2.5.80 has this table for `&#146;`.
_CODE_PAGE = {chr(code): bytes((code,)).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_REPLACED = _CODE_PAGE | dict.fromkeys("\x0b\x0c\u2028\u2029", "\n")

# A character of Han or kana counts for three Latin letters, one of hangul for two: paragraphs of FLORES have 44 characters
# on average in Chinese, 45 in Japanese, 58 in Korean, 112 in English.
_TRIPLE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_DOUBLE = re.compile("[\u1100-\u11ff\uac00-\ud7af]")


def printable(text: str) -> str:
    """Return `text` in Unicode's normal form C, without control characters, surrogates, soft hyphens and long rows of accents.

    Vertical tabs, form feeds and Unicode's line separators become newlines. C1 control characters become the
    characters of windows-1252 that were meant.
    """
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass")
    if _UNWANTED.search(rest):
        text = _UNWANTED.sub(_replacement, text)
    return normal_form("NFC", text)


def _replacement(match: re.Match[str]) -> str:
    return _REPLACED.get(match[0], "")


def latin_length(text: str) -> int:
    """Return the length of `text` in Latin letters: how long it would be in English."""
    return len(text) + 2 * len(_TRIPLE.findall(text)) + len(_DOUBLE.findall(text))


def folded(text: str) -> str:
    """Return the letters and digits of `text`, in lower case (str.casefold): what headlines and names are compared by."""
    return "".join(filter(str.isalnum, text.casefold()))

"""Which characters a text may hold, and how much a text weighs."""

import re
import unicodedata

# PostgreSQL stores no NUL, UTF-8 encodes no surrogate, lxml refuses the other controls, and U+FFFE and U+FFFF
# are no characters. Soft hyphens and byte order marks split words that a reader sees whole.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
#: Of a page's 70,000 characters 450 are something else, and in those alone the search takes a third of the time.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n\r"
# C1 controls in a page are windows-1252 read as Latin-1: HTML 13.2.5.80 has the same table for `&#146;`.
_CODE_PAGE = {chr(code): bytes((code,)).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_REPLACED = _CODE_PAGE | dict.fromkeys("\x0b\x0c\u2028\u2029", "\n")

# Han and kana say about three times as much a character as the Latin alphabet, hangul twice: the FLORES
# paragraphs average 44 characters in Chinese, 45 in Japanese, 58 in Korean, 112 in English.
_TRIPLE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_DOUBLE = re.compile("[\u1100-\u11ff\uac00-\ud7af]")


def printable(text: str) -> str:
    """Return `text` in Unicode's normal form C, without controls, surrogates and soft hyphens.

    Vertical tabs, form feeds and Unicode's line separators become newlines, stray C1 controls the characters
    of windows-1252 that were meant.
    """
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass")
    if _UNWANTED.search(rest):
        text = _UNWANTED.sub(_replacement, text)
    return unicodedata.normalize("NFC", text)


def _replacement(match: re.Match[str]) -> str:
    return _REPLACED.get(match[0], "")


def weight(text: str) -> int:
    """Return the length of `text` in characters of the Latin alphabet that would say as much."""
    return len(text) + 2 * len(_TRIPLE.findall(text)) + len(_DOUBLE.findall(text))

"""Normalisation: texts have the same content if their words are the same, whatever case, punctuation and layout."""

import re
import unicodedata
from hashlib import blake2b

from tasks.article import ID_BYTES
from tasks.ascii_text import ascii_words, lower_case
from tasks.normal_form import normal_form

#: Combining marks: vowel signs and accents after their letter. Without them words in Devanagari, Thai or Arabic would be
#: split. All blocks that have such marks are in these ranges.
_MARKS = "".join(
    chr(code)
    for block in (range(0x300, 0x1E00), range(0xA660, 0xAC00))
    for code in block
    if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")
#: The same for ASCII, six times as fast: all other bytes than letters and digits become spaces.
_ASCII = lower_case(str.isalnum)

#: Characters of a text in NFKC that count: no page has more, but one Arabic ligature (U+FDFA) becomes 18.
LONGEST = 3_000_000


def normalise(text: str) -> str:
    """Return the words of `text`, separated by single spaces: NFKC, case-folded.

    Digits are kept. Without them 335 more of 19,043 distinct articles would be equal, such as daily reports of balances.
    """
    words = ascii_words(text, _ASCII)
    if words is None:
        words = _WORD.findall(normal_form("NFKC", normal_form("NFKC", text)[:LONGEST].casefold()))
    return " ".join(words)


def content_id(text: str) -> str:
    """Return the content id of `text` (32 hex digits): the same for texts that are equal after `normalise`."""
    return id_of_words(normalise(text))


def id_of_words(words: str) -> str:
    """Return the content id of a normalised text."""
    return blake2b(words.encode(), digest_size=ID_BYTES).hexdigest()

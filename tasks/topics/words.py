"""Splitting a text into words, the same way for texts and for the names that are searched in them."""

import re

from tasks.ascii_text import ascii_words, lower_case
from tasks.normal_form import normal_form

#: Chinese characters and Japanese kana: written without spaces, so a sequence of them is many words.
_UNSPACED = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W\d_{_UNSPACED}]+")
#: The same for ASCII.
_ASCII = lower_case(str.isalpha)
#: Accents of Latin, Greek and Cyrillic; vowel signs, hamza and madda of Arabic.
_MARK = re.compile(r"[\u0300-\u036f\u064b-\u0655\u0670]")
_ARABIC_ARTICLE = "\u0627\u0644"


def words(text: str) -> list[str]:
    """Return the words of `text` in order: case and accents folded, numbers and punctuation dropped.

    A sequence of Chinese or Japanese characters is one word here. Without accents, words of related languages are equal
    (`política`, `politica`), and words whose accents were left out.
    """
    plain = ascii_words(text, _ASCII)
    if plain is not None:
        return plain
    folded = _MARK.sub("", normal_form("NFKD", text.casefold()))
    found: list[str] = _WORD.findall(folded)
    return list(map(_without_article, found)) if _ARABIC_ARTICLE in folded else found


def is_unspaced(word: str) -> bool:
    """Return whether `word`, one of `words`, is Chinese or Japanese."""
    return "\u3041" <= word[0] <= "\u30ff" or "\u3400" <= word[0] <= "\u9fff"


def units(text: str) -> list[str]:
    """Return the words of `text`, and each Chinese or Japanese character by itself."""
    found = words(text)
    if not any(map(is_unspaced, found)):
        return found
    return [unit for word in found for unit in (word if is_unspaced(word) else (word,))]


def _without_article(word: str) -> str:
    # Arabic texts prefix it to the noun, labels of a vocabulary mostly do not. A noun has at least three letters.
    return word[2:] if word.startswith(_ARABIC_ARTICLE) and len(word) > 4 else word  # noqa: PLR2004

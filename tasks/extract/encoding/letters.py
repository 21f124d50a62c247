"""Which older encoding gives the letters of a language, where a page declares the language and not the encoding."""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: The language of a country whose pages are nearly all in it, by top-level domain. Others have several, or are used for
#: what they look like (`.me`, `.co`).
_LANGUAGE_OF_DOMAIN = {
    **dict.fromkeys(("at", "ch", "de"), "de"),
    **dict.fromkeys(("ar", "cl", "es", "mx"), "es"),
    **dict.fromkeys(("br", "pt"), "pt"),
    "al": "sq",
    "ba": "bs",
    "cz": "cs",
    "dk": "da",
    "ee": "et",
    "rs": "sr",
    "se": "sv",
    "si": "sl",
    **{
        name: name
        for name in ("az", "fi", "fr", "hr", "hu", "is", "it", "lt", "lv", "nl", "no", "pl", "ro", "sk", "tr")
    },
}
#: Share of letters that may be another language's, such as those of names.
_FOREIGN = 0.1
#: Different words with something outside ASCII that are looked at.
_WORDS_SEEN = 1_000

_WORD_OF_BYTES = re.compile(rb"[A-Za-z\x80-\xff]++")
#: Signs of windows-1252 where ISO 8859-15 has the euro and letters. No word has them.
_NOT_OF_LATIN_9 = frozenset("¤¦¨´¸¼½¾")  # noqa: RUF001
#: Encodings of the Latin alphabet that chardetng tells by a sign as well: it reads `£50` as `Ł50`.
_LATIN = frozenset(
    {"cp1250", "cp1254", "cp1257", "cp1258"} | {f"iso8859-{part}" for part in (2, 3, 4, 10, 13, 14, 15, 16)}
)
_PUNCTUATION = frozenset("«»‘’‚“”„‹›–—…·•\xad\xa0©®™°§€£")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters of a language outside ASCII, and the older encodings that have them."""

    letters: frozenset[str]
    encodings: tuple[str, ...]

    def strangers(self, words: dict[bytes, int], encoding: str) -> float:
        """Return which share of the characters outside ASCII in `words`, which have counts, is not of the language."""
        seen = strange = 0
        for word, count in words.items():
            text = word.decode(encoding, "replace")
            for at, character in enumerate(text):
                if not character.isascii():
                    seen += count
                    strange += count * (not self._has(character, text, at))
        return strange / seen if seen else 0

    def _has(self, character: str, word: str, at: int) -> bool:
        if character.isalpha():
            return character.lower() in self.letters or character in self.letters
        neighbours = [one.isalpha() for one in (word[:at][-1:], word[at + 1 :][:1])]
        if character in _NOT_OF_LATIN_9:
            return character != "¤" and not any(neighbours)
        return character in _PUNCTUATION or not (
            all(neighbours) or character < "\xa0" or character == "\ufffd"
        )


def alphabet_of(language: str | None, domain: str | None) -> Alphabet | None:
    """Return the alphabet of a language by its ISO code or, where there is none, of the top-level domain `domain`."""
    return _alphabets().get(language or _LANGUAGE_OF_DOMAIN.get((domain or "").lower(), ""))


def fitting(sample: bytes, first: str, alphabet: Alphabet) -> str:
    """Return the encoding of those of `alphabet` in which `sample` has its letters, `first` where none has more of them."""
    words = _words(sample)
    mixed = sum(word.decode("ascii", "ignore") != "" for word in words)
    if mixed * 2 < len(words):  # words without a letter of ASCII: another script
        return first
    strangers = {encoding: alphabet.strangers(words, encoding) for encoding in (first, *alphabet.encodings)}
    best = min(strangers, key=lambda encoding: strangers[encoding])
    return best if strangers[best] <= _FOREIGN else first


def has_only_signs(sample: bytes, first: str) -> bool:
    """Return whether what is outside ASCII is signs by themselves in windows-1252, and `first` is its relative."""
    words = [word.decode("cp1252", "replace") for word in _words(sample)] if first in _LATIN else []
    return bool(words) and all(
        (len(word) == 1 and not word.isalpha()) or _is_punctuated(word) for word in words
    )


def _is_punctuated(word: str) -> bool:
    return all(character.isascii() or character in _PUNCTUATION for character in word)


def _words(sample: bytes) -> dict[bytes, int]:
    """Return the most frequent words with something outside ASCII, and how often they occur."""
    return dict(
        Counter(word for word in _WORD_OF_BYTES.findall(sample) if not word.isascii()).most_common(
            _WORDS_SEEN
        )
    )


@cache
def _alphabets() -> dict[str, Alphabet]:
    tables = tomllib.loads(Path(__file__).with_name("letters.toml").read_text("utf-8"))
    return {
        language: Alphabet(frozenset(letters), tuple(table["encodings"]))
        for table in tables.values()
        for language, letters in table.items()
        if language != "encodings"
    }

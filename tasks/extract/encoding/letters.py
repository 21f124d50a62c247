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
        inside = word[:at][-1:].isalpha() and word[at + 1 :][:1].isalpha()
        return character in _PUNCTUATION or not (inside or character < "\xa0" or character == "\ufffd")


def alphabet_of(language: str | None, domain: str | None) -> Alphabet | None:
    """Return the alphabet of a language by its ISO code or, where there is none, of the top-level domain `domain`."""
    return _alphabets().get(language or _LANGUAGE_OF_DOMAIN.get((domain or "").lower(), ""))


def fitting(sample: bytes, first: str, alphabet: Alphabet) -> str:
    """Return the encoding of those of `alphabet` in which `sample` has its letters, `first` where none has more of them."""
    words = Counter(word for word in _WORD_OF_BYTES.findall(sample) if not word.isascii())
    few = dict(words.most_common(_WORDS_SEEN))
    mixed = sum(word.decode("ascii", "ignore") != "" for word in few)
    if mixed * 2 < len(few):  # words without a letter of ASCII: another script
        return first
    strangers = {encoding: alphabet.strangers(few, encoding) for encoding in (first, *alphabet.encodings)}
    best = min(strangers, key=lambda encoding: strangers[encoding])
    return best if strangers[best] <= _FOREIGN else first


@cache
def _alphabets() -> dict[str, Alphabet]:
    tables = tomllib.loads(Path(__file__).with_name("letters.toml").read_text("utf-8"))
    return {
        language: Alphabet(frozenset(letters), tuple(table["encodings"]))
        for table in tables.values()
        for language, letters in table.items()
        if language != "encodings"
    }

"""UTF-8 that was read in an older encoding: which characters its bytes became, and how they look in a word."""

import re
import unicodedata
from functools import cache

#: Encodings that UTF-8 is taken for, the most frequent first. The first stands for Latin-1, too: bytes that it does not
#: define are C1 controls, as browsers have it.
MISREADINGS = ("cp1252", "cp1251", "koi8_r", "cp1250", "mac_roman", "cp437")

_QUOTES_AND_DASHES = "«»‘’‚‛“”„‟‹›‐‑‒–—―…·•\xad\xa0"  # noqa: RUF001
_IDEOGRAPHS = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "FULLWIDTH", "HALFWIDTH"}
)
#: Scripts that stand in one word where no spaces are written.
_TOGETHER = frozenset({"LATIN", "CJK", "HANGUL"})
#: What a repair may give beside letters: punctuation, signs, emoji and what joins them.
_CATEGORIES = frozenset({"Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sc", "So", "Sk", "Sm", "No", "Nd", "Zs", "Cf"})
#: Scripts with letters that look like Latin ones: no word has both.
_LIKE_LATIN = frozenset({"CYRILLIC", "GREEK", "ARMENIAN"})
#: Times that a letter follows a symbol, from which on a word is odd whatever the symbols are; symbols without letters.
_CHANGES, _SYMBOLS = 3, 4
_CONTROLS = re.compile(r"[\x80-\x9f]")


def _table(codec: str) -> dict[int, int]:
    """Return the byte of each character of `codec`; other characters up to U+00FF get a number that is no byte."""
    bytes_of = dict.fromkeys(range(128, 256), 0xFFFF)
    for byte in range(128, 256):
        character = bytes([byte]).decode(codec, "ignore")
        bytes_of[ord(character) if character else byte] = byte
    if codec == "cp1252":
        bytes_of.update((byte, byte) for byte in range(128, 160))
    return bytes_of


_TABLES = {codec: _table(codec) for codec in MISREADINGS}


def sequences(codec: str) -> str:
    """Return an expression for a character outside ASCII in UTF-8, as it looks in `codec`."""
    character_of: dict[int, list[str]] = {}
    for number, byte in _TABLES[codec].items():
        character_of.setdefault(byte, []).append(f"\\U{number:08x}")

    def some(first: int, last: int) -> str:
        return "[" + "".join(one for byte in range(first, last + 1) for one in character_of[byte]) + "]"

    following = some(0x80, 0xBF)
    return (
        f"{some(0xC2, 0xDF)}{following}|{some(0xE0, 0xEF)}{following}{{2}}|{some(0xF0, 0xF4)}{following}{{3}}"
    )


def read_again(run: str, codec: str) -> str | None:
    """Return what `run`, characters outside ASCII, says if it is UTF-8 that was read in `codec`; None if it is not."""
    try:
        return run.translate(_TABLES[codec]).encode("latin-1").decode()
    except UnicodeError:
        return None


def is_text(word: str) -> bool:
    """Return whether `word` has only characters that Unicode defines for text: no controls, no private ones."""
    return all(map(_may_be, word))


def is_of_one_script(word: str) -> bool:
    """Return whether the letters of `word` may stand in one word.

    Letters of ASCII stand beside those of a script that does not part words, or beside two and more of one whose letters
    do not look like theirs.
    """
    others = _scripts(word) - {"LATIN"}
    if not others or _scripts(word) <= _TOGETHER:
        return True
    if len(others) > 1 or ("LATIN" in _scripts(word) and others & _LIKE_LATIN):
        return False
    return "LATIN" not in _scripts(word) or sum(c.isalpha() and not c.isascii() for c in word) > 1


def is_odd(word: str) -> bool:
    """Return whether `word`, letters and anything outside ASCII, is what no language writes.

    It has a small letter before a capital one, letters of two scripts, a symbol between letters or two after one, two
    controls, or nothing but symbols.
    """
    if len(found := _scripts(word)) > 1 and not found <= _TOGETHER:
        return True
    if len(_CONTROLS.findall(word)) > 1 or (not found and len(word) >= _SYMBOLS):
        return True
    return _has_odd_pair(word)


def _has_odd_pair(word: str) -> bool:
    changes = symbols = 0
    before = last = ""
    for character in word:
        if character.isalpha() or unicodedata.category(character)[0] == "M":
            if before and symbols and last not in _QUOTES_AND_DASHES:
                return True
            if (
                not symbols
                and before.islower()
                and character.isupper()
                and not (before + character).isascii()
            ):
                return True
            changes += bool(before and symbols)
            before, symbols = character, 0
        else:
            symbols += 1
            if before and symbols > 1 and last not in _QUOTES_AND_DASHES:
                return True
        last = character
    return changes >= _CHANGES


@cache
def _script_of(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ", 1)[0]
    return "CJK" if name in _IDEOGRAPHS else name


def _scripts(word: str) -> set[str]:
    """Return the scripts of the letters in `word`, by the first word of Unicode's names."""
    letters = {letter for letter in word if letter.isalpha()}
    return {_script_of(letter) for letter in letters if unicodedata.category(letter) != "Lm"}


def _may_be(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category in _CATEGORIES

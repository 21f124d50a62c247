"""Names and numbers: what tells two stories in one frame apart, where most of their words are the same.

All that is new in a forecast, an obituary or a stock notice are its names and numbers. A copy has the names and numbers of the
original about as often as its other words. docs/duplicates.md has the results.
"""

# ruff: noqa: RUF001 - numerals and markers as pages have them

import re
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from zlib import crc32

#: Most names and numbers of a text that are kept: those with the least hashes, two bytes each.
MOST = 32
#: Names and numbers of the text that has fewer of them: from these on the share that both have means something.
NUMBERS, NAMES = 3, 4
#: The same for both together, where there are too few of each: a horoscope has a sign, a day and a lucky number.
TOGETHER = 4
#: Share of the names or numbers in common, of the text that has fewer, as a part of the share of the words in common: stories of one
#: frame have less.
LEAST = 0.5

#: Hashes of a word's occurrences are so far apart (2^32 by the golden ratio).
_FACTOR = 0x9E3779B1
#: A number with its separators, such as 1,204.50 or 48 000 or 7:40; a page may break it after a full stop. Digits of a key such as
#: a31 are none, those of Rp16.500 and M25 are.
_NUMBER = re.compile(
    r"\d(?:(?<![A-Za-z0-9]\d)|(?<=[^A-Za-z0-9][A-Z]\d)|(?<=[^A-Za-z0-9][A-Z][A-Za-z]\d)|(?<=[^A-Za-z0-9][A-Z][A-Za-z]{2}\d))\d*(?:(?:[,:'’]|\. ?)\d+|[ \u00a0\u202f]\d{3}(?!\d))*"
)
#: Digits of a number that is not told apart by itself.
_SMALL = 2
#: Digits that count.
_LONGEST = 32
#: A numeral in Han. One character alone is a part of other words.
_HAN_NUMBER = re.compile("[〇零一二两三四五六七八九十百千]{2,}")
_HAN_DIGITS = {"〇": 0, "两": 2} | {one: value for value, one in enumerate("零一二三四五六七八九")}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}


def _ranges(letters: Iterable[int]) -> str:
    """Return code points as ranges of a regular expression."""
    ranges: list[list[int]] = []
    for code in letters:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


_UPPER = _ranges(code for code in range(min(sys.maxunicode, 0x2C00)) if chr(code).isupper())
#: The letter comes first in these, and what is before it second: an expression that begins with a set of letters is thrice as fast.
_CAPITALISED = re.compile(rf"[{_UPPER}](?<![^\W_]\w)[^\W\d_]++(?!\d)")
#: The same after a word or a comma: no sentence begins there.
_CAPITALISED_INSIDE = re.compile(rf"[{_UPPER}](?<=[\w,] \w)[^\W\d_]++(?!\d)")
#: Two in a row, inside a sentence.
_CAPITALISED_TWICE = re.compile(rf"[{_UPPER}](?<=[\w,] \w)[^\W\d_]+ [{_UPPER}][^\W\d_]+")
#: Longer lines are paragraphs, whatever their capitals.
_LONGEST_TITLE = 150
#: Where these make up so many of the words, nouns have capitals, too.
_GERMAN_WORDS = (" und ", " der ", " die ", " das ", " dem ", " den ")
_GERMAN = 0.05

#: Names in scripts without capitals: before what a place or a person is called by, and katakana.
_MARKED_NAME = re.compile(
    "[一-鿿]{2}(?=[市县縣镇鎮乡鄉村区區省町県郡])"  # Chinese, Japanese: places
    "|[一-鿿]{2,4}(?=さん|氏|選手)"  # Japanese: persons
    "|[ァ-ヺー]{3,}"
)


def particulars(text: str, *, han: bool = True) -> bytes:
    """Return up to MOST hashes of a text's names and numbers, 2 bytes each, ascending; some 0.25 ms for 500 words.

    Each is hashed with its how-many-th occurrence: a subject that is named four times outweighs a name in the frame. Hashes of
    numbers are odd, those of names are even. Without `han` kana and Han are not looked for.
    """
    hashes = _hashes(_numbers(text, han), 0xFFFF, 1) | _hashes(_names(text, han), 0xFFFE, 0)
    least = sorted(hashes)[:MOST]
    return struct.pack(f">{len(least)}H", *least)


def are_other_stories(one: bytes, other: bytes, containment: float) -> bool:
    """Return whether texts with these `particulars` tell of other things, though they share so much of the shorter text.

    near.lua does the same. False where there are too few of them to say.
    """
    if not one or not other:
        return False
    a, b = ({*struct.unpack(f">{len(some) // 2}H", some)} for some in (one, other))
    # What is above the last hash of a full sample may have been left out of it.
    last = min(max(some) if len(some) == MOST else 0xFFFF for some in (a, b))
    fewer, both = [0, 0], [0, 0]  # of names, of numbers
    for odd in (0, 1):
        mine, theirs = ({hash_ for hash_ in some if hash_ <= last and hash_ & 1 == odd} for some in (a, b))
        fewer[odd], both[odd] = min(len(mine), len(theirs)), len(mine & theirs)
    kinds = [odd for odd, enough in ((0, NAMES), (1, NUMBERS)) if fewer[odd] >= enough]
    if kinds:
        return any(both[odd] < LEAST * containment * fewer[odd] for odd in kinds)
    return sum(fewer) >= TOGETHER and sum(both) < LEAST * containment * sum(fewer)


def _hashes(words: Iterable[str], mask: int, bit: int) -> set[int]:
    """Return 16 bits for each occurrence of each word, those of `mask`, with a `bit` that is always set."""
    hashes: set[int] = set()
    for word, times in Counter(words).items():
        first = crc32(word.encode("utf-8", "surrogatepass"))
        for number in range(min(times, MOST)):
            hashes.add((first + number * _FACTOR >> 16) & mask | bit)
    return hashes


def _numbers(text: str, han: bool) -> Iterator[str]:
    """Yield the numbers; those of one or two digits, which many texts share by chance, with the letter after them."""
    for found in _NUMBER.finditer(text):
        digits = "".join(filter(str.isdecimal, found[0][:_LONGEST]))
        if not digits.isascii():
            digits = "".join(str(int(digit)) for digit in digits)
        yield digits if len(digits) > _SMALL else digits + _letter_after(text, found.end())
    for found in _HAN_NUMBER.finditer(text) if han else ():
        digits = _read_han(found[0][:_LONGEST])
        yield digits if len(digits) > _SMALL else digits + _letter_after(text, found.end())


def _letter_after(text: str, at: int) -> str:
    return text[at : at + 2].lstrip()[:1].casefold()


def _read_han(number: str) -> str:
    """Return a numeral in digits: both ways to write it, by place and with units, are read."""
    if not any(one in _HAN_UNITS for one in number):
        return "".join(str(_HAN_DIGITS[one]) for one in number)
    total = digit = 0
    for one in number:
        if one in _HAN_DIGITS:
            digit = _HAN_DIGITS[one]
        else:
            total, digit = total + (digit or 1) * _HAN_UNITS[one], 0
    return str(total + digit)


def _names(text: str, han: bool) -> Iterator[str]:
    """Yield the words that are names, as often as they occur.

    A name is capitalised inside a sentence. A title says nothing of that, where all words are. German has capitals for nouns: two in
    a row are a name there.
    """
    german = _is_german(text)
    known: set[str] = set()
    words: list[str] = []
    for line in text.split("\n"):
        found = _CAPITALISED.findall(line)
        if not found:
            continue
        words += found
        if line.isupper() or (not german and _is_title(line, len(found))):
            continue
        if german:
            known.update(
                word.casefold() for pair in _CAPITALISED_TWICE.findall(line) for word in pair.split()
            )
        else:
            known.update(map(str.casefold, _CAPITALISED_INSIDE.findall(line)))
    yield from (word for word in map(str.casefold, words) if word in known)
    if han:
        yield from _MARKED_NAME.findall(text)


def _is_german(text: str) -> bool:
    # Two words first, which every German text has: six counts would take a tenth of `particulars`.
    some = any(word in text for word in _GERMAN_WORDS[:2])
    return some and sum(map(text.count, _GERMAN_WORDS)) > _GERMAN * text.count(" ")


def _is_title(line: str, capitalised: int) -> bool:
    return len(line) <= _LONGEST_TITLE and 2 * capitalised > line.count(" ")

"""Text whose UTF-8 was read in an older encoding and encoded as UTF-8 again: `é` is `Ã©`, `Город` is `п⌠п╬я─п╬п╢`.

A repair has to prove itself. All characters outside ASCII of a word are UTF-8 again, the word is odd before and not after
(`misreadings.py`), and so is the rest of its paragraph or field. A text about such words quotes them, and stays.
"""

import re
from collections import Counter
from enum import Enum

from tasks.extract.encoding.misreadings import (
    MISREADINGS,
    is_odd,
    is_of_one_script,
    is_text,
    read_again,
    sequences,
)

#: Letters outside ASCII that count as one word: Chinese, Japanese and Thai do not part words. A run counts as five at most.
_LETTERS, _MOST = 6, 5
#: Different odd words from which on a page is doubled where half of its words outside ASCII are,
#: and from which on single paragraphs are repaired. Fewer are where a page mentions a garbled name.
_OF_PAGE, _OF_PARAGRAPHS = 5, 3
#: Longest text that is repaired, in characters, and different words with something outside ASCII that are looked at.
#: Of 304 pages the largest has 2,230,000 and 3,325. A hostile page at the limits takes 3 to 5 s.
_LONGEST, _WORDS = 2_500_000, 5_000
#: Different runs outside ASCII that are looked at in their words, the longest first, and places of each.
_RUNS, _PLACES = 20, 20
#: Characters of the tag of a script, in which its type is.
_TAG = 200
#: Times that a word was encoded again, and encodings in one page.
_TIMES, _PASSES = 3, 3

_DOUBLED_SEQUENCE = {codec: re.compile(sequences(codec)) for codec in MISREADINGS}
_DOUBLED_RUN = re.compile(r"[^\x00-\x7f]+")
_DOUBLED_WORD = re.compile(r"[A-Za-z\x80-\U0010ffff]+")
#: Blanks ASCII out, so that what is left can be split at C's speed.
_ASCII_BLANK = bytes(byte if byte & 0x80 else 32 for byte in range(256))
# A paragraph, a part of one, an attribute or a string of JSON.
_DOUBLED_FIELD = re.compile(r"[^<>\"]+")
_QUOTED = frozenset({"''", '""', "()", "[]", "``"})
# The tag of a title, a heading, a meta or a script, behind its `<`.
_FIELD_START = re.compile(r"(?:title|h[1-3]|meta|script)\b", re.IGNORECASE)
_SCRIPTS_AND_TAGS = re.compile(
    r"<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|<[^<>]*>?", re.IGNORECASE | re.DOTALL
)
#: Words of texts about encodings.
_ABOUT = re.compile(
    r"utf-?8|unicode|mojibake|latin-?1\b|iso-?8859|windows-?125\d|cp-?125\d|\bascii\b|koi8"
    r"|character (?:encoding|set)s?"
    r"|zeichenkodierung|zeichensatz|tekenset"
    r"|encodage|codificaci[oó]n de caracteres|codificação de caracteres|codifica dei caratteri"
    r"|кр[ао]козябр|кодировк|кодуванн"  # noqa: RUF001
    r"|文字化け|文字コード|乱码|亂碼|字符编码|字元編碼"
    r"|글자 깨짐|문자 인코딩",
    re.IGNORECASE,
)


def undoubled(text: str, raw: bytes | None = None) -> str:
    """Return `text` with its doubled UTF-8 read again, which is `text` itself where nothing proves to be doubled.

    `raw` is the text in UTF-8, for those who have it: encoding takes a third of the time on a page that is right.
    """
    for _ in range(_PASSES):
        again = _once(text, raw)
        if again is text:
            break
        text, raw = again, None
    return text


def _once(text: str, raw: bytes | None) -> str:
    if text.isascii() or len(text) > _LONGEST:
        return text
    codec = _misread_as(text, raw)
    if codec is None:
        return text
    words = _Words(text, codec)
    again = (
        words.everywhere()
        if words.evidence >= _OF_PAGE and words.doubled >= words.right
        else words.by_field()
    )
    if again == text or _ABOUT.search(_SCRIPTS_AND_TAGS.sub(" ", text)):
        return text
    return again


def _misread_as(text: str, raw: bytes | None) -> str | None:
    """Return the encoding in which an odd word and most of what is outside ASCII is UTF-8 again.

    Most pages have none, which takes 0.4 ms on one of 200 KB.
    """
    raw = text.encode(errors="replace") if raw is None else raw
    together = b" ".join(set(raw.translate(_ASCII_BLANK).split())).decode(errors="replace")
    again = {
        codec: sorted(run for run in together.split(" ") if sequence.match(run) and read_again(run, codec))
        for codec, sequence in _DOUBLED_SEQUENCE.items()
        if sequence.search(together)
    }
    by_count = sorted(again, key=lambda codec: len(again[codec]), reverse=True)
    return next((codec for codec in by_count if _has_odd(text, again[codec])), None)


def _is_in_code(text: str, place: int) -> bool:
    """Return whether a script or style is open there that is no data: what its comments say is not shown."""
    start = max(text.rfind("<script", 0, place), text.rfind("<style", 0, place))
    if start < 0 or max(text.rfind("</script", start, place), text.rfind("</style", start, place)) >= 0:
        return False
    return "json" not in text[start : start + _TAG]


def _has_odd(text: str, runs: list[str]) -> bool:
    """Return whether one of the `runs` makes a word odd."""
    for run in sorted(runs, key=len, reverse=True)[:_RUNS]:
        place = text.find(run)
        for _ in range(_PLACES):
            if place < 0:
                break
            end = place + len(run)
            before, after = text[max(0, place - 1) : place], text[end : end + 1]
            word = (before if before.isalpha() else "") + run + (after if after.isalpha() else "")
            if is_odd(word) and not _is_in_code(text, place):
                return True
            place = text.find(run, end)
    return False


class _Kind(Enum):
    """What a word with something outside ASCII is."""

    #: Not UTF-8 again.
    RIGHT = 0
    #: Only punctuation and signs, not UTF-8 again.
    SIGNS = 1
    #: UTF-8 again, and yet it may be right: `Å»`.
    DOUBTFUL = 2
    #: UTF-8 again, and odd as it is.
    ODD = 3


class _Words:
    """The words of a text as they read if they are UTF-8 that was read in one encoding."""

    def __init__(self, text: str, codec: str) -> None:
        self._text, self._codec = text, codec
        #: How words read again; those that stay as they are have none.
        self._readings: dict[str, str] = {}
        self._times: dict[str, int] = {}
        counts: Counter[str] = Counter()
        unquoted: set[str] = set()
        in_text: set[str] = set()
        for piece in text.split("<"):
            if not piece.isascii():
                is_field = _FIELD_START.match(piece) is not None
                for found in _DOUBLED_WORD.finditer(piece):
                    if not found[0].isascii():
                        counts[found[0]] += 1
                        if not _is_quoted(found):
                            (unquoted if is_field else in_text).add(found[0])
        self._kinds = {word: self._kind(word) for word, _ in counts.most_common(_WORDS)}
        odd = {word for word, kind in self._kinds.items() if kind is _Kind.ODD}
        #: Odd words that are not in quotes, and those of them that are in running text.
        self.odd = odd & (unquoted | in_text)
        self._in_text = odd & in_text
        self.right = sum(counts[word] for word, kind in self._kinds.items() if kind is _Kind.RIGHT)
        self.doubled = sum(counts[word] for word in self._readings)

    @property
    def evidence(self) -> int:
        """Number of different odd words; a run without spaces counts by its length."""
        lengths = (sum(not letter.isascii() for letter in self._readings[word]) for word in self.odd)
        return sum(min(_MOST, max(1, length // _LETTERS)) for length in lengths)

    def _kind(self, word: str) -> _Kind:
        reading = self._read(word)
        if reading is not None and is_of_one_script(reading):
            self._readings[word] = reading
            return _Kind.ODD if is_odd(word) else _Kind.DOUBTFUL
        signs = not any(character.isalpha() and not character.isascii() for character in word)
        return _Kind.SIGNS if signs else _Kind.RIGHT

    def _read(self, word: str, least: int = 1) -> str | None:
        """Return how `word` reads after `least` times and as long as it is odd; None if it is no text then."""
        reading, times = word, 0
        while times < least or (times < _TIMES and is_odd(reading)):
            runs = {run: read_again(run, self._codec) for run in _DOUBLED_RUN.findall(reading)}
            if not runs or None in runs.values():
                break
            reading, times = _DOUBLED_RUN.sub(lambda run, by=runs: by[run[0]], reading), times + 1  # type: ignore[misc]
        self._times[word] = times
        return reading if times and is_text(reading) else None

    def everywhere(self) -> str:
        """Return the text with all words read again that can be, as many times as most of the odd ones."""
        times = Counter(self._times[word] for word in self.odd).most_common(1)[0][0]
        readings = {word: self._read(word, times) for word in self._kinds}
        return _DOUBLED_WORD.sub(lambda word: readings.get(word[0]) or word[0], self._text)

    def by_field(self) -> str:
        """Return the text with those paragraphs and fields read again in which nothing is right as it is."""
        proof = self.odd if self.evidence >= _OF_PARAGRAPHS else self.odd - self._in_text
        return (
            _DOUBLED_FIELD.sub(lambda part: self._field(part[0], proof), self._text) if proof else self._text
        )

    def _field(self, part: str, proof: set[str]) -> str:
        words = set() if part.isascii() else {w for w in _DOUBLED_WORD.findall(part) if not w.isascii()}
        if words.isdisjoint(proof) or any(self._kinds.get(word) is _Kind.RIGHT for word in words):
            return part
        return _DOUBLED_WORD.sub(lambda word: self._readings.get(word[0]) or word[0], part)


def _is_quoted(found: re.Match[str]) -> bool:
    start, end = found.span()
    before, after = found.string[max(0, start - 1) : start], found.string[end : end + 1]
    return before + after in _QUOTED

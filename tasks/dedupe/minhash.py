"""Near-duplicates by MinHash: bands find candidates (LSH), sketches tell how similar two texts are.

The parameters were chosen on pairs of articles: real ones, 16 kinds of edits of each, two articles on one event, two
articles in the boilerplate of one site. docs/duplicates.md has the results.
"""

from collections.abc import Collection
from hashlib import shake_256
from math import log2
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tasks.dedupe.about_publisher import without_publisher
from tasks.dedupe.particulars import are_other_stories, particulars
from tasks.dedupe.repeated import without
from tasks.dedupe.text import id_of_words, normalise

#: Change it when a text gets another content id, other bands, another sketch or other names and numbers.
VERSION = "minhash-2"
#: Of the constants below: another one would part the texts that are in the index from all that come.
_SEED = "minhash-1"

#: Shorter texts have exact duplicates only: short notices are often templates with other values.
MIN_WORDS = 50
#: First characters of a normalised text that are read: 10,000 words, and 3 ms.
MAX_CHARACTERS = 1 << 16

#: Words in a shingle of the sketch. If one word in seven is changed, 61 % of the shingles are the same.
SKETCH_WORDS, SKETCH_CHARACTERS = 3, 3
#: Words in a shingle of the bands. Longer, since many phrases of three words occur in every tenth article. Characters in
#: scripts without spaces.
BAND_WORDS, BAND_CHARACTERS = 4, 6
#: Two texts are candidates if both rows of one band are equal: 99 % of the copies are.
BANDS, ROWS = 24, 2
#: Bytes of a band's key. The index uses four to choose a hash and two for the field in it.
BAND_BYTES = 6

#: Rows of the sketch, 4 bits each. With id and size these are the 64 bytes up to which Redis keeps a hash as a listpack
#: (hash-max-listpack-value). The standard deviation of a resemblance of .4 is .05.
SKETCH_ROWS, SKETCH_BITS = 94, 4
#: A size is stored as its logarithm to the base 2, in 16ths.
SIZE_STEPS = 16
#: Minimum score of a near-duplicate.
NEAR = 0.42
#: The same where one of the two pages names the other as itself (named.py). Chosen so that of two different articles with 1,200
#: characters of one site's boilerplate in each at most one in twenty would pass, if one named the other by mistake.
NAMED = 0.34

#: Scripts without spaces between words, as ranges of code points: Thai, Lao, Burmese, Khmer, kana, Han.
_SPACELESS = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF)),
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)
#: Shingles hashed at once: 94 rows of 512 fit into a second-level cache.
_BLOCK = 512

Hashes = NDArray[np.uint64]
Rows = NDArray[np.uint32]


class Signature(msgspec.Struct, frozen=True):
    """What the index stores of a text."""

    #: blake2b-16 of the normalised text, in hex.
    content_id: str
    #: BANDS keys of BAND_BYTES each; empty for a text with fewer than MIN_WORDS words.
    bands: bytes = b""
    #: A byte for the number of shingles, then SKETCH_ROWS of SKETCH_BITS; empty like `bands`.
    sketch: bytes = b""
    #: Hashes of its names and numbers (particulars.py); empty like `bands`, and in what minhash-1 has stored.
    particulars: bytes = b""


def signature(text: str, repeated: Collection[int] = ()) -> Signature:
    """Return the signature of a text; some 0.5 ms for 500 words, half of it for names and numbers.

    Paragraphs whose numbers are `repeated` (repeated.py) count in the content id alone.
    """
    words = normalise(text)
    id_ = id_of_words(words)
    story = without_publisher(without(text, repeated))
    if len(story) < len(text):
        words = normalise(story)
    hashes, spaceless = _hash_words(words[:MAX_CHARACTERS])
    # A word has about two characters where there are no spaces.
    if len(hashes) - np.count_nonzero(spaceless) / 2 < MIN_WORDS:
        return Signature(id_)
    for_sketch = _shingles(hashes, spaceless, SKETCH_WORDS, SKETCH_CHARACTERS)
    for_bands = _shingles(hashes, spaceless, BAND_WORDS, BAND_CHARACTERS)
    own = particulars(story[:MAX_CHARACTERS], han=bool(spaceless.any()))
    return Signature(id_, _bands(for_bands), _sketch(for_sketch), own)


def similar(a: Signature, b: Signature) -> float:
    """Return the similarity of two texts, 0 to 1, as the index has it; from NEAR on they are near-duplicates.

    0 for texts that are no candidates of each other, and for two stories in one frame.
    """
    if a.content_id == b.content_id:
        return 1.0
    candidates = any(
        a.bands[at : at + BAND_BYTES] == b.bands[at : at + BAND_BYTES]
        for at in range(0, min(len(a.bands), len(b.bands)), BAND_BYTES)
    )
    return score(a, b) if candidates else 0.0


def score(a: Signature, b: Signature) -> float:
    """Return the mean of the resemblance and the containment of two texts; 0 for two stories in one frame. near.lua does the same.

    Resemblance is the share of shingles in common, of all that both have: it misses a shortened copy. Containment is that
    share of the shorter text: it takes two short articles in the boilerplate of one site for copies. Their mean has the
    fewest errors.
    """
    same = sum(_SAME[p ^ q] for p, q in zip(a.sketch[1:], b.sketch[1:], strict=True)) / SKETCH_ROWS
    by_chance = 1 / (1 << SKETCH_BITS)
    resemblance = max(0.0, (same - by_chance) / (1 - by_chance))
    sizes = [2 ** (one.sketch[0] / SIZE_STEPS) for one in (a, b)]
    shared = resemblance / (1 + resemblance) * sum(sizes)
    containment = min(1.0, shared / min(sizes))
    if are_other_stories(a.particulars, b.particulars, containment):
        return 0.0
    return (resemblance + containment) / 2


#: By the XOR of two bytes: how many of the two half bytes are equal.
_SAME = [(byte >> 4 == 0) + (byte & 0x0F == 0) for byte in range(256)]


def _constants(name: str, count: int, dtype: Any) -> NDArray[Any]:
    """Return pseudo-random constants, the same on every machine and with every version of numpy."""
    size = np.dtype(dtype).itemsize
    return np.frombuffer(shake_256(f"{_SEED} {name}".encode()).digest(count * size), dtype)


_FACTOR = np.uint64(0x9E3779B97F4A7C15)
#: Powers of the factor and their inverses, modulo 2^64. Prefix sums with them give the hashes of all words at once.
_POWERS = np.cumprod(np.full(MAX_CHARACTERS, _FACTOR), dtype=np.uint64)
_INVERSES = np.cumprod(
    np.full(MAX_CHARACTERS, np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))), dtype=np.uint64
)
#: Each row permutes the shingles by multiplication with an odd number, modulo 2^32.
_BAND_ROWS = (_constants("bands", BANDS * ROWS, "<u4") | np.uint32(1))[:, None]
_BAND_SALTS = _constants("band salts", BANDS, "<u8")
_SKETCH_ROWS = (_constants("sketch", SKETCH_ROWS, "<u4") | np.uint32(1))[:, None]
_SKETCH_SALTS = _constants("sketch salts", SKETCH_ROWS, "<u4")


def _hash_words(words: str) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return the hash of each word (each character in scripts without spaces), and which are such characters."""
    codes: NDArray[Any]
    if words.isascii():
        codes = np.frombuffer(words.encode("ascii"), np.uint8)
        spaceless = np.zeros(len(codes), np.bool_)
    else:
        codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), "<u4")
        spaceless = np.logical_or.reduce([(codes >= low) & (codes <= high) for low, high in _SPACELESS])
    inside = codes != ord(" ")
    # Words begin and end at spaces, and on both sides of a character of a script without spaces.
    joined = inside[:-1] & inside[1:] & ~spaceless[:-1] & ~spaceless[1:]
    starts = np.flatnonzero(inside & ~np.concatenate(([False], joined)))
    ends = np.flatnonzero(inside & ~np.concatenate((joined, [False]))) + 1
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * _POWERS[: len(codes)], out=sums[1:])
    return _mix((sums[ends] - sums[starts]) * _INVERSES[starts]), spaceless[starts]


def _shingles(hashes: Hashes, spaceless: NDArray[np.bool_], words: int, characters: int) -> Rows:
    """Return a hash of each shingle of so many words, or characters in scripts without spaces, with repetitions."""
    of_words = _runs(hashes, words)
    if not spaceless.any():
        return _short(of_words)
    of_characters = _runs(hashes, characters)
    chosen = (of_words[~spaceless[: len(of_words)]], of_characters[spaceless[: len(of_characters)]])
    return _short(np.concatenate(chosen))


def _runs(hashes: Hashes, length: int) -> Hashes:
    count = len(hashes) - length + 1
    runs = hashes[:count]
    for offset in range(1, length):
        runs = runs * _FACTOR + hashes[offset : offset + count]
    return runs


def _mix(values: Hashes) -> Hashes:
    """Return the mixed values: each bit depends on all others (the finaliser of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _short(values: Hashes) -> Rows:
    return (_mix(values) >> np.uint64(32)).astype(np.uint32)


def _minima(shingles: Rows, rows: Rows) -> Rows:
    """Return the minimum of each row's permutation of the shingles."""
    blocks = [shingles[at : at + _BLOCK] for at in range(0, len(shingles), _BLOCK)]
    minima: Rows = np.minimum.reduce([(rows * block).min(axis=1) for block in blocks])
    return minima


def _bands(shingles: Rows) -> bytes:
    minima = _minima(shingles, _BAND_ROWS).astype(np.uint64).reshape(BANDS, ROWS)
    keys = _mix((minima[:, 0] << np.uint64(32) | minima[:, 1]) ^ _BAND_SALTS)
    of_bytes: NDArray[np.uint8] = keys.astype("<u8").view(np.uint8).reshape(BANDS, 8)
    return of_bytes[:, :BAND_BYTES].tobytes()


def _sketch(shingles: Rows) -> bytes:
    minima = _minima(shingles, _SKETCH_ROWS)
    # The upper half byte of a product, since the lower bits of a row's minimum are those of the shingle in every row.
    halves: NDArray[np.uint8] = (((minima ^ _SKETCH_SALTS) * np.uint32(0x9E3779B1)) >> np.uint32(28)).astype(
        np.uint8
    )
    in_order = np.sort(shingles)
    distinct = 1 + np.count_nonzero(in_order[1:] != in_order[:-1])
    size = round(SIZE_STEPS * log2(distinct))
    packed: bytes = (halves[::2] << 4 | halves[1::2]).tobytes()
    return bytes([min(size, 255)]) + packed

"""Near-duplicates by MinHash: where to look for a text's copies (bands), and how alike two texts are (sketch).

The numbers were chosen on pairs of articles: real ones, 16 kinds of edits of each, two stories of one event, two
stories in one site's boilerplate. docs/duplicates.md has what each choice scores.
"""

from hashlib import shake_256
from math import log2
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tasks.dedupe.text import id_of_words, normalise

#: Changes whenever one of two versions would give a text another content id, other bands or another sketch.
VERSION = "minhash-1"

#: Texts with fewer words are compared exactly only: short notices are templates, filled in.
MIN_WORDS = 50
#: Characters of a normalised text that are looked at, the first: 10,000 words, and 3 ms.
MAX_CHARACTERS = 1 << 16

#: Words of a shingle that two texts are compared by: a word in seven changed leaves 61 % of them alone.
COMPARED_WORDS, COMPARED_CHARACTERS = 3, 3
#: Words of a shingle that copies are looked up by, longer since phrases of three words are in every tenth article.
#: Characters where a script has no spaces.
LOOKED_UP_WORDS, LOOKED_UP_CHARACTERS = 4, 6
#: Two texts meet where both rows of one of these bands agree: 99 % of the copies do.
BANDS, ROWS = 24, 2
#: Bytes of a band's key, of which the index takes four to choose a hash and two for the field in it.
BAND_BYTES = 6

#: Rows of the sketch, 4 bits each: with an id and a size it makes the 64 bytes up to which a Redis hash stays a
#: listpack (hash-max-listpack-value). A resemblance of .4 is told to within .05 (one standard deviation).
SKETCH_ROWS, SKETCH_BITS = 94, 4
#: A size is its logarithm, in 16ths of a doubling.
SIZE_STEPS = 16
#: Score from which one text is a near-duplicate of the other.
NEAR = 0.42

#: Scripts without spaces between words, as ranges of code points: Thai, Lao, Burmese, Khmer, kana, Han.
_SPACELESS = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF)),
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)
#: Shingles hashed at once: 94 rows of 512 fit a second-level cache.
_BLOCK = 512

Hashes = NDArray[np.uint64]
Rows = NDArray[np.uint32]


class Signature(msgspec.Struct, frozen=True):
    """What the index needs to know of a text."""

    #: blake2b-16 of the normalised text, in hex.
    content_id: str
    #: BANDS keys of BAND_BYTES; empty for a text of fewer than MIN_WORDS.
    bands: bytes = b""
    #: A byte for the number of shingles, then SKETCH_ROWS of SKETCH_BITS; empty like `bands`.
    sketch: bytes = b""


def signature(text: str) -> Signature:
    """Return the signature of a text; about 0.2 ms for 500 words."""
    words = normalise(text)
    hashes, spaceless = _hash_words(words[:MAX_CHARACTERS])
    id_ = id_of_words(words)
    # A word has about two characters where there are no spaces.
    if len(hashes) - np.count_nonzero(spaceless) / 2 < MIN_WORDS:
        return Signature(id_)
    compared = _shingles(hashes, spaceless, COMPARED_WORDS, COMPARED_CHARACTERS)
    looked_up = _shingles(hashes, spaceless, LOOKED_UP_WORDS, LOOKED_UP_CHARACTERS)
    return Signature(id_, _bands(looked_up), _sketch(compared))


def similar(a: Signature, b: Signature) -> float:
    """Return how alike two texts are, 0 to 1; from NEAR on, the index calls the later one a near-duplicate.

    This is what the index does with two texts: 0 for those that it would not compare.
    """
    if a.content_id == b.content_id:
        return 1.0
    met = any(
        a.bands[at : at + BAND_BYTES] == b.bands[at : at + BAND_BYTES]
        for at in range(0, min(len(a.bands), len(b.bands)), BAND_BYTES)
    )
    return score(a.sketch, b.sketch) if met else 0.0


def score(a: bytes, b: bytes) -> float:
    """Return the mean of resemblance and containment of two sketches' texts; near.lua has the same in Lua.

    Resemblance, what they share of all they have, misses a long text's cut copy; containment, what they share of
    the shorter one, takes a site's boilerplate around two short stories for a copy. Their mean errs least.
    """
    same = sum(_SAME[p ^ q] for p, q in zip(a[1:], b[1:], strict=True)) / SKETCH_ROWS
    by_chance = 1 / (1 << SKETCH_BITS)
    resemblance = max(0.0, (same - by_chance) / (1 - by_chance))
    sizes = [2 ** (sketch[0] / SIZE_STEPS) for sketch in (a, b)]
    shared = resemblance / (1 + resemblance) * sum(sizes)
    return (resemblance + min(1.0, shared / min(sizes))) / 2


#: How many of the two half bytes are zero, so the same in both.
_SAME = [(byte >> 4 == 0) + (byte & 0x0F == 0) for byte in range(256)]


def _constants(name: str, count: int, dtype: Any) -> NDArray[Any]:
    """Return constants that look random: the same on every machine and for every version of numpy."""
    size = np.dtype(dtype).itemsize
    return np.frombuffer(shake_256(f"{VERSION} {name}".encode()).digest(count * size), dtype)


_FACTOR = np.uint64(0x9E3779B97F4A7C15)
#: The factor's powers and their inverses, modulo 2^64: a prefix sum of these hashes every word at once.
_POWERS = np.cumprod(np.full(MAX_CHARACTERS, _FACTOR), dtype=np.uint64)
_INVERSES = np.cumprod(
    np.full(MAX_CHARACTERS, np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))), dtype=np.uint64
)
#: A row's permutation of the shingles: multiplication by an odd number, modulo 2^32.
_BAND_ROWS = (_constants("bands", BANDS * ROWS, "<u4") | np.uint32(1))[:, None]
_BAND_SALTS = _constants("band salts", BANDS, "<u8")
_SKETCH_ROWS = (_constants("sketch", SKETCH_ROWS, "<u4") | np.uint32(1))[:, None]
_SKETCH_SALTS = _constants("sketch salts", SKETCH_ROWS, "<u4")


def _hash_words(words: str) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return the hash of each word, or character where there are no spaces, and which of them are characters."""
    codes: NDArray[Any]
    if words.isascii():
        codes = np.frombuffer(words.encode("ascii"), np.uint8)
        spaceless = np.zeros(len(codes), np.bool_)
    else:
        codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), "<u4")
        spaceless = np.logical_or.reduce([(codes >= low) & (codes <= high) for low, high in _SPACELESS])
    inside = codes != ord(" ")
    # Words begin after a space, end before one, and on both sides of a character that is a word.
    joined = inside[:-1] & inside[1:] & ~spaceless[:-1] & ~spaceless[1:]
    starts = np.flatnonzero(inside & ~np.concatenate(([False], joined)))
    ends = np.flatnonzero(inside & ~np.concatenate((joined, [False]))) + 1
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * _POWERS[: len(codes)], out=sums[1:])
    return _mix((sums[ends] - sums[starts]) * _INVERSES[starts]), spaceless[starts]


def _shingles(hashes: Hashes, spaceless: NDArray[np.bool_], words: int, characters: int) -> Rows:
    """Return a hash of each run of so many words, or characters from one on that is a word; repeated ones, too."""
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
    """Return the values with every bit depending on every other (the finaliser of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _short(values: Hashes) -> Rows:
    return (_mix(values) >> np.uint64(32)).astype(np.uint32)


def _minima(shingles: Rows, rows: Rows) -> Rows:
    """Return the least value of each row's permutation of the shingles."""
    blocks = [shingles[at : at + _BLOCK] for at in range(0, len(shingles), _BLOCK)]
    least: Rows = np.minimum.reduce([(rows * block).min(axis=1) for block in blocks])
    return least


def _bands(shingles: Rows) -> bytes:
    least = _minima(shingles, _BAND_ROWS).astype(np.uint64).reshape(BANDS, ROWS)
    keys = _mix((least[:, 0] << np.uint64(32) | least[:, 1]) ^ _BAND_SALTS)
    of_bytes: NDArray[np.uint8] = keys.astype("<u8").view(np.uint8).reshape(BANDS, 8)
    return of_bytes[:, :BAND_BYTES].tobytes()


def _sketch(shingles: Rows) -> bytes:
    least = _minima(shingles, _SKETCH_ROWS)
    # The upper half byte of a product: the lower bits of a row's least value are the shingle's own in every row.
    halves: NDArray[np.uint8] = (((least ^ _SKETCH_SALTS) * np.uint32(0x9E3779B1)) >> np.uint32(28)).astype(
        np.uint8
    )
    in_order = np.sort(shingles)
    distinct = 1 + np.count_nonzero(in_order[1:] != in_order[:-1])
    size = round(SIZE_STEPS * log2(distinct))
    packed: bytes = (halves[::2] << 4 | halves[1::2]).tobytes()
    return bytes([min(size, 255)]) + packed

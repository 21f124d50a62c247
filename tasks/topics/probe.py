"""A probe: a linear classifier (multinomial logistic regression) on a vector of the encoder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Classifies a vector as one of `labels`; one temperature calibrates the probabilities (Guo et al. 2017)."""

    #: Concept ids, in the order of the weights' columns.
    labels: tuple[str, ...]
    #: A row for each number of a vector and one for the bias, a column for each label; divided by the temperature.
    weights: Matrix

    def probabilities(self, vectors: Matrix) -> Matrix:
        """Return for each row of `vectors` (or for the one vector) the probability of each label, summing to 1."""
        return softmax(vectors @ self.weights[:-1] + self.weights[-1])

    def scores(self, vector: Matrix) -> dict[str, float]:
        """Return the probability of each label for one vector."""
        return dict(zip(self.labels, self.probabilities(vector).tolist(), strict=True))

    def scores_among(self, vector: Matrix, labels: Sequence[str]) -> dict[str, float]:
        """Return the probability of each of `labels` for one vector, given that it is one of them."""
        columns = [self.labels.index(label) for label in labels]
        chosen = self.weights[:, columns]
        return dict(zip(labels, softmax(vector @ chosen[:-1] + chosen[-1]).tolist(), strict=True))


def with_temperature(probe: Probe, temperature: float) -> Probe:
    """Return `probe` with its logits divided by `temperature`; above 1 its probabilities are less extreme."""
    return Probe(probe.labels, probe.weights / np.float32(temperature))


def softmax(logits: Matrix) -> Matrix:
    """Return the softmax of `logits` along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Matrix = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities

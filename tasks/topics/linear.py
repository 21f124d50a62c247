"""The linear model: one row of 17 small integers for every feature, one sum for every topic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.topics.words import features

#: The rarity byte of the rarest features.
RAREST = 255


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial logistic regression over the features of a text, quantised to 8 bits.

    A feature counts once, times its rarity (inverse document frequency); the feature vector has length 1, and
    unknown features count towards that length, so that one known word among a hundred strange ones is no
    evidence. There is no bias: every topic starts out alike. All sums are of integers: the order of the
    features cannot change a score.
    """

    #: Concept ids, in the order of a row's columns.
    topics: tuple[str, ...]
    #: Row number of every known feature.
    rows: Mapping[str, int]
    #: Row after row, a signed byte for each topic: weight times rarity.
    weights: memoryview
    #: A byte for each row: the feature's rarity in steps of `rarity_step`.
    rarities: bytes
    #: What one step of a weight is worth, divided by the calibrated temperature.
    weight_step: float
    #: What one step of a rarity is worth: natural logarithm of the inverse document frequency.
    rarity_step: float

    def scores(self, text: str) -> dict[str, float]:
        """Return the probability of every topic, adding up to 1; empty where no word of `text` is known."""
        found = features(text)
        known = [row for feature in found if (row := self.rows.get(feature)) is not None]
        if not known:
            return {}
        scale = self.weight_step / self._length(known, len(found) - len(known))
        return dict(zip(self.topics, softmax([scale * total for total in self._totals(known)]), strict=True))

    def _totals(self, known: Sequence[int]) -> list[int]:
        width = len(self.topics)
        columns = zip(*(self.weights[row * width : (row + 1) * width] for row in known), strict=True)
        return [sum(column) for column in columns]

    def _length(self, known: Sequence[int], unknown: int) -> float:
        """Return the feature vector's length; an unknown feature is as rare as the rarest known one."""
        squares = sum(self.rarities[row] ** 2 for row in known) + unknown * RAREST**2
        return self.rarity_step * math.sqrt(squares)


def softmax(logits: Sequence[float]) -> list[float]:
    """Return probabilities in the proportions of e to the power of `logits`."""
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]

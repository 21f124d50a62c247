"""Training of the linear model, in plain Python: it runs once a release, and needs nothing installed.

Multinomial logistic regression by stochastic gradient descent, with one AdaGrad step size per feature (Duchi,
Hazan and Singer 2011), so that a rare word learns as much from its one example as a common one from hundreds.
"""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.topics.linear import softmax
from tasks.topics.words import features

#: Passes over the examples; more did not raise the held-out score.
EPOCHS = 4
#: AdaGrad's step size. 0.1 was too small for four passes, 2.0 scored a little lower.
_RATE = 0.5
#: AdaGrad's starting sum of squared gradients: keeps the first step of a feature finite.
_DAMPING = 1e-3
#: Examples that a feature must occur in. Words seen once double the file and do not raise the score.
_LEAST_EXAMPLES = 2


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the index of its topic."""

    text: str
    topic: int


@dataclass(frozen=True, slots=True)
class Weights:
    """What training returns."""

    #: For each feature a weight per topic.
    rows: dict[str, list[float]]
    #: For each feature ln(examples / examples that have it).
    rarity: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Vector:
    values: tuple[tuple[str, float], ...]
    topic: int
    #: How much the example counts.
    weight: float


def train(examples: Sequence[Example], topics: int, *, seed: int) -> Weights:
    """Return weights for `topics` topics; the same ones for the same arguments.

    The topics count alike however many examples each has: what a newsroom publishes most is its own affair.
    """
    found = [features(example.text) for example in examples]
    rarity = _rarity(found)
    share = Counter(example.topic for example in examples)
    vectors = [
        _vector(names, rarity, example.topic, len(examples) / topics / share[example.topic])
        for names, example in zip(found, examples, strict=True)
    ]
    rows = {feature: [0.0] * topics for feature in rarity}
    gradients = dict.fromkeys(rarity, _DAMPING)
    shuffle = random.Random(seed).shuffle  # noqa: S311 - to be reproducible is the point
    for _ in range(EPOCHS):
        shuffle(vectors)
        for vector in vectors:
            _step(vector, rows, gradients)
    return Weights(rows, rarity)


def totals(
    vector: Iterable[tuple[str, float]], rows: Mapping[str, Sequence[float]], topics: int
) -> list[float]:
    """Return for each topic the sum of weight times value over `vector`."""
    sums = [0.0] * topics
    for feature, value in vector:
        for topic, weight in enumerate(rows[feature]):
            sums[topic] += weight * value
    return sums


def _rarity(found: Sequence[Sequence[str]]) -> dict[str, float]:
    occurs = Counter(feature for names in found for feature in names)
    return {
        feature: math.log(len(found) / count) for feature, count in occurs.items() if count >= _LEAST_EXAMPLES
    }


def _vector(names: Sequence[str], rarity: Mapping[str, float], topic: int, weight: float) -> _Vector:
    rarest = max(rarity.values())
    length = math.sqrt(sum(rarity.get(name, rarest) ** 2 for name in names)) or 1.0
    return _Vector(tuple((name, rarity[name] / length) for name in names if name in rarity), topic, weight)


def _step(vector: _Vector, rows: Mapping[str, list[float]], gradients: dict[str, float]) -> None:
    """Move the weights of `vector`'s features towards its topic."""
    width = len(next(iter(rows.values())))
    slopes = softmax(totals(vector.values, rows, width))
    slopes[vector.topic] -= 1.0
    steepness = sum(slope * slope for slope in slopes) * vector.weight**2
    for feature, value in vector.values:
        gradients[feature] += steepness * value * value
        rate = _RATE * vector.weight * value / math.sqrt(gradients[feature])
        row = rows[feature]
        for topic, slope in enumerate(slopes):
            row[topic] -= rate * slope

"""How good a scorer is on labelled texts, and how far its probabilities can be believed."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from tasks.topics.linear import LinearModel
from tasks.topics.train import Example

#: Temperatures tried by `temperature`: 0.25 to 4, each 5 % above the one before.
_TEMPERATURES = tuple(0.25 * 1.05**step for step in range(57))
#: Least probability in a logarithm.
_FLOOR = 1e-9


def macro_f1(model: LinearModel, examples: Sequence[Example]) -> float:
    """Return the mean F1, 0 to 1, of the best-scored topic over the topics that `examples` have."""
    pairs = [(example.topic, _best(model, example.text)) for example in examples]
    hits = Counter(truth for truth, given in pairs if truth == given)
    truths, givens = Counter(truth for truth, _ in pairs), Counter(given for _, given in pairs)
    scores = [2 * hits[topic] / (truths[topic] + givens[topic]) for topic in truths]
    return sum(scores) / len(scores)


def temperature(model: LinearModel, examples: Sequence[Example]) -> float:
    """Return what to divide the logits by, so that the probabilities fit `examples` best.

    Temperature scaling (Guo et al. 2017): least log loss, here with the topics counting alike, as in training.
    """
    share = Counter(example.topic for example in examples)
    scored = [
        (example.topic, 1 / share[example.topic], list(scores.values()))
        for example in examples
        if (scores := model.scores(example.text))
    ]
    return min(_TEMPERATURES, key=lambda candidate: _loss(scored, candidate))


def _best(model: LinearModel, text: str) -> int:
    """Return the index of the best-scored topic, -1 where there is none."""
    scores = list(model.scores(text).values())
    return max(range(len(scores)), key=scores.__getitem__, default=-1)


def _loss(scored: Iterable[tuple[int, float, Sequence[float]]], temperature: float) -> float:
    """Return the weighted log loss of probabilities `p` made `p ** (1 / temperature)` and summed to 1 again."""
    loss = 0.0
    for topic, weight, probabilities in scored:
        cooled = [max(p, _FLOOR) ** (1 / temperature) for p in probabilities]
        loss -= weight * math.log(max(cooled[topic] / sum(cooled), _FLOOR))
    return loss

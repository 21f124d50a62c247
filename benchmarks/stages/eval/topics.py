"""Topics: macro-F1 and reliability of the tagger, beside its encoder alone."""

import gzip
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import SAMPLE, Cost, interleaved
from seeds.demo.stories import load_stories
from tasks.article import Topic
from tasks.language.detector import Detector
from tasks.topics.archive import read_archive
from tasks.topics.measure import Bin, Labelled, best_among, calibration_error, macro_f1, reliability
from tasks.topics.stage import TEXT_CHARACTERS
from tasks.topics.tagger import TopicTagger, load

Topics = tuple[Topic, ...]

STAGE = "topics"
LIBRARY = "the encoder with its probe, used for every text"
#: Fewest answers for a reliability table of ten bins.
_FEWEST = 100
#: Above every probability: with this threshold the first tier never answers.
_NEVER_SURE = 2.0

#: FLORES codes of the encoder's languages, and of the others that IPTC has labels in.
_ENCODED = (
    *("arb_Arab", "deu_Latn", "eng_Latn", "fra_Latn", "ita_Latn", "jpn_Jpan", "kor_Hang", "nld_Latn"),
    *("pol_Latn", "por_Latn", "rus_Cyrl", "spa_Latn", "tha_Thai", "tur_Latn", "zho_Hans", "zho_Hant"),
)
_LABELLED = ("dan_Latn", "nno_Latn", "nob_Latn", "swe_Latn")


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores measured when the weights were built, and those on SIB-200 and on the project's own items."""
    yield Note(STAGE, f"the library is {LIBRARY}.")
    detector, tagger = Detector.load(), load()
    if data and (data / "topics").is_dir():
        yield _built(tagger, list(_headlines(data / "topics/huff_en.jsonl.gz")))
        for name, examples in _sib(detector, data / "topics/sib.jsonl.gz").items():
            yield from _compare(tagger, name, examples)
    else:
        yield Missing(STAGE, "topics in NEWSMILL_DATA")
    yield _whole(tagger)
    own = tomllib.loads((Path(__file__).parent / "own_sets/topics.toml").read_text("utf-8"))
    items = [(text, topic) for topic, texts in own.items() for text in texts]
    yield from _compare(tagger, "own items", [_labelled(detector, *item) for item in items])


def _built(tagger: TopicTagger, headlines: Sequence[Labelled]) -> Row:
    """Return the scores measured when the weights were built, on headlines held out from a copy of the probes.

    The shipped probes were trained on them, so that only the CPU is measured here.
    """
    about = read_archive(files("tasks.topics").joinpath("topics.zip").read_bytes()).about
    both, encoder = about.measured["macro-F1 of both"], about.measured["macro-F1 of the encoder"]
    count = int(about.measured["held-out headlines"])
    _, (cost, bare_cost) = _tagged(tagger, headlines[:: max(1, len(headlines) // SAMPLE)])
    return Row(STAGE, "held-out headlines, at the build", count, "macro-F1", both, encoder, cost, bare_cost)


def _whole(tagger: TopicTagger) -> Row:
    """Return the share of the demo's stories that get a topic, and the CPU of a whole article."""
    stories = [
        Labelled("\n".join((story.title, *story.body))[:TEXT_CHARACTERS], story.lang, frozenset())
        for story in load_stories()
    ]
    answers, (cost, bare_cost) = _tagged(tagger, stories)
    share, bare = (sum(map(bool, one)) / len(stories) for one in answers)
    return Row(STAGE, "demo stories", len(stories), "answered", share, bare, cost, bare_cost)


def _tagged(tagger: TopicTagger, examples: Sequence[Labelled]) -> tuple[list[list[Topics]], list[Cost]]:
    """Return the topics of each example by the tagger and by its encoder alone, and the cost of each."""
    alone = replace(tagger, sure=_NEVER_SURE)
    results = interleaved(
        examples,
        lambda example: tagger.tag(example.text, example.language),
        lambda example: alone.tag(example.text, example.language),
    )
    return [answers for answers, _ in results], [cost for _, cost in results]


def _compare(tagger: TopicTagger, name: str, examples: Sequence[Labelled]) -> Iterator[Row | Note]:
    (ours, bare), (cost, bare_cost) = _tagged(tagger, examples)
    tops = frozenset(tagger.second.labels)
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
    yield Note(STAGE, f"{name}: {_table(bins)}\n  mean calibration error {calibration_error(bins):.3f}")


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


def _sib(detector: Detector, file: Path) -> dict[str, list[Labelled]]:
    """Return SIB-200's sentences in three groups of languages."""
    groups: dict[str, list[Labelled]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            example = _labelled(detector, one["text"], one["topic"])
            groups[_group(one["lang"])].append(example)
    return dict(sorted(groups.items()))


def _headlines(file: Path) -> Iterator[Labelled]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            yield Labelled(one["text"], one["lang"], frozenset({one["topic"]}))


def _group(variety: str) -> str:
    if variety in _ENCODED:
        return "SIB, the encoder's languages"
    return "SIB, others with IPTC labels" if variety in _LABELLED else "SIB, all other languages"


def _labelled(detector: Detector, text: str, topic: str) -> Labelled:
    """Return the example with the language that the pipeline detects."""
    return Labelled(text, detector.detect(text).language, frozenset({topic}))

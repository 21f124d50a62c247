"""Duplicates: precision, recall and F1 of the stage on pairs of texts, beside trafilatura's Simhash."""

import gzip
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trafilatura.deduplication import Simhash

from benchmarks.stages.eval import copies
from benchmarks.stages.eval.footers import OverFooter, Told, footers
from benchmarks.stages.eval.measures import precision_recall
from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import interleaved
from tasks.article import Article
from tasks.dedupe.stage import MemoryContentIndex, dedupe

STAGE = "dedupe"
LIBRARY = "trafilatura's Simhash, similarity >= 0.84"
#: 10 of 64 bits apart at most.
_SIMILAR = 1 - 10 / 64


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, how the second was made, and whether they are duplicates."""

    kind: str
    duplicate: bool
    a: str
    b: str
    urls: tuple[str, str] = ("http://a.example/", "http://b.example/")
    #: Other texts that came before, with their URLs.
    before: tuple[Told, ...] = ()


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores on the pairs, with recall or false positives by kind below the table."""
    yield Note(STAGE, f"the library is {LIBRARY}.")
    if data and (data / "dedupe/pairs.jsonl.gz").exists():
        with gzip.open(data / "dedupe/pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
            read = [json.loads(line) for line in lines]
        yield from _compare(
            "pairs", [Pair(one["kind"], one["duplicate"], one["a"], one["b"]) for one in read]
        )
        for name, known in (("footers, new hosts", False), ("footers, known hosts", True)):
            yield from _compare(name, [_over_footer(one) for one in footers(read, known=known)])
    else:
        yield Missing(STAGE, "dedupe in NEWSMILL_DATA")
    own = tomllib.loads((Path(__file__).parent / "own_sets/dedupe.toml").read_text("utf-8"))
    yield from _compare("own pairs", [Pair(**one) for one in own["pair"]])
    for half in (*copies.HALVES, copies.LATER):
        yield from _compare(
            f"copies, {half} half" if half in copies.HALVES else "copies, other kinds",
            [Pair(one.kind, one.duplicate, one.a, one.b) for one in copies.pairs(half)],
        )


def _compare(name: str, pairs: Sequence[Pair]) -> Iterator[Row | Note]:
    (ours, cost), (bare, bare_cost) = interleaved(pairs, _found, _bare)
    true = [pair.duplicate for pair in pairs]
    scores, bare_scores = precision_recall(true, ours), precision_recall(true, bare)
    for measure, score, other in zip(("precision", "recall", "F1"), scores, bare_scores, strict=True):
        row = Row(STAGE, name, len(pairs), measure, score, other)
        yield replace(row, cost=cost.halved(), bare_cost=bare_cost.halved()) if measure == "F1" else row
    yield Note(
        STAGE, f"{name}, share called duplicates by kind (newsmill, Simhash):\n" + _by_kind(pairs, ours, bare)
    )


def _by_kind(pairs: Sequence[Pair], ours: Sequence[bool], bare: Sequence[bool]) -> str:
    kinds = defaultdict(list)
    for pair, found, other in zip(pairs, ours, bare, strict=True):
        kinds[pair.kind, pair.duplicate].append((found, other))
    lines = []
    for (kind, duplicate), answers in sorted(kinds.items(), key=lambda item: (not item[0][1], item[0][0])):
        mine, others = (sum(one) / len(answers) for one in zip(*answers, strict=True))
        lines.append(f"  {mine:.3f} {others:.3f}  {kind} ({len(answers)}{'' if duplicate else ', distinct'})")
    return "\n".join(lines)


def _found(pair: Pair) -> bool:
    """Tell whether the stage calls the second text a duplicate of the first, exact or near."""
    contents = MemoryContentIndex()
    for number, one in enumerate(pair.before):
        dedupe(Article(id=f"{number + 2:032x}", url=one.url, text=one.text), contents=contents)
    url, other = pair.urls
    dedupe(Article(id="0" * 32, url=url, text=pair.a), contents=contents)
    later = dedupe(Article(id="1" * 32, url=other, text=pair.b), contents=contents)
    return bool(later.duplicate_of or later.near_duplicate_of)


def _over_footer(one: OverFooter) -> Pair:
    kind = "copy without the footer" if one.duplicate else "other story over the footer"
    return Pair(kind, one.duplicate, one.a.text, one.b.text, (one.a.url, one.b.url), one.before)


def _bare(pair: Pair) -> bool:
    return Simhash(pair.a).similarity(Simhash(pair.b)) >= _SIMILAR

"""Metadata: titles, authors and dates of publishers' pages, beside trafilatura; and whom bylines of our own name.

Rules were chosen on the choosing half of the publishers, and are judged on the other; the bylines are split by language.
"""

import gzip
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from statistics import mean
from typing import Any

import trafilatura

from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import Cost, interleaved
from tasks.article import Article, article_id
from tasks.errors import Rejected
from tasks.extract.authors import names_in
from tasks.extract.decode import decode
from tasks.extract.page import parse, warm
from tasks.extract.stage import Extractor, extract
from tasks.extract.statement import read_statement

STAGE = "metadata"
LIBRARY = "trafilatura.extract_metadata; the CPU beside it is newsmill's whole extraction, with the text"
HALVES = ("choosing", "judging")
#: Seconds that two times may differ.
_HOUR = 3_600

_METADATA_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class MetadataPage:
    """A page as fetched, and what a parser made for its publisher finds in it."""

    url: str
    html: bytes
    publisher: str
    title: str | None
    authors: tuple[str, ...]
    #: ISO 8601 with the zone; None where the page has no date.
    date: str | None

    @property
    def half(self) -> str:
        """The half of the set: all pages of a publisher are in one."""
        return HALVES[blake2b(self.publisher.encode(), digest_size=1).digest()[0] & 1]


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of a page."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    #: With the time, as far as it is known.
    published: str | None = None


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores of each half of the publishers, and of the project's own bylines."""
    yield Note(STAGE, f"the library is {LIBRARY}. A title or an author is right where the words are equal.")
    warm()
    if data and (data / "publishers/truth.jsonl").exists():
        yield from _publishers(list(_pages(data / "publishers")))
    else:
        yield Missing(STAGE, "publishers in NEWSMILL_DATA")
    yield from _bylines()


def _publishers(pages: Sequence[MetadataPage]) -> Iterator[Row]:
    for half in HALVES:
        some = [page for page in pages if page.half == half]
        (ours, cost), (bare, bare_cost) = interleaved(some, _extracted, _bare)
        costs: tuple[Cost | None, Cost | None] = (cost, bare_cost)
        for measure, right in _MEASURES.items():
            scores = [
                (right(page, one), right(page, two)) for page, one, two in zip(some, ours, bare, strict=True)
            ]
            known = [(one, two) for one, two in scores if one is not None and two is not None]
            score, other = (mean(side) for side in zip(*known, strict=True))
            yield Row(STAGE, f"publishers, {half} half", len(known), measure, score, other, *costs)
            costs = (None, None)


def _bylines() -> Iterator[Row]:
    own: dict[str, Any] = tomllib.loads((Path(__file__).parent / "own_sets/bylines.toml").read_text("utf-8"))
    for half in HALVES:
        chosen = half == "choosing"
        cases = [
            (language, *case)
            for language, some in own["bylines"].items()
            if (language in own["chosen_on"]) == chosen
            for case in some
        ]
        right = [_is_right(*case) for case in cases]
        yield Row(STAGE, f"own bylines, {half} languages", len(cases), "persons and agency", mean(right))


def _is_right(language: str, byline: str, persons: list[str], agency: str | None = None) -> bool:
    found = names_in(byline, language)
    return [*found.persons] == persons and next(iter(found.agencies), None) == agency


def _pages(folder: Path) -> Iterator[MetadataPage]:
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            html = gzip.decompress((folder / "html" / page["file"]).read_bytes())
            truth = (page["title"], tuple(page["authors"] or ()), page["date"])
            yield MetadataPage(page["url"], html, page["publisher"], *truth)


def _extracted(page: MetadataPage) -> Given:
    article = Article(id=article_id(page.url), url=page.url, html=page.html)
    try:
        found = extract(article, extractor=Extractor())
    except Rejected:
        return Given()
    return Given(found.title, found.authors, found.date, found.published_stated)


def _bare(page: MetadataPage) -> Given:
    found = trafilatura.extract_metadata(page.html, default_url=page.url)
    return Given(found.title, tuple((found.author or "").split("; ")), found.date, found.date)


def _title(page: MetadataPage, given: Given) -> bool | None:
    return _words(given.title) == _words(page.title) if page.title else None


def _own_title(page: MetadataPage, given: Given) -> bool | None:
    """Return whether the title is one of the page's own headline forms, which may have the site's name."""
    tree = parse(decode(page.html))
    return _words(given.title) in {_words(one) for one in read_statement(tree, page.url).headlines}


def _authors(page: MetadataPage, given: Given) -> bool | None:
    true = {_words(name) for name in page.authors} - {""}
    return {_words(name) for name in given.authors} - {""} == true if true else None


def _day(page: MetadataPage, given: Given) -> bool | None:
    return (given.date or "")[:10] == page.date[:10] if page.date else None


def _time(page: MetadataPage, given: Given) -> bool | None:
    """Return whether the time is right within an hour, where the truth has a time and a zone."""
    true, said = _seconds(page.date), _seconds(given.published)
    if true is None:
        return None
    return said is not None and abs(said - true) <= _HOUR


def _seconds(stated: str | None) -> float | None:
    try:
        time = datetime.fromisoformat(stated or "")
    except ValueError:
        return None
    return time.timestamp() if time.tzinfo is not None else None


def _words(text: str | None) -> str:
    return " ".join(_METADATA_WORD.findall((text or "").casefold()))


_MEASURES: dict[str, Callable[[MetadataPage, Given], bool | None]] = {
    "title equal": _title,
    "title is the page's": _own_title,
    "authors equal": _authors,
    "day equal": _day,
    "time in an hour": _time,
}

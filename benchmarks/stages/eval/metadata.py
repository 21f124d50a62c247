"""Metadata: titles, authors and dates of publishers' pages, beside trafilatura; and whom bylines of our own name.

Rules were chosen on the choosing half of the publishers, and are judged on the other; the bylines are split by language.
"""

import gzip
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from lxml.html import HtmlElement

from benchmarks.stages.eval.headline_forms import folded, headline_forms
from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import interleaved
from tasks.extract.authors import names_in
from tasks.extract.compat import shortcuts
from tasks.extract.dates import dates_of
from tasks.extract.decode import decode
from tasks.extract.linear_compat import linear
from tasks.extract.markup import remove_code
from tasks.extract.metadata import metadata_of
from tasks.extract.page import parse, warm
from tasks.extract.statement import Statement, read_statement
from tasks.extract.xpath_optimizer.rewriting import optimized_xpaths

STAGE = "metadata"
LIBRARY = (
    "trafilatura.extract_metadata on a parsed tree. A title or an author is right where the words are equal; `author` is the text "
    "with agencies, which the truth has, too. CPU is that of all metadata from a parsed tree at `title equal`, and of the date alone "
    "at `day equal`, from the statement that is read once for all fields, beside htmldate.find_date. `title is the page's` asks for a headline of the page without the site's name, and "
    "`time in an hour` counts pages that have the true time somewhere"
)
HALVES = ("choosing", "judging")
#: Seconds that two times may differ.
_HOUR = 3_600

#: htmldate's, which trafilatura brings.
_FIND_DATE: Any = vars(import_module("trafilatura.metadata"))["find_date"]
_METADATA_WORD = re.compile(r"[^\W_]+")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)")
_TIME = "time in an hour"


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
    yield Note(STAGE, f"the library is {LIBRARY}.")
    warm()
    for name, (file, read) in _SETS.items():
        if data and (data / name / file).exists():
            yield from _scores(name, list(read(data / name)))
        else:
            yield Missing(STAGE, f"{name} in NEWSMILL_DATA")
    yield from _bylines()


def _scores(name: str, pages: Sequence[MetadataPage]) -> Iterator[Row]:
    for half in HALVES:
        some = [_Parsed.of(page) for page in pages if page.half == half]
        (ours, cost), (bare, bare_cost) = interleaved(some, _ours, _bare)
        (_, of_date), (_, of_htmldate) = interleaved(some, _our_date, _bare_date)
        costs = {"title equal": (cost, bare_cost), "day equal": (of_date, of_htmldate)}
        for measure, right in _MEASURES.items():
            scores = [
                (right(one.page, our), right(one.page, other))
                for one, our, other in zip(some, ours, bare, strict=True)
            ]
            known = [(one, two) for one, two in scores if one is not None and two is not None]
            if not known:
                continue
            score, other = (mean(side) for side in zip(*known, strict=True))
            row = Row(STAGE, f"{name}, {half} half", len(known), measure, score, other)
            row_cost = costs.get(measure, (None, None))
            yield replace(
                row, cost=row_cost[0], bare_cost=row_cost[1], bare=None if measure == _TIME else other
            )


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


def _publishers(folder: Path) -> Iterator[MetadataPage]:
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            html = gzip.decompress((folder / "html" / page["file"]).read_bytes())
            truth = (page["title"], tuple(page["authors"] or ()), page["date"])
            yield MetadataPage(page["url"], html, page["publisher"], *truth)


def _untold(folder: Path) -> Iterator[MetadataPage]:
    """Yield pages without a truth: their titles are judged by their own headlines alone."""
    known: dict[str, dict[str, str]] = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    for name, page in known.items():
        html = gzip.decompress((folder / f"html/{name}.html.gz").read_bytes())
        yield MetadataPage(page["url"], html, urlsplit(page["url"]).hostname or "", None, (), None)


_SETS = {"publishers": ("truth.jsonl", _publishers), "pages": ("ground-truth.json", _untold)}


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A page with its tree, one for each side, and its statement: what is timed begins with the tree, a date with the statement."""

    page: MetadataPage
    markup: str
    tree: HtmlElement
    statement: Statement
    bare_tree: HtmlElement

    @classmethod
    def of(cls, page: MetadataPage) -> "_Parsed":
        markup = remove_code(decode(page.html))
        tree = parse(markup)
        statement = read_statement(tree, page.url, markup)
        return cls(page, markup, tree, statement, trafilatura.load_html(page.html))


def _ours(one: _Parsed) -> Given:
    with optimized_xpaths(one.tree), shortcuts(), linear(one.markup):
        found = metadata_of(read_statement(one.tree, one.page.url, one.markup)).bounded()
    authors = tuple((found.author or "").split("; "))
    return Given(found.title, authors, found.date, found.published_stated)


def _bare(one: _Parsed) -> Given:
    found = trafilatura.extract_metadata(one.bare_tree, default_url=one.page.url)
    return Given(found.title, tuple((found.author or "").split("; ")), found.date)


def _our_date(one: _Parsed) -> object:
    return dates_of(one.statement)


def _bare_date(one: _Parsed) -> object:
    return _FIND_DATE(one.bare_tree, url=one.page.url, original_date=True, extensive_search=True)


def _title(page: MetadataPage, given: Given) -> bool | None:
    return _words(given.title) == _words(page.title) if page.title else None


def _own_title(page: MetadataPage, given: Given) -> bool | None:
    """Return whether the title is one of the page's own headline forms without the site's name."""
    forms = headline_forms(page.html, page.url)
    return folded(given.title) in forms if forms else None


def _authors(page: MetadataPage, given: Given) -> bool | None:
    true = {_words(name) for name in page.authors} - {""}
    return {_words(name) for name in given.authors} - {""} == true if true else None


def _day(page: MetadataPage, given: Given) -> bool | None:
    return (given.date or "")[:10] == page.date[:10] if page.date else None


def _time(page: MetadataPage, given: Given) -> bool | None:
    """Return whether the time is right within an hour, where the truth has time and zone, and the page has that time."""
    true = _seconds(page.date)
    stated = (_seconds(one[0]) for one in _STAMP.finditer(page.html.decode("latin-1")))
    if true is None or not any(one is not None and abs(one - true) <= _HOUR for one in stated):
        return None
    said = _seconds(given.published)
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
    "author equal": _authors,
    "day equal": _day,
    _TIME: _time,
}

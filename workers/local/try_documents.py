"""`newsmill try`: documents and URLs through the five stages in this process; nothing is stored.

The very stages of the workers, with the queues, the ledger and Redis left out: contents and robots.txt are
remembered in memory, for the length of the call.
"""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.stage import MemoryContentIndex
from tasks.errors import Reason, Rejected, TryLater
from tasks.extract.stage import Extractor
from tasks.fetch.client import Client
from tasks.fetch.robots import MemoryRobotsCache, Robots
from tasks.fetch.conditional_get import NoRows
from tasks.fetch.rate_limit import NoRateLimit
from tasks.fetch.content_type import HEAD_BYTES, TEXT, sniff
from tasks.language.detector import Detector
from tasks.pipeline import STAGES, bind
from tasks.stage import Step
from tasks.topics.stage import Tagger
from tasks.topics.taggers import load_tagger
from tasks.urls import canonical_url, host_of
from workers.sinks.columns import flat
from workers.sources.documents import document_url, documents_in, read_document
from workers.sources.lists import STDIN
from workers.errors import UserError
from workers.settings import Settings
from workers.delivery.http_client import PRODUCT_TOKEN, ROBOTS_TTL, make_client

#: Characters of the text that a panel shows.
_EXCERPT = 500


@dataclass(frozen=True, slots=True)
class Trial:
    """How one document ended. `given` is what the user called it."""

    given: str
    article: Article
    outcome: Outcome
    stage: str
    reason: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class GivenDocuments:
    """tasks.fetch.Documents over files and standard input, read when their turn comes."""

    paths: dict[str, Path] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def load(self, article_id: str) -> bytes:
        """Return the document; workers.intake.documents.DocumentError where it cannot be read."""
        if article_id in self.bodies:
            return self.bodies.pop(article_id)
        return read_document(self.paths[article_id])


def expand(sources: Iterable[str]) -> list[str]:
    """Return the sources, folders replaced by the documents in them; SourceError if one is not there.

    A file that is named is taken, whatever its suffix: what is no page, the fetch stage rejects.
    """
    expanded: list[str] = []
    for source in sources:
        path = Path(source)
        if source == STDIN or "://" in source:
            expanded.append(source)
        elif path.is_dir():
            expanded += map(str, documents_in(path))
        elif not path.exists():
            raise SourceError(f"{source} is not there. Name a file, a folder, or a URL with its https://.")
        else:
            expanded.append(source)
    return expanded


@dataclass(frozen=True, slots=True)
class MemoryTools:
    """tasks.pipeline.Tools that need no server."""

    client: Client
    robots: Robots
    documents: GivenDocuments
    extractor: Extractor
    detector: Detector
    contents: MemoryContentIndex
    tagger: Tagger
    opt_outs: tuple[str, ...] = ()
    rate_limit: NoRateLimit = field(default_factory=NoRateLimit)
    rows: NoRows = field(default_factory=NoRows)

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Load the models of languages and topics: about a second."""
        client = make_client(settings)
        return cls(
            client=client,
            robots=Robots(client, MemoryRobotsCache(), PRODUCT_TOKEN, ROBOTS_TTL),
            documents=GivenDocuments(),
            extractor=Extractor(min_chars=settings.min_chars),
            detector=Detector.load(settings.languages),
            contents=MemoryContentIndex(),
            tagger=load_tagger(settings.taxonomy),
            opt_outs=settings.reject_opt_outs,
        )


class Bench:
    """The five stages; documents tried on one bench are deduplicated against each other."""

    def __init__(self, tools: MemoryTools) -> None:
        self._documents = tools.documents
        self._steps: Mapping[str, Step] = bind(tools)
        #: What the user called each article first, by its URL: links between documents are told in these names.
        self._given: dict[str, str] = {}

    def run(self, sources: Iterable[str]) -> Iterator[Trial]:
        """Yield how each of the (expanded) sources ends, one after the other."""
        for number, given in enumerate(sources):
            try:
                article = self._article(given, number)
            except ValueError as error:
                article = Article(id=article_id(given), url=given)
                yield Trial(given, article, Outcome.REJECTED, STAGES[0].name, Reason.BAD_URL, str(error))
                continue
            yield self._try(given, article)

    def _article(self, given: str, number: int) -> Article:
        if given == STDIN:
            body = sys.stdin.buffer.read()
            url = f"file:///stdin{'.txt' if _is_text(body) else '.html'}"
        elif "://" in given:
            body, url = None, canonical_url(given)
        else:
            body, url = None, document_url(Path(given))
        # What is named twice is two documents, the second a duplicate; the first has the id it has elsewhere.
        id_ = article_id(f"{url}#{number}" if url in self._given else url)
        self._given.setdefault(url, given)
        if body is not None:
            self._documents.bodies[id_] = body
        elif url.startswith("file:"):
            self._documents.paths[id_] = Path(given)
        return Article(id=id_, url=url, submitted_at=time.time())

    def _try(self, given: str, article: Article) -> Trial:
        name = STAGES[0].name
        try:
            for name, step in self._steps.items():
                began = time.perf_counter()
                article = step(article)
                milliseconds = round((time.perf_counter() - began) * 1000, 3)
                article = article.evolve(timings={**article.timings, name: milliseconds})
                if article.outcome:
                    break
        except Rejected as ending:
            return Trial(given, article, Outcome.REJECTED, name, ending.reason, ending.detail)
        except TryLater as ending:
            return Trial(given, article, Outcome.FAILED, name, ending.reason, ending.detail)
        except Exception as error:  # noqa: BLE001 - as in a worker, a broken page must not end the others
            return Trial(
                given, article, Outcome.FAILED, name, Reason.ERROR, f"{type(error).__name__}: {error}"
            )
        return Trial(given, self._in_given_names(article), article.outcome or Outcome.ENRICHED, name)

    def _in_given_names(self, article: Article) -> Article:
        links = {name: getattr(article, name) for name in ("duplicate_of", "near_duplicate_of")}
        return article.evolve(**{name: self._given.get(url, url) for name, url in links.items()})


def as_json(trial: Trial) -> dict[str, Any]:
    """Return the trial with the keys of an export (workers/flat.py); `url` is what the user called it."""
    from workers.store.rows import record_of  # noqa: PLC0415 - SQLAlchemy takes .2 s, and a person who looks has no use for it

    article, now = trial.article, time.time()
    return flat(
        {
            "id": article.id,
            "url": trial.given,
            "outcome": trial.outcome.value,
            "reason": trial.reason,
            "detail": trial.detail,
            "stage": trial.stage,
            "attempts": 1,
            "deferrals": 0,
            "submitted_at": article.submitted_at or now,
            "settled_at": now,
            "host": host_of(article.url),
            **{name: getattr(article, name) for name in _OWN_COLUMNS},
            **{name: article.versions.get(name) for name in ("extractor", "detector", "tagger", "taxonomy")},
            "timings": article.timings,
            "history": [],
            "record": record_of(article),
        }
    )


#: Fields of an article that have a column of their own in the store.
_OWN_COLUMNS = ("language", "language_confidence", "content_id", "duplicate_of", "near_duplicate_of")


def panel(trial: Trial) -> Panel:
    """Return the trial for a person: what it is about, and the beginning of its text."""
    article = trial.article
    confidence = f" ({article.language_confidence:.2f})" if article.language_confidence else ""
    rows = {
        "outcome": " ".join(filter(None, (trial.outcome.value, trial.reason and f"({trial.reason})"))),
        "why": trial.detail,
        "title": article.title,
        "author": article.author,
        "date": article.date,
        "site": article.site,
        "language": article.language and article.language + confidence,
        "topics": ", ".join(f"{topic.label} {topic.score:.2f}" for topic in article.topics),
        "duplicate of": article.duplicate_of,
        "near duplicate of": article.near_duplicate_of,
        "text": article.text and _excerpt(article.text),
        "took": f"{sum(article.timings.values()):.0f} ms",
    }
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(name, escape(value))
    style = {Outcome.ENRICHED: "green", Outcome.FAILED: "red"}.get(trial.outcome, "yellow")
    return Panel(table, title=escape(trial.given), title_align="left", border_style=style)


def show(console: Console, trial: Trial) -> None:
    """Print the trial as a panel."""
    console.print(panel(trial))


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} ... ({len(text):,} characters)"


def _is_text(body: bytes) -> bool:
    try:
        return sniff(body[:HEAD_BYTES], None) == TEXT
    except Rejected:  # the fetch stage says so, and why
        return False

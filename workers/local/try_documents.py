"""`newsmill try`: documents and URLs through all stages in this process; nothing is stored.

It runs the stages of the workers without queues, ledger and Redis. Contents and robots.txt are kept in memory during the
call.
"""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.stage import MemoryContentIndex
from tasks.errors import Ending, Reason, Rejected
from tasks.extract.stage import Extractor
from tasks.fetch.client import Client
from tasks.fetch.conditional_get import NoRows
from tasks.fetch.content_type import HEAD_BYTES, TEXT, sniff
from tasks.fetch.fetchers import as_requested
from tasks.fetch.rate_limit import NoRateLimit
from tasks.fetch.robots import MemoryRobotsCache, Robots
from tasks.hosts import HostList
from tasks.language.detector import Detector
from tasks.pipeline import STAGES, bind
from tasks.stage import Pool, Step
from tasks.topics.stage import Tagger
from tasks.url_keys import UrlKeys, packaged_keys
from tasks.urls import host_of
from workers.delivery.http_client import PRODUCT_TOKEN, ROBOTS_TTL, make_client
from workers.delivery.tools import StageTools
from workers.errors import UserError
from workers.hosts_file import read_hosts_file
from workers.local.time_limits import SoftTimeLimitError, time_limits
from workers.settings import Settings
from workers.sinks.columns import flat
from workers.sources.documents import document_url, read_document
from workers.sources.extras import kept
from workers.sources.folders import documents_in
from workers.sources.lists import STDIN
from workers.sources.regular_files import opener_in
from workers.sources.sidecars import SidecarError, sidecar_of
from workers.sources.source import LocalDocument
from workers.sources.unpacked import open_any

#: Stages with time limits: those that have a process of their own in a worker. A fetch has its own deadlines.
_LIMITED = frozenset(stage.name for stage in STAGES if stage.pool is Pool.PROCESSES)


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome of one document. `given` is its name on the command line."""

    given: str
    article: Article
    outcome: Outcome
    stage: str
    reason: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class GivenDocuments:
    """Documents for the fetch stage from files and standard input; each is read when it is fetched."""

    paths: dict[str, LocalDocument] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def load(self, article_id: str) -> bytes:
        """Return the document; workers.sources.documents.DocumentError if it cannot be read."""
        if article_id in self.bodies:
            return self.bodies.pop(article_id)
        path, folder = self.paths[article_id]
        return read_document(path, opener_in(folder) if folder else open_any)


class InFolder(str):
    """The name of a document that was found in `folder`."""

    __slots__ = ("folder",)

    folder: Path

    @classmethod
    def of(cls, path: Path, folder: Path) -> Self:
        """Return the name of the document at `path`."""
        name = cls(path)
        name.folder = folder
        return name


def expand(sources: Iterable[str]) -> list[str]:
    """Return the sources, with folders replaced by the documents in them; UserError if one does not exist.

    A named file is accepted with any suffix; the fetch stage rejects what is no page.
    """
    expanded: list[str] = []
    for source in sources:
        path = Path(source)
        if source == STDIN or "://" in source:
            expanded.append(source)
        elif path.is_dir():
            expanded += (InFolder.of(found, path) for found in documents_in(path))
        elif not path.exists():
            raise UserError(
                f"{source} does not exist. Name a file, a folder, or a URL that begins with https://."
            )
        else:
            expanded.append(source)
    return expanded


@dataclass(frozen=True, slots=True)
class MemoryTools:
    """Tools for the stages that need no server."""

    client: Client
    robots: Robots
    documents: GivenDocuments
    extractor: Extractor
    detector: Detector
    contents: MemoryContentIndex
    tagger: Tagger
    opt_outs: tuple[str, ...] = ()
    #: Seconds for each stage after the fetch of a document: soft and hard, as for a worker's task.
    limits: tuple[float, float] = (60, 90)
    rate_limit: NoRateLimit = field(default_factory=NoRateLimit)
    rows: NoRows = field(default_factory=NoRows)
    keys: UrlKeys = field(default_factory=packaged_keys)

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Load the models of languages and topics: about a second."""
        client, tools = make_client(settings), StageTools(settings)
        hosts = HostList(file=read_hosts_file(settings.hosts_file)[0]) if settings.hosts_file else None
        return cls(
            client=client,
            robots=Robots(client, MemoryRobotsCache(), PRODUCT_TOKEN, ROBOTS_TTL, hosts=hosts),
            documents=GivenDocuments(),
            extractor=tools.extractor,
            detector=tools.detector,
            contents=MemoryContentIndex(settings.url_keys),
            tagger=tools.tagger,
            opt_outs=tools.opt_outs,
            limits=(settings.soft_limit, settings.hard_limit),
            keys=settings.url_keys,
        )


class Pipeline:
    """The stages. Documents of one pipeline are compared with each other for duplicates."""

    def __init__(self, tools: MemoryTools) -> None:
        self._documents, self._limits, self._keys = tools.documents, tools.limits, tools.keys
        self._steps: Mapping[str, Step] = bind(tools)
        #: The first name of each article on the command line, by its URL: links between documents use these names.
        self._given: dict[str, str] = {}

    def run(self, sources: Iterable[str]) -> Iterator[Tried]:
        """Yield the outcome of each of the (expanded) sources, one after the other."""
        for number, given in enumerate(sources):
            try:
                article = self._article(given, number)
            except ValueError as error:
                article = Article(id=article_id(given), url=given)
                first = next(iter(self._steps))
                yield Tried(given, article, Outcome.REJECTED, first, Reason.BAD_URL, str(error))
                continue
            yield self._try(given, article)

    def _article(self, given: str, number: int) -> Article:
        if given == STDIN:
            body = sys.stdin.buffer.read()
            url = f"file:///stdin{'.txt' if _is_text(body) else '.html'}"
        elif "://" in given:
            body, url = None, as_requested(given)
        else:
            body, url = None, document_url(Path(given))
        # A document that is named twice counts as two, the second a duplicate. The first has its usual id.
        id_ = article_id(f"{url}#{number}") if url in self._given else self._keys.id_of_request(url)
        self._given.setdefault(url, given)
        if body is not None:
            self._documents.bodies[id_] = body
        extras: dict[str, Any] = {}
        if body is None and url.startswith("file:"):
            folder = given.folder if isinstance(given, InFolder) else None
            self._documents.paths[id_] = LocalDocument(Path(given), folder)
            with suppress(SidecarError):
                extras = kept(sidecar_of(Path(given), folder))
        return Article(id=id_, url=url, extras=extras, submitted_at=time.time())

    def _try(self, given: str, article: Article) -> Tried:
        name = ""
        try:
            for name, step in self._steps.items():
                began = time.perf_counter()
                with time_limits(*self._limits) if name in _LIMITED else nullcontext():
                    article = step(article)
                milliseconds = round((time.perf_counter() - began) * 1000, 3)
                article = article.evolve(timings={**article.timings, name: milliseconds})
                if article.outcome:
                    break
        except Ending as ending:
            outcome = Outcome.REJECTED if isinstance(ending, Rejected) else Outcome.FAILED
            article = article.evolve(**ending.known)
            return Tried(given, article, outcome, name, ending.reason, ending.detail)
        except SoftTimeLimitError as limit:
            return Tried(given, article, Outcome.FAILED, name, Reason.TIMEOUT, str(limit))
        except Exception as error:  # noqa: BLE001 - as in a worker, a broken page must not end the others
            return Tried(
                given, article, Outcome.FAILED, name, Reason.ERROR, f"{type(error).__name__}: {error}"
            )
        return Tried(given, self._in_given_names(article), article.outcome or Outcome.ENRICHED, name)

    def _in_given_names(self, article: Article) -> Article:
        links = {name: getattr(article, name) for name in ("duplicate_of", "near_duplicate_of")}
        return article.evolve(
            **{name: url and _text(self._given.get(url, url)) for name, url in links.items()}
        )


def as_json(tried: Tried) -> dict[str, Any]:
    """Return the outcome of a document with the columns of an export; `url` is its name on the command line."""
    from workers.store.rows import Result, row_of  # noqa: PLC0415 - SQLAlchemy takes .2 s, and only JSON needs it

    article, now = tried.article, time.time()
    result = Result(
        outcome=tried.outcome, stage=tried.stage, reason=tried.reason, detail=tried.detail, settled_at=now
    )
    article = article.evolve(submitted_at=article.submitted_at or now)
    return flat({**row_of(article, host_of(article.url), result), "url": _text(tried.given)})


def _text(given: str) -> str:
    """Return a name on the command line as text: bytes in it that are no UTF-8, which JSON cannot have, are replaced."""
    return os.fsencode(given).decode("utf-8", "replace")


def _is_text(body: bytes) -> bool:
    try:
        return sniff(body[:HEAD_BYTES], None) == TEXT
    except Rejected:  # the fetch stage reports it
        return False

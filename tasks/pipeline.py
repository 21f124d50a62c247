"""The whole system on one screen: an article passes these five stages, in this order.

A stage is a plain function from Article to Article. It ends an article by raising `Rejected` or `TryLater`
(tasks/errors.py), or by setting `outcome`; whatever else it raises is a bug, tried again a few times. How
stages become Celery tasks, on which queue, and what is written where, is workers/stages.py.
"""
# ruff: noqa: PLC0415 - a stage is imported when it runs first: a fetch worker has no use for parsers and models

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tasks.article import Article

if TYPE_CHECKING:
    from tasks.dedupe import ContentIndex
    from tasks.extract import Extractor
    from tasks.fetch import Client, Documents, Robots, Rows, Turns
    from tasks.language import Detector
    from tasks.topics import Tagger

#: What a stage is to the runner: the next state of the article.
Step = Callable[[Article], Article]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as the queues see it; its Celery task is `tasks.<name>`."""

    name: str
    #: Default queue. A stage on its predecessor's queue runs in place, in the same process.
    queue: str

    @property
    def task(self) -> str:
        """Return the name of the Celery task: a wire contract, kept for a release when it changes."""
        return f"tasks.{self.name}"


STAGES = (
    Stage("fetch", queue="fetch"),
    Stage("extract", queue="enrich"),
    Stage("detect_language", queue="enrich"),
    Stage("dedupe", queue="enrich"),
    Stage("tag_topics", queue="enrich"),
)


class Tools(Protocol):
    """What the stages work with; asked for when a stage runs, so that no process loads what it does not use."""

    @property
    def client(self) -> "Client":
        """Speaks HTTP."""

    @property
    def robots(self) -> "Robots":
        """Knows what sites allow."""

    @property
    def turns(self) -> "Turns":
        """Keeps the budgets of hosts."""

    @property
    def opt_outs(self) -> Collection[str]:
        """What a page may ask of machines so that it is rejected."""

    @property
    def documents(self) -> "Documents":
        """Local documents."""

    @property
    def rows(self) -> "Rows":
        """What became of articles before."""

    @property
    def extractor(self) -> "Extractor":
        """Finds the article in a page."""

    @property
    def detector(self) -> "Detector":
        """Tells languages."""

    @property
    def contents(self) -> "ContentIndex":
        """Who has which content."""

    @property
    def tagger(self) -> "Tagger":
        """Names topics."""


def bind(tools: Tools) -> dict[str, Step]:
    """Return each stage's function by its name, working with `tools`."""

    def fetch(article: Article) -> Article:
        from tasks.fetch import fetch

        return fetch(
            article,
            client=tools.client,
            robots=tools.robots,
            documents=tools.documents,
            turns=tools.turns,
            rows=tools.rows,
            refused=tools.opt_outs,
        )

    def extract(article: Article) -> Article:
        from tasks.extract import extract

        return extract(article, extractor=tools.extractor)

    def detect_language(article: Article) -> Article:
        from tasks.language import detect_language

        return detect_language(article, detector=tools.detector)

    def dedupe(article: Article) -> Article:
        from tasks.dedupe import dedupe

        return dedupe(article, contents=tools.contents)

    def tag_topics(article: Article) -> Article:
        from tasks.topics import tag_topics

        return tag_topics(article, tagger=tools.tagger)

    steps = (fetch, extract, detect_language, dedupe, tag_topics)
    return {step.__name__: step for step in steps}

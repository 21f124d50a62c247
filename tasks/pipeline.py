"""The whole system on one screen: an article passes these five stages, in this order.

A stage is a plain function from Article to Article. It ends an article by raising `Rejected` or `TryLater`
(tasks/errors.py), or by setting `outcome`; whatever else it raises is a bug, tried again a few times. How
stages become Celery tasks, on which queue, and what is written where, is workers/stages.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tasks.article import Article
from tasks.dedupe import ContentIndex, dedupe
from tasks.extract import Extractor, extract
from tasks.fetch import Client, Documents, Robots, fetch
from tasks.language import Detector, detect_language
from tasks.topics import Tagger, tag_topics

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
    def client(self) -> Client:
        """Speaks HTTP."""

    @property
    def robots(self) -> Robots:
        """Knows what sites allow."""

    @property
    def documents(self) -> Documents:
        """Local documents."""

    @property
    def extractor(self) -> Extractor:
        """Finds the article in a page."""

    @property
    def detector(self) -> Detector:
        """Tells languages."""

    @property
    def contents(self) -> ContentIndex:
        """Who has which content."""

    @property
    def tagger(self) -> Tagger:
        """Names topics."""


def bind(tools: Tools) -> dict[str, Step]:
    """Return each stage's function by its name, working with `tools`."""
    return {
        "fetch": lambda article: fetch(
            article, client=tools.client, robots=tools.robots, documents=tools.documents
        ),
        "extract": lambda article: extract(article, extractor=tools.extractor),
        "detect_language": lambda article: detect_language(article, detector=tools.detector),
        "dedupe": lambda article: dedupe(article, contents=tools.contents),
        "tag_topics": lambda article: tag_topics(article, tagger=tools.tagger),
    }

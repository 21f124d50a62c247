"""The stage itself: article in, article with topics out."""

from collections.abc import Sequence
from typing import Protocol

from tasks.article import Article, Topic

#: Characters of the text that are read, after title and description. News puts what matters first (the
#: inverted pyramid), and 2,000 characters are some 330 English words.
TEXT_CHARACTERS = 2_000


class Tagger(Protocol):
    """Anything that names the topics of a text."""

    #: Of the method, e.g. `encoder`.
    @property
    def name(self) -> str: ...  # noqa: D102 - said above

    #: Of the model; changes whenever the same text could get other topics.
    @property
    def version(self) -> str: ...  # noqa: D102 - said above

    #: Labels that the best topic of a text can have.
    @property
    def best_labels(self) -> Sequence[str]: ...  # noqa: D102 - said above

    #: Name of the vocabulary that the topics' ids come from, and which state of it.
    @property
    def taxonomy(self) -> str: ...  # noqa: D102 - said above

    @property
    def release(self) -> str: ...  # noqa: D102 - said above

    def tag(self, text: str, language: str) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first; empty where it would be a guess.

        `language` is an ISO 639-1 code as `Article.language` has it, `und` where nobody can tell.
        """
        ...


def tag_topics(article: Article, *, tagger: Tagger) -> Article:
    """Return `article` with its topics, `tagger_version` and `taxonomy_release`.

    `tagger` and `taxonomy`, each with name and version in one, are among its versions. Reads title, description
    and the first `TEXT_CHARACTERS` of the text; raises nothing of its own.
    """
    topics = tagger.tag(_text_of(article), article.language or "und")
    made_by = {
        "tagger": f"{tagger.name} {tagger.version}",
        "taxonomy": f"{tagger.taxonomy} {tagger.release}",
    }
    return article.evolve(
        topics=topics,
        tagger_version=tagger.version,
        taxonomy_release=tagger.release,
        versions=article.versions | made_by,
    )


def _text_of(article: Article) -> str:
    text = (article.text or "")[:TEXT_CHARACTERS]
    # Many pages describe themselves with their first sentence, and reading it twice pushes out the second.
    description = article.description if article.description and article.description not in text else None
    return "\n".join(part for part in (article.title, description, text) if part)


def load(*, tagger: Tagger) -> None:
    """Load the model, so that forked workers share it: to have the tagger is to have loaded it."""
    del tagger

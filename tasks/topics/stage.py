"""The stage function: adds an article's topics."""

from collections.abc import Sequence
from typing import Protocol

from tasks.article import Article, Topic

#: Characters of the text that are read, after title and description. News has the most important things first (the
#: inverted pyramid). 2,000 characters are some 330 English words.
TEXT_CHARACTERS = 2_000


class Tagger(Protocol):
    """Whatever determines the topics of a text."""

    #: Name of the method, e.g. `encoder`.
    @property
    def name(self) -> str: ...  # noqa: D102 - said above

    #: Version of the model; it changes when the same text may get other topics.
    @property
    def version(self) -> str: ...  # noqa: D102 - said above

    #: All labels that the best topic of a text can have.
    @property
    def best_labels(self) -> Sequence[str]: ...  # noqa: D102 - said above

    #: Name of the vocabulary that the topics' ids are from, and its release.
    @property
    def taxonomy(self) -> str: ...  # noqa: D102 - said above

    @property
    def release(self) -> str: ...  # noqa: D102 - said above

    def tag(self, text: str, language: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first; empty if none is likely enough.

        `language` is a code of `Article.language`, `und` for an unknown one. `names` are what the page files the article
        under, in any language: its section first, then keywords; empty where it says nothing.
        """
        ...


def tag_topics(article: Article, *, tagger: Tagger) -> Article:
    """Return `article` with its topics, `tagger_version` and `taxonomy_release`.

    Its `versions` get `tagger` and `taxonomy`, each with name and version. The tagger reads title, description and the
    first `TEXT_CHARACTERS` of the text, and the names of categories and tags. Raises nothing but what the tagger raises.
    """
    topics = tagger.tag(_text_of(article), article.language or "und", _names_of(article))
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
    # Often the description is the first sentence. Reading it twice would leave less room for the text.
    description = article.description if article.description and article.description not in text else None
    return "\n".join(part for part in (article.title, description, text) if part)


def _names_of(article: Article) -> tuple[str, ...]:
    """Return the names that the page files the article under, each once."""
    section = (article.section,) if article.section else ()
    return tuple(dict.fromkeys((*section, *article.categories, *article.keywords, *article.tags)))


def load(*, tagger: Tagger) -> None:
    """Load the model before the fork, so that workers share it: the tagger was loaded when it was made."""
    del tagger

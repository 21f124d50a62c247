"""The stage itself: article in, article with topics out."""

from typing import Protocol

from tasks.article import Article, Topic

#: Characters of the text that are read, after title and description. News puts what matters first (the
#: inverted pyramid), and 2,000 characters are some 330 English words.
TEXT_CHARACTERS = 2_000


class Tagger(Protocol):
    """Anything that names the topics of a text."""

    #: Name and version of the model; changes whenever the same text could get other topics.
    @property
    def version(self) -> str: ...  # noqa: D102 - said above

    #: Name and release of the vocabulary that the topics' ids come from.
    @property
    def taxonomy(self) -> str: ...  # noqa: D102 - said above

    def tag(self, text: str, language: str) -> tuple[Topic, ...]:
        """Return the topics of `text`, best first; empty where it would be a guess.

        `language` is an ISO 639-1 code as `Article.language` has it, `und` where nobody can tell.
        """
        ...


def tag_topics(article: Article, *, tagger: Tagger) -> Article:
    """Return `article` with its topics, and `tagger` and `taxonomy` among its versions.

    Reads title, description and the first `TEXT_CHARACTERS` of the text; raises nothing of its own.
    """
    topics = tagger.tag(_text_of(article), article.language or "und")
    made_by = {"tagger": tagger.version, "taxonomy": tagger.taxonomy}
    return article.evolve(topics=topics, versions={**article.versions, **made_by})


def _text_of(article: Article) -> str:
    text = (article.text or "")[:TEXT_CHARACTERS]
    return "\n".join(part for part in (article.title, article.description, text) if part)

"""The stage itself: gets an article's content, by the fetcher for its URL."""

from tasks.article import Article
from tasks.fetch.fetchers import fetcher_of
from tasks.stage import call


def fetch(article: Article, *, tools: object) -> Article:
    """Return `article` with its content, and what is known about it.

    The fetcher of its URL (tasks/fetch/fetchers.py) works with `tools`, and raises Rejected, Failed or TryLater with the reasons
    of tasks/errors.py. LookupError for a URL that has no fetcher.
    """
    fetched: Article = call(fetcher_of(article.url).run, tools, article)
    return fetched

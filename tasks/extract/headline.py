"""The element of a page that shows the headline of its article: bylines and datelines stand near it."""

from itertools import islice

from lxml.html import HtmlElement

from tasks.extract.characters import folded
from tasks.extract.statement import Statement, texts_of

#: Headings that are looked at, the most on a page of 304 is 51; pieces of text in one, and characters.
_MOST_HEADINGS, _PIECES, _LONGEST = 1_000, 60, 500
#: Letters of the shortest heading that is looked for in a title.
_SHORTEST = 8


def headline_element(statement: Statement) -> HtmlElement | None:
    """Return the h1 or h2 that has most of what the page's data call the article, else the first h1; None where there is none.

    A site's name and the name of a section or a blog may be the first h1.
    """
    stated = texts_of((statement.article or {}).get("headline"))
    metas = (content for name in ("og:title", "twitter:title") for content in statement.metas.get(name, ()))
    titles = {folded(one[:_LONGEST]) for one in (*stated, *metas, statement.title or "")}
    sites = {folded(one) for one in statement.site_names}
    first, best, most = None, None, 0
    for element in islice(statement.tree.iter("h1", "h2"), _MOST_HEADINGS):
        text = folded("".join(islice(element.itertext(), _PIECES))[:_LONGEST])
        if first is None and text and element.tag == "h1":
            first = element
        named = len(text) >= _SHORTEST and text not in sites and any(text in title for title in titles)
        if named and len(text) > most:
            best, most = element, len(text)
    return first if best is None else best

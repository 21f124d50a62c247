"""Which node of a page is the article that the page is about: by its URL, its headline and its type."""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from tasks.extract.characters import folded
from tasks.extract.statement.nodes import Node, texts_of, types_of

#: Types of schema.org that are an article; others end with one of these, too (OpinionNewsArticle, LiveBlogPosting).
ARTICLE_ENDINGS = ("article", "posting", "report")
#: Types of a page about one thing that is no article, as a site of videos has it: only with the page's URL or headline.
_OTHERS = frozenset(
    (
        *(
            "videoobject",
            "audioobject",
            "podcastepisode",
            "radioepisode",
            "tvepisode",
            "recipe",
            "review",
            "claimreview",
        ),
        *("creativework", "mediaobject", "imagegallery", "mediagallery", "webpage", "itempage", "newsitem"),
    )
)
#: Values that say where a thing is.
_ADDRESSES = ("url", "mainEntityOfPage", "@id")
#: Letters and digits that two headlines share at least, if one is only a part of the other.
_SHORTEST = 8
#: Characters of a headline that are looked at.
_LONGEST = 500
#: What each sign is worth. A node with the page's URL wins over one with its headline; a URL or headline of another page
#: takes away as much as one sign gives, so that a node of a list of stories is not taken.
_URL, _HEADLINE, _ARTICLE, _DATE = 4, 4, 2, 1


def article_of(nodes: Sequence[Node], urls: Iterable[str], headlines: Iterable[str]) -> Node | None:
    """Return the node that is the article with one of these `urls` and `headlines`, which are the page's; None if none is.

    Of several that are alike the first counts.
    """
    pages = {key for url in urls if (key := _key(url))}
    named = [letters for headline in headlines if (letters := folded(headline[:_LONGEST]))]
    best, most = None, 0
    for node in nodes:
        if (points := _points(node, pages, named)) > most:
            best, most = node, points
    return best


def headlines_of(node: Node) -> tuple[str, ...]:
    """Return the headlines of a node, `headline` first: a `name` may be an id."""
    return (*texts_of(node.get("headline")), *texts_of(node.get("name")))


def _points(node: Node, pages: set[str], named: Sequence[str]) -> int:
    types = types_of(node)
    is_article = any(one.endswith(ARTICLE_ENDINGS) for one in types)
    if not is_article and not types & _OTHERS:
        return 0
    own = {key for name in _ADDRESSES for url in _addresses(node.get(name)) if (key := _key(url))}
    by_url = bool(own & pages)
    headlines = [letters for one in headlines_of(node) if (letters := folded(one[:_LONGEST]))]
    by_headline = any(_alike(one, other) for one in headlines for other in named)
    if not is_article and not (by_headline and headlines):
        return 0
    points = (
        _URL * by_url + _HEADLINE * by_headline + _ARTICLE * is_article + _DATE * ("datePublished" in node)
    )
    if own and pages and not by_url and named and headlines and not by_headline:
        return 0
    return points


def _addresses(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (one for name in ("@id", "url") if isinstance(one := value.get(name), str))
    elif isinstance(value, list):
        for one in value[:10]:
            if isinstance(one, str | dict):
                yield from _addresses(one)


def _key(url: str) -> str:
    """Return what two URLs of one page share: the path and the query; an empty string for a site's front page."""
    try:
        parts = urlsplit(url[:2_000].strip())
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https", "file", ""}:
        return ""
    path = unquote(parts.path).casefold().rstrip("/").removesuffix("/amp")
    # The query is of trackers on a long path, and an article's id on a short one.
    return path if path.count("/") > 1 or not parts.query else f"{path}?{parts.query}"


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= _SHORTEST and (one in other or other in one))

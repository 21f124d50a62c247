"""Which text in page data is the article of the page: the one whose title or address are the page's, else the longest about it."""

import html as entities
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tasks.extract.characters import folded
from tasks.extract.page_data.objects import addresses_of, authors_of, day_of, with_what_is_beside
from tasks.extract.page_data.scripts import PageData
from tasks.extract.page_data.search import Candidate, Search
from tasks.normal_form import normal_form

#: Shortest text that is the page's without its title or address: by the words of the page's title in it.
_LONG = 1000
#: A shorter text with the page's title is only the lead of a long one that is more than so many times as long.
_LEAD = 3
#: Of a text and a longer one that it is in, the shorter is taken if it is so much of it: its owner is nearer.
_MOST_OF = 0.6

#: Words that two titles share at least, and the share of the first's and the other's words; a page's has the site, too.
_FEWEST_SHARED, _ALIKE, _OF_OTHER = 2, 0.7, 0.4
#: Characters of titles that are compared as a whole: languages without spaces.
_SHORTEST_TITLE = 6
#: Words that a title shares with a URL at least, and of the URL's words.
_FEWEST_IN_URL, _OF_URL = 3, 0.8
#: Characters of a slug or an id in a URL.
_SHORTEST_SLUG = 5
#: Words of a title that a text must have, of those of at least so many characters; and the share that it must have. "Page
#: not found" has fewer.
_FEWEST_ABOUT, _LONG_WORD, _ABOUT = 4, 4, 0.6
#: Characters of a text that are searched for them.
_SEARCHED = 20_000
#: The last part of an article's URL has a number of so many digits, so many hyphens, or so many characters.
_DIGITS, _HYPHENS, _CHARACTERS = 4, 2, 12

_WORD = re.compile(r"[^\W_]+")


class PageNames(NamedTuple):
    """What the page calls itself outside of its data."""

    #: Of `<title>`, `og:title` and such.
    titles: tuple[str, ...]
    #: Its URLs: the one it was fetched from, its canonical link, og:url.
    urls: tuple[str, ...]
    #: Names of the site.
    sites: tuple[str, ...]


class FoundArticle(NamedTuple):
    """An article in page data. `author` and `date` are as `tasks.article.Article` has them."""

    html: str
    title: str
    author: str | None
    date: str | None


def article_in(data: PageData, names: PageNames) -> FoundArticle | None:
    """Return the article of the page that is called `names`; None where the data has none that is surely this page's."""
    search = Search(data)
    chosen = _chosen(list(search.candidates()), names, search)
    if chosen is None:
        return None
    about = list(with_what_is_beside(chosen.owner, search.follow))
    return FoundArticle(
        chosen.html.removeprefix(f"<h2>{entities.escape(chosen.title, quote=False)}</h2>"),
        chosen.title,
        next(filter(None, (authors_of(one, search.follow) for one in about)), None),
        next(filter(None, (day_of(one, search.follow) for one in about)), None),
    )


def _chosen(candidates: list[Candidate], names: PageNames, search: Search) -> Candidate | None:
    named = _longest(one for one in candidates if one.title and _is_named(one, names, search))
    others = [one for one in candidates if not one.is_one_of_many]
    titles = [words for title in names.titles if (words := _own_words(title, names))]
    about = _longest(one for one in others if len(one.text) >= _LONG and _is_about(one.text, titles))
    if about:
        about = about._replace(title="")  # the page's is surer
    if named:
        is_lead = about and len(named.text) < min(_LONG, len(about.text) / _LEAD)
        return about if is_lead else named
    if titles or not any(map(_is_of_one_page, names.urls)):
        return about
    # The page has no title but the site's name.
    alone = [one for one in others if one.title and _has_evidence(one, search)]
    return _longest(alone) if len({one.title for one in alone}) == 1 else None


def _longest(candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the longest text; of a text and another in it that is most of it, the one inside."""
    candidates = list(candidates)
    best = max(candidates, key=lambda one: len(one.text), default=None)
    if best is None:
        return None
    least = len(best.text) * _MOST_OF
    inside = [one for one in candidates if len(one.text) >= least and one.text in best.text]
    return min(inside, key=lambda one: len(one.text))


def _has_evidence(candidate: Candidate, search: Search) -> bool:
    about = with_what_is_beside(candidate.owner, search.follow)
    return any(day_of(one, search.follow) or authors_of(one, search.follow) for one in about)


def _is_named(candidate: Candidate, names: PageNames, search: Search) -> bool:
    if any(_alike(candidate.title, title) for title in names.titles):
        return True
    title = _words(candidate.title)
    about = list(with_what_is_beside(candidate.owner, search.follow))
    addresses = [address for one in about for address in addresses_of(one, search.follow)]
    for path in filter(None, (urlsplit(url).path.strip("/").lower() for url in names.urls)):
        words = _words(" ".join(map(unquote, path.split("/")[-2:])))
        both = len(title & words)
        least = min(len(title) * _ALIKE, sum(map(str.isalpha, words)) * _OF_URL)
        if both >= max(_FEWEST_IN_URL, least) or any(_is_address(one, path, words) for one in addresses):
            return True
    return False


def _is_address(address: str, path: str, words: frozenset[str]) -> bool:
    """Tell whether a slug, a path or an id is that of the page at `path`, which has `words` at its end."""
    own = (urlsplit(address).path if "/" in address else address).strip("/").lower()
    if len(own) < _SHORTEST_SLUG:
        return False
    is_id = own.isalnum() and any(map(str.isdigit, own))
    return path.endswith(own) or (is_id and own in words)


def _alike(title: str, other: str) -> bool:
    """Tell whether two titles are one, with a site's name or a few words more."""
    mine, theirs = _words(title), _words(other)
    both = len(mine & theirs)
    if both >= _FEWEST_SHARED:
        return both >= len(mine) * _ALIKE and both >= len(theirs) * _OF_OTHER
    one, two = folded(title), folded(other)
    return min(len(one), len(two)) >= _SHORTEST_TITLE and (one in two or two in one)


def _is_about(text: str, titles: list[frozenset[str]]) -> bool:
    """Tell whether a text has most of the words of a title."""
    wanted = [words for words in titles if len(words) >= _FEWEST_ABOUT]
    words = _words(text[:_SEARCHED]) if wanted else frozenset()
    return any(len(one & words) >= len(one) * _ABOUT for one in wanted)


def _own_words(title: str, names: PageNames) -> frozenset[str]:
    """Return the longer words of a title that are not in the site's name."""
    site = folded("".join((*names.sites, *(urlsplit(url).hostname or "" for url in names.urls))))
    return frozenset(word for word in _words(title) if word not in site and len(word) >= _LONG_WORD)


def _is_of_one_page(url: str) -> bool:
    """Tell whether a URL may be that of an article, by a number or a name in it: `/news/` is a section."""
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2] or parts.query
    hyphens = last.count("-") + last.count("_")
    return len(last) >= _CHARACTERS or sum(map(str.isdecimal, last)) >= _DIGITS or hyphens >= _HYPHENS


def _words(text: str) -> frozenset[str]:
    decomposed = normal_form("NFKD", text).casefold()
    return frozenset(_WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char))))

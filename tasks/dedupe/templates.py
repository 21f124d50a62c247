"""Templates: short texts that a host has at addresses that have nothing in common.

"Please subscribe", "this page is gone", "log in": a site that shows one such text in place of many articles would have the first of
them enriched and all others as its duplicates. An article that is at several addresses has a word or a number of its address in
each of them, as a rule.
"""

import re
from urllib.parse import urlsplit

from tasks.errors import Reason
from tasks.urls import host_of
from tasks.walls.phrases import folded, sentences_in
from tasks.walls.recognition import reason_of_kind

#: Latin characters of a text that may be a template: paywalls, logins and soft 404s have some 100 to 600. Of 304 articles of news
#: sites 4 in 100 have fewer.
MOST_CHARACTERS = 1_000
#: Other addresses at which a text is a template. Mirrors of one article within a site (print, AMP, a second section) are two at
#: most with words of their own in the address.
ENOUGH = 3

_WORDS = re.compile(r"[a-z]{3,}|\d{2,}")
#: What addresses of one site have in common, whatever is there.
_COMMON = frozenset(
    {
        *(
            "html",
            "htm",
            "php",
            "asp",
            "aspx",
            "jsp",
            "index",
            "article",
            "articles",
            "story",
            "stories",
            "news",
        ),
        *("amp", "print", "page", "post", "node", "view", "show", "item", "default", "content", "the", "and"),
        *("artikel", "noticia", "noticias", "nota", "actu", "notizie", "nieuws", "www"),
    }
)


def are_unrelated(one: str, other: str) -> bool:
    """Return whether two URLs are of one host, and the ends of their addresses have no word and no number in common."""
    if not host_of(one) or host_of(one) != host_of(other):  # a local document has no host
        return False
    words, others = _words_of(one), _words_of(other)
    return bool(words) and bool(others) and words.isdisjoint(others)


def name_other_things(one: str, other: str) -> bool:
    """Return whether two URLs are unrelated, and both have words: numbers alone may be those of two versions of a story."""
    return are_unrelated(one, other) and all(any(map(str.isalpha, _words_of(url))) for url in (one, other))


def reason_of_template(text: str) -> Reason:
    """Return what a template is: blocked where its text says so, else soft_404."""
    kinds = (sentence.kind for _, sentence in sentences_in(folded(text)))
    return Reason.BLOCKED if Reason.BLOCKED in map(reason_of_kind, kinds) else Reason.SOFT_404


def _words_of(url: str) -> set[str]:
    """Return the words and numbers in the last part of a URL's path, and in its query."""
    parts = urlsplit(url)
    last = next((part for part in reversed(parts.path.split("/")) if part), "")
    return set(_WORDS.findall(f"{last} {parts.query}".lower())) - _COMMON

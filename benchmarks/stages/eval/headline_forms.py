"""What a page calls its article, without the site's name: read by trafilatura's parser and by hand, by no code under test."""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from trafilatura import load_html

_FORM_SEPARATOR = re.compile(r"\s+[-–—‒|·•»«:/]+\s+|\s*[|_｜ㅣ：]\s*|\s+[-–—|:]|[-–—|:]\s+|\.\s+")  # noqa: RUF001
_FORM_METAS = frozenset(("og:title", "twitter:title"))
_SITE_METAS = frozenset(("og:site_name", "application-name", "twitter:site", "publisher"))


def headline_forms(html: bytes, url: str) -> frozenset[str]:
    """Return the h1 elements, headlines in JSON-LD, og:title, twitter:title and `<title>`, folded.

    Of a form that begins or ends with a name of the site, only what is left without it, which is nothing of a logo: cut at a separator, and known from
    metas, JSON-LD's publisher and site, and the host.
    """
    tree = load_html(html)
    if tree is None:
        return frozenset()
    metas = list(_metas(tree))
    things = list(_things(tree))
    forms = [
        *(" ".join(one.itertext()) for one in tree.iter("h1")),
        *(content for name, content in metas if name in _FORM_METAS),
        *(one["headline"] for one in things if isinstance(one.get("headline"), str)),
        *(one.text_content() for one in tree.xpath("//title[not(ancestor::*[local-name()='svg'])]")),
    ]
    sites = {folded(one) for one in _sites(metas, things, url)} - {""}
    return frozenset(folded(_without_site(form, sites)) for form in forms) - sites - {""}


def folded(text: str | None) -> str:
    """Return the letters and digits of a text, case-folded and without character references."""
    return "".join(filter(str.isalnum, unescape(text or "").casefold()))


def _metas(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for one in tree.iter("meta"):
        yield (one.get("property") or one.get("name") or "").strip().lower(), one.get("content") or ""


def _things(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the objects in JSON-LD, at any depth."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            yield from _objects(json.loads(script.text or "", strict=False))
        except ValueError:
            continue


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(one)


def _sites(metas: Iterable[tuple[str, str]], things: Iterable[dict[str, Any]], url: str) -> Iterator[str]:
    yield from (content for name, content in metas if name in _SITE_METAS)
    for one in things:
        kinds = str(one.get("@type"))
        if ("Organization" in kinds or "WebSite" in kinds) and isinstance(one.get("name"), str):
            yield one["name"]
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    yield host
    yield from host.split(".")[:-1]


def _without_site(form: str, sites: Iterable[str]) -> str:
    """Return `form` without the segments at its ends that are a name of the site, so often as there are any."""
    known = set(sites)
    separators = [(0, 0), *(one.span() for one in _FORM_SEPARATOR.finditer(form)), (len(form), len(form))]
    first, last = 0, len(separators) - 1
    while last - first > 1:
        if folded(form[separators[last - 1][1] : separators[last][0]]) in known | {""}:
            last -= 1
        elif folded(form[separators[first][1] : separators[first + 1][0]]) in known | {""}:
            first += 1
        else:
            break
    return form[separators[first][1] : separators[last][0]]

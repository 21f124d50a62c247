"""The authors of a page by an order of trust: the article's node, metas, a visible byline."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tasks.extract.authors.bylines import byline_of
from tasks.extract.authors.names import Found
from tasks.extract.authors.stated import found_in
from tasks.extract.characters import folded
from tasks.extract.statement import Statement, types_of
from tasks.extract.statement.choice import ARTICLE_ENDINGS

#: Metas with names of authors, in the order of trust.
_AUTHOR_METAS = (
    *("author", "article:author", "article:author_name", "og:article:author", "og:author", "parsely-author"),
    *(
        "sailthru.author",
        "byl",
        "byline",
        "citation_author",
        "dc.creator",
        "dcterms.creator",
        "dc.contributor",
    ),
    *("dcsext.author", "cxenseparse:author", "vr:author", "author_name", "twitter:data1"),
)
#: What has the label of `twitter:data1` if that is an author.
_WRITTEN_BY = (
    "written",
    "author",
    "by",
    "von",
    "verfasst",
    "geschrieben",
    "écrit",
    "escrito",
    "autor",
    "scritto",
    "автор",
)
_HAN = re.compile("[\u3400-\u9fff]")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
#: Letters of the shortest name of a site that is looked for in names of authors.
_SHORTEST_SITE = 3


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote an article."""

    #: Persons' names as the page writes them.
    names: tuple[str, ...] = ()
    #: The news agencies that are named.
    agencies: tuple[str, ...] = ()
    #: Whom the page gives as its author, as publishers do: the persons and the agencies beside them; where it names no person,
    #: the organisation and the agencies that it states.
    credited: tuple[str, ...] = ()


def authors_of(statement: Statement) -> Authors:
    """Return the authors of a page.

    The first source with persons counts: the node of the article, metas, the visible byline. Persons of several sources are
    not mixed. Editors in a byline do not count where the page states an organisation as author.
    """
    sites = _folded_sites(statement.site_names)
    return _first_of(_sources(statement, sites))


def authors_in(value: Any, language: str | None, sites: Iterable[str]) -> Authors:
    """Return the authors that a value of a page's data names, such as a string, a thing or a list of them."""
    return _first_of([found_in(value, language, _folded_sites(sites))])


def _first_of(sources: Iterable[Found]) -> Authors:
    """Return the authors that the first source with persons names, else the first one with anything."""
    named: Found | None = None
    agencies: list[str] = []
    for found in sources:
        agencies += found.agencies
        if found.persons and not (found.edited and named is not None):
            credited = (*found.persons, *found.agencies)
            return Authors(_unrepeated(found.persons), _unrepeated(agencies), _unrepeated(credited))
        if named is None and (found.agencies or found.organisations):
            named = found
    credited = (*named.organisations, *named.agencies) if named is not None else ()
    return Authors((), _unrepeated(agencies), _unrepeated(credited))


def _folded_sites(names: Iterable[str]) -> frozenset[str]:
    whole = list(names)
    bare = (_IN_BRACKETS.sub("", one) for one in whole if "(" in one)  # "Deutsche Welle (www.dw.com)"
    return frozenset(name for one in (*whole, *bare) if len(name := folded(one)) >= _SHORTEST_SITE)


def _sources(statement: Statement, sites: Collection[str]) -> Iterator[Found]:
    language = _language_of(statement)
    if statement.article is not None:
        yield found_in(statement.article.get("author"), language, sites)
        yield found_in(statement.article.get("creator"), language, sites)
    else:
        for node in statement.nodes:
            if any(one.endswith(ARTICLE_ENDINGS) for one in types_of(node)) and node.get("author"):
                yield found_in(node["author"], language, sites)
                break
    for name in _AUTHOR_METAS:
        contents = statement.metas.get(name)
        if contents and (name != "twitter:data1" or _is_written_by(statement)):
            yield found_in(list(contents), language, sites)
    yield byline_of(statement, language, sites)


def _language_of(statement: Statement) -> str | None:
    """Return the declared language; Chinese where the headlines are Han without kana, whatever a template declares."""
    declared = statement.language or ""
    if declared.casefold().startswith(("ja", "ko", "zh")):
        return declared
    headlines = "".join(statement.headlines)
    return "zh" if _HAN.search(headlines) and not _KANA_OR_HANGUL.search(headlines) else statement.language


def _is_written_by(statement: Statement) -> bool:
    label = (statement.meta("twitter:label1") or "").casefold()
    return any(one in label for one in _WRITTEN_BY)


def _unrepeated(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({folded(name): name for name in reversed(tuple(names))}.values())[::-1]

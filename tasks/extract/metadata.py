"""The metadata of a page: from its own statement and, where that has nothing, from what trafilatura finds."""

import re
from contextlib import suppress
from importlib import import_module
from typing import Any

from htmldate import find_date
from lxml.etree import XPath
from lxml.html import HtmlElement
from trafilatura.settings import set_date_params

from tasks.extract.fields import ExtractedFields
from tasks.extract.statement import Statement
from tasks.extract.statement.fields import (
    description_of,
    image_of,
    keywords_of,
    page_type_of,
    publisher_of,
    section_of,
    sections_of,
    site_of,
)
from tasks.extract.titles import title_of

#: `metadata.extract_catstags` and `metadata.extract_license`, which `compat.shortcuts` replaces: so by name, not imported.
_METADATA: Any = import_module("trafilatura.metadata")

_LINK_TARGETS = XPath("//a/@href", smart_strings=False)
#: Letters of "category" and "tag" that an address must have for `extract_catstags`, which takes "categories", too.
_STEM = 7

# A UTC offset of 24 hours or more: datetime raises ValueError, and htmldate does not catch it. RFC 3339 allows up to 23:59.
_INVALID_OFFSET = re.compile(r"T[^T]{0,40}[+-](?:2[4-9]|[3-9]\d):?\d\d$")


def metadata_of(statement: Statement) -> ExtractedFields:
    """Return the fields of a page but its text and its links."""
    tree = statement.tree
    keywords = keywords_of(statement)
    categories = sections_of(statement) or _linked("category", tree)
    section = section_of(statement)
    return ExtractedFields(
        text="",
        title=title_of(statement),
        author=_author(statement),
        date=_date(statement),
        site=site_of(statement),
        publisher=publisher_of(statement),
        section=section or next(iter(categories), None),
        keywords=keywords,
        declared_language=statement.language,
        description=description_of(statement),
        image=image_of(statement),
        categories=categories,
        tags=keywords or _linked("tag", tree),
        page_type=page_type_of(statement),
        license=_METADATA.extract_license(tree),
    )


def _author(statement: Statement) -> str | None:
    """Return the authors that trafilatura finds, separated by "; ": those of JSON-LD, of metas, of a byline."""
    found = _METADATA.examine_meta(statement.tree)
    if found.author and " " not in found.author:
        found.author = None
    with suppress(
        Exception
    ):  # of any kind, by JSON-LD with other types than trafilatura expects; it logs them
        found = _METADATA.extract_meta_json(statement.tree, found)
    author = found.author or _METADATA.extract_author(statement.tree)
    return author if isinstance(author, str) else None


def _date(statement: Statement) -> str | None:
    """Return the day that htmldate finds; dates that make it raise ValueError are removed first."""
    tree, url = statement.tree, statement.url
    try:
        return _day(_found_date(tree, url), tree, url)
    except ValueError:
        for element in tree.iter("meta", "time"):
            for name in ("content", "datetime"):
                if _INVALID_OFFSET.search(element.get(name, "")):
                    del element.attrib[name]
        return _day(_found_date(tree, url), tree, url)


def _found_date(tree: HtmlElement, url: str) -> str | None:
    date: str | None = find_date(tree, **set_date_params(), url=url)
    return date


def _day(date: str | None, tree: HtmlElement, url: str) -> str | None:
    """Return `date`, None for a 1 January that is not in the markup.

    htmldate's extensive search turns a year alone, as in a copyright notice, into its first day.
    """
    if date and date.endswith("-01-01"):
        marked: str | None = find_date(tree, extensive_search=False, original_date=True, url=url)
        return date if marked == date else None
    return date


def _linked(kind: str, tree: HtmlElement) -> tuple[str, ...]:
    """Return the categories or tags that the page links to; most pages have no such link, and need no search for it."""
    if not any(f"/{kind[:_STEM]}" in address for address in _LINK_TARGETS(tree)):
        return ()
    return tuple(value for value in _METADATA.extract_catstags(kind, tree) if isinstance(value, str))

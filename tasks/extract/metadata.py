"""The metadata of a page: from its own statement and, where that has nothing, from what trafilatura finds."""

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

import trafilatura
from htmldate import find_date
from lxml.html import HtmlElement
from trafilatura.settings import Document

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

# A UTC offset of 24 hours or more: datetime raises ValueError, and htmldate does not catch it. RFC 3339 allows up to 23:59.
_INVALID_OFFSET = re.compile(r"T[^T]{0,40}[+-](?:2[4-9]|[3-9]\d):?\d\d$")


class _Found(NamedTuple):
    author: str | None
    date: str | None


def metadata_of(statement: Statement) -> ExtractedFields:
    """Return the fields of a page but its text and its links."""
    tree = statement.tree
    found = _authors_and_date(statement)
    keywords = keywords_of(statement)
    categories = sections_of(statement) or _strings(_METADATA.extract_catstags("category", tree))
    section = section_of(statement)
    return ExtractedFields(
        text="",
        title=title_of(statement),
        author=found.author,
        date=found.date,
        site=site_of(statement),
        publisher=publisher_of(statement),
        section=section or next(iter(categories), None),
        keywords=keywords,
        declared_language=statement.language,
        description=description_of(statement),
        image=image_of(statement),
        categories=categories,
        tags=keywords or _strings(_METADATA.extract_catstags("tag", tree)),
        page_type=page_type_of(statement),
        license=_METADATA.extract_license(tree),
    )


def _authors_and_date(statement: Statement) -> _Found:
    found = _document(statement.tree, statement.url)
    author = found.author if isinstance(found.author, str) else None
    return _Found(author, _day(found.date, statement.tree, statement.url))


def _document(tree: HtmlElement, url: str) -> Document:
    """Return trafilatura's metadata; dates that make htmldate raise ValueError are removed first."""
    try:
        return trafilatura.extract_metadata(tree, default_url=url)
    except ValueError:
        for element in tree.iter("meta", "time"):
            for name in ("content", "datetime"):
                if _INVALID_OFFSET.search(element.get(name, "")):
                    del element.attrib[name]
        return trafilatura.extract_metadata(tree, default_url=url)


def _day(date: str | None, tree: HtmlElement, url: str) -> str | None:
    """Return `date`, None for a 1 January that is not in the markup.

    htmldate's extensive search turns a year alone, as in a copyright notice, into its first day.
    """
    if date and date.endswith("-01-01"):
        marked: str | None = find_date(tree, extensive_search=False, original_date=True, url=url)
        return date if marked == date else None
    return date


def _strings(values: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if isinstance(value, str))

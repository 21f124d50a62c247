"""The metadata of a page: from its own statement and, where that has nothing, from what trafilatura finds."""

from datetime import datetime
from importlib import import_module
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extract.authors import authors_of
from tasks.extract.dates import dates_of
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


def metadata_of(statement: Statement, fetched: datetime | None = None) -> ExtractedFields:
    """Return the fields of a page but its text and its links. `fetched` is when it was, with a zone; by default, now."""
    tree = statement.tree
    authors, dates = authors_of(statement), dates_of(statement, fetched)
    keywords = keywords_of(statement)
    categories = sections_of(statement) or _linked("category", tree)
    section = section_of(statement)
    return ExtractedFields(
        text="",
        title=title_of(statement),
        author="; ".join(authors.credited),
        authors=authors.names,
        agency="; ".join(authors.agencies),
        published_stated=dates.published.value if dates.published else None,
        modified_stated=dates.modified.value if dates.modified else None,
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


def _linked(kind: str, tree: HtmlElement) -> tuple[str, ...]:
    """Return the categories or tags that the page links to; most pages have no such link, and need no search for it."""
    if not any(f"/{kind[:_STEM]}" in address for address in _LINK_TARGETS(tree)):
        return ()
    return tuple(value for value in _METADATA.extract_catstags(kind, tree) if isinstance(value, str))

"""The copies of a story: the original article, and its exact and near-duplicates."""

from typing import Any

import msgspec
from sqlalchemy.engine import RowMapping

from tasks.url_keys import UrlKeys
from workers.inspect.story import identify
from workers.store.store import Store
from workers.times import iso


class Member(msgspec.Struct, frozen=True):
    """One article of a cluster."""

    url: str
    #: `original`, `exact` or `near`, and the URL of the article that it is a copy of.
    kind: str
    copy_of: str | None = None
    #: Similarity of the two, 0 to 1.
    score: float | None = None
    title: str | None = None
    #: ISO 8601, None for an original that has no row yet.
    settled_at: str | None = None


def cluster_of(store: Store, text: str, keys: UrlKeys) -> list[Member]:
    """Return the cluster of a URL, article id or document, the original first; empty if it is not settled.

    `keys` give a URL its id. Raises UserError if `text` is no URL.
    """
    row = store.row(identify(text, keys)[0])
    if row is None:
        return []
    first = _original(store, row, keys)
    members = {first.url: first}
    new = [first.url]
    while new:
        found = {row["url"]: _member(row) for row in store.duplicates_of(new) if row["url"] not in members}
        members |= found
        new = list(found)
    return list(members.values())


def _original(store: Store, row: RowMapping, keys: UrlKeys) -> Member:
    """Return the article at the end of the row's links, normally its first one."""
    passed = {row["url"]}
    while original := row["duplicate_of"] or row["near_duplicate_of"]:
        if original in passed:
            break
        passed.add(original)
        above = store.row(keys.id_of_request(original))
        if above is None:
            return Member(original, "original")
        row = above
    return msgspec.structs.replace(_member(row), kind="original", copy_of=None, score=None)


def _member(row: RowMapping) -> Member:
    record: dict[str, Any] = row["record"]
    return Member(
        url=row["url"],
        kind="exact" if row["duplicate_of"] else "near",
        copy_of=row["duplicate_of"] or row["near_duplicate_of"],
        score=1.0 if row["duplicate_of"] else record.get("near_score"),
        title=record.get("title"),
        settled_at=iso(row["settled_at"]),
    )

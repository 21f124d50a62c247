"""An article as a row: which fields have a column of their own, and which are in the `record`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.engine import RowMapping

from tasks.article import Article, Outcome
from tasks.pipeline import version_names
from workers.store.schema import articles

#: Fields of an article that are not in the `record`: they have a column, or are of no use once it is settled.
_NOT_IN_RECORD = frozenset(
    (
        *("id", "url", "token", "again", "submitted_at", "html", "language", "language_confidence", "added"),
        *("content_id", "duplicate_of", "near_duplicate_of", "versions", "timings", "outcome", "reason"),
    )
)
_ARTICLES_OWN = frozenset(field.encode_name for field in msgspec.structs.fields(Article))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an article ended; with the article itself, one row."""

    outcome: Outcome
    stage: str
    reason: str | None = None
    detail: str | None = None
    attempts: int = 1
    deferrals: int = 0
    history: tuple[dict[str, Any], ...] = ()
    #: Seconds since the epoch; None is the time of the writing, by the database's clock.
    settled_at: float | None = None


def record_of(article: Article) -> dict[str, Any]:
    """Return the article's fields that have no column of their own, as JSON types.

    The fields that stages have added, and the versions without a column, are among them under their names.
    """
    fields: dict[str, Any] = msgspec.to_builtins(article.evolve(html=None))
    own = {name: value for name, value in fields.items() if name not in _NOT_IN_RECORD}
    versions = {name: value for name, value in article.versions.items() if name not in articles.c}
    return {**own, **article.added, **versions}


def row_of(article: Article, host: str, result: Result) -> dict[str, Any]:
    """Return the row of an article that ended like this."""
    versions = {name: article.versions.get(name) for name in version_names() if name in articles.c}
    return {
        "id": article.id,
        "url": article.url,
        "host": host,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "detail": result.detail,
        "stage": result.stage,
        "attempts": result.attempts,
        "deferrals": result.deferrals,
        "token": article.token,
        "submitted_at": datetime.fromtimestamp(article.submitted_at, UTC),
        "settled_at": None if result.settled_at is None else datetime.fromtimestamp(result.settled_at, UTC),
        "language": article.language,
        "language_confidence": article.language_confidence,
        "content_id": article.content_id,
        "duplicate_of": article.duplicate_of,
        "near_duplicate_of": article.near_duplicate_of,
        **versions,
        "timings": article.timings,
        "history": list(result.history),
        "record": record_of(article),
    }


def article_of(row: RowMapping) -> Article:
    """Return the article of a row, without its page; msgspec.ValidationError where a field has a wrong type."""
    record = row["record"]
    noted = {name: row[name] if name in row else record.get(name) for name in version_names()}
    versions = {name: value for name, value in noted.items() if value and name not in _ARTICLES_OWN}
    return msgspec.convert(
        {
            **{name: value for name, value in record.items() if name in _ARTICLES_OWN},
            **{name: row[name] for name in _NOT_IN_RECORD if name in row and name != "reason"},
            "added": {
                name: value
                for name, value in record.items()
                if name not in _ARTICLES_OWN and name not in versions
            },
            "submitted_at": row["submitted_at"].timestamp(),
            "versions": versions,
        },
        Article,
    )

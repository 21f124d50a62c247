"""The store: one row a URL, in SQLite or PostgreSQL by the same code.

A write carries the fencing token of the attempt that makes it; a row of a newer attempt is never overwritten
by an older one. Local documents wait here, too, until their article is settled.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Engine,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    delete,
    event,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from tasks.article import Article, Outcome

metadata = MetaData()


class _UtcDateTime(TypeDecorator[datetime]):
    """A point in time in UTC: SQLite keeps no time zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


_Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

#: One row a URL that is settled.
articles = Table(
    "articles",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(32)),
    Column("detail", Text),
    #: The stage that the article ended in.
    Column("stage", String(32), nullable=False),
    #: Starts that did not end well, and the last one.
    Column("attempts", Integer, nullable=False),
    Column("deferrals", Integer, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("submitted_at", _UtcDateTime, nullable=False),
    Column("settled_at", _UtcDateTime, nullable=False),
    Column("language", String(16)),
    Column("language_confidence", Float),
    Column("content_id", String(32)),
    Column("duplicate_of", Text),
    Column("near_duplicate_of", Text),
    Column("extractor", String(128)),
    Column("detector", String(128)),
    Column("tagger", String(128)),
    Column("taxonomy", String(128)),
    #: Milliseconds of each stage.
    Column("timings", _Json, nullable=False),
    #: What happened on the way besides going straight through (workers/frontier.py, Event).
    Column("history", _Json, nullable=False),
    #: The article's other fields, its text among them.
    Column("record", _Json, nullable=False),
    Index("articles_by_outcome", "outcome", "settled_at"),
    Index("articles_by_time", "settled_at", "id"),
    Index("articles_by_host", "host"),
    Index("articles_by_original", "duplicate_of"),
    Index("articles_by_near_original", "near_duplicate_of"),
)

#: Local documents that were submitted and are not settled yet, zstd.
documents = Table(
    "documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

#: Fields of an article that have a column of their own, or none: they are not repeated in `record`.
_COLUMNS = frozenset(
    (
        *("id", "url", "token", "again", "submitted_at", "html", "language", "language_confidence"),
        *("content_id", "duplicate_of", "near_duplicate_of", "versions", "timings", "outcome"),
    )
)


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
    #: Seconds since the epoch.
    settled_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows; everything that is not None must hold."""

    outcome: Outcome | None = None
    reason: str | None = None
    stage: str | None = None
    language: str | None = None
    host: str | None = None
    #: Id or label of a topic, or the beginning of a label.
    topic: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: The version of one of its stages, or how it begins; and one that none of its stages may have had.
    made_by: str | None = None
    not_made_by: str | None = None


class Store:
    """Rows of settled articles. Methods raise sqlalchemy.exc.DBAPIError where the database is not there."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._upsert = _upsert(self.engine.dialect.name)

    def create(self) -> None:
        """Make the tables where they are missing; safe to call from many processes at once."""
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                # Two CREATE TABLE IF NOT EXISTS at once can still collide in PostgreSQL's catalogue.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7310211)")
            # Not create_all: it looks first and creates then, and two processes may look at the same time.
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def write(self, article: Article, host: str, result: Result) -> bool:
        """Write the article's row, unless a newer attempt has; True where the row is this attempt's."""
        # RETURNING, since psycopg's row count of an upsert is -1 here.
        with self.engine.begin() as connection:
            return connection.execute(self._upsert, _row(article, host, result)).first() is not None

    def row(self, article_id: str) -> RowMapping | None:
        """Return the row of an article, None where it is not settled."""
        with self.engine.connect() as connection:
            found = connection.execute(select(articles).where(articles.c.id == article_id)).mappings()
            return found.first()

    def last(self, article_id: str) -> Article | None:
        """Return the article as it was enriched, or found to be a duplicate, last (tasks.fetch.Rows)."""
        row = self.row(article_id)
        if row is None or row["outcome"] not in {Outcome.ENRICHED, Outcome.DUPLICATE}:
            return None
        try:
            return article_of(row)
        except msgspec.ValidationError:  # another version of newsmill has written it
            return None

    def outcome_of(self, article: Article) -> Outcome | None:
        """Return the outcome that an attempt at this submission of the article has already written, if any.

        Not only the attempt that asks: a row whose writer died before it released the lease is found by the
        attempt after it. An earlier submission's row (`--again`) has another time.
        """
        submitted_at = datetime.fromtimestamp(article.submitted_at, UTC)
        query = select(articles.c.outcome).where(
            articles.c.id == article.id, articles.c.submitted_at == submitted_at
        )
        with self.engine.connect() as connection:
            value = connection.execute(query).scalar()
            return Outcome(value) if value else None

    def url_of(self, article_id: str) -> str | None:
        """Return the URL of a settled article."""
        with self.engine.connect() as connection:
            return connection.execute(select(articles.c.url).where(articles.c.id == article_id)).scalar()

    def rows(self, filter_: Filter | None = None, limit: int | None = None) -> Iterator[RowMapping]:
        """Yield rows that pass the filter, in the order they were settled, streamed."""
        filter_ = filter_ or Filter()
        query = select(articles).where(*_conditions(filter_)).order_by(articles.c.settled_at, articles.c.id)
        left = limit
        with (
            self.engine.connect().execution_options(yield_per=500) as connection,
            connection.execute(query) as found,
        ):
            for row in found.mappings():
                if filter_.topic and not _has_topic(row["record"].get("topics", ()), filter_.topic):
                    continue
                if left is not None:
                    if left <= 0:
                        return
                    left -= 1
                yield row

    def copies_of(self, urls: Collection[str]) -> list[tuple[str, str]]:
        """Return URL of the original and URL of the copy for each exact copy of one of `urls`."""
        query = select(articles.c.duplicate_of, articles.c.url).where(articles.c.duplicate_of.in_(urls))
        with self.engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def duplicates_of(self, urls: Collection[str]) -> list[RowMapping]:
        """Return the rows of the exact and the near duplicates of any of `urls`, in the order they were settled."""
        of = articles.c.duplicate_of.in_(urls) | articles.c.near_duplicate_of.in_(urls)
        with self.engine.connect() as connection:
            return list(
                connection.execute(select(articles).where(of).order_by(articles.c.settled_at)).mappings()
            )

    def tally(self) -> list[tuple[str, str | None, int]]:
        """Return outcome, reason and how many rows have them, most first."""
        columns = (articles.c.outcome, articles.c.reason)
        query = select(*columns, func.count()).group_by(*columns)
        with self.engine.connect() as connection:
            counted = [(row[0], row[1], row[2]) for row in connection.execute(query)]
        return sorted(counted, key=lambda row: (-row[2], row[0], row[1] or ""))

    def dead(self, filter_: Filter) -> list[tuple[str, str, str, int]]:
        """Return reason, stage, host and count of the failed rows that pass the filter, most first."""
        columns = (articles.c.reason, articles.c.stage, articles.c.host)
        conditions = (*_conditions(filter_), articles.c.outcome == Outcome.FAILED)
        query = select(*columns, func.count()).where(*conditions).group_by(*columns)
        with self.engine.connect() as connection:
            counted = [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
        return sorted(counted, key=lambda row: (-row[3], *row[:3]))

    def put_document(self, article_id: str, body: bytes) -> None:
        """Keep a local document until its article is settled; a newer one takes its place."""
        dialect = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(documents).values(id=article_id, body=zstandard.compress(body))
        upsert = insert.on_conflict_do_update(index_elements=["id"], set_={"body": insert.excluded.body})
        with self.engine.begin() as connection:
            connection.execute(upsert)

    def load(self, article_id: str) -> bytes:
        """Return a local document (tasks.fetch.Documents); LookupError where there is none."""
        with self.engine.connect() as connection:
            body = connection.execute(select(documents.c.body).where(documents.c.id == article_id)).scalar()
        if body is None:
            raise LookupError(f"no document for article {article_id}: submit it again")
        return zstandard.decompress(body)

    def drop_document(self, article_id: str) -> None:
        """Forget a local document."""
        with self.engine.begin() as connection:
            connection.execute(delete(documents).where(documents.c.id == article_id))


def record_of(article: Article) -> dict[str, Any]:
    """Return the article's fields that have no column of their own, as JSON types."""
    fields: dict[str, Any] = msgspec.to_builtins(article.evolve(html=None))
    return {name: value for name, value in fields.items() if name not in _COLUMNS}


def article_of(row: RowMapping) -> Article:
    """Return the article that a row was made of, but for its page; msgspec.ValidationError if it was made of none."""
    made_by = ("extractor", "detector", "tagger", "taxonomy")
    return msgspec.convert(
        {
            **row["record"],
            **{name: row[name] for name in _COLUMNS if name in row},
            "submitted_at": row["submitted_at"].timestamp(),
            "versions": {name: row[name] for name in made_by if row[name]},
        },
        Article,
    )


def _upsert(dialect: str) -> Any:
    """Return the statement that writes a row. Made once: SQLAlchemy takes 2 ms to make and to recognise it again."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(articles)
    upsert = insert.on_conflict_do_update(
        index_elements=[articles.c.id],
        set_={name: column for name, column in insert.excluded.items() if name != "id"},
        where=articles.c.token <= insert.excluded.token,
    )
    return upsert.returning(articles.c.id)


def _row(article: Article, host: str, result: Result) -> dict[str, Any]:
    versions = article.versions
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
        "settled_at": datetime.fromtimestamp(result.settled_at, UTC),
        "language": article.language,
        "language_confidence": article.language_confidence,
        "content_id": article.content_id,
        "duplicate_of": article.duplicate_of,
        "near_duplicate_of": article.near_duplicate_of,
        "extractor": versions.get("extractor"),
        "detector": versions.get("detector"),
        "tagger": versions.get("tagger"),
        "taxonomy": versions.get("taxonomy"),
        "timings": article.timings,
        "history": list(result.history),
        "record": record_of(article),
    }


def _conditions(filter_: Filter) -> list[Any]:
    equal = {"outcome", "reason", "stage", "language", "host"}
    conditions = [
        articles.c[name] == value for name in sorted(equal) if (value := getattr(filter_, name)) is not None
    ]
    if filter_.since:
        conditions.append(articles.c.settled_at >= filter_.since)
    if filter_.until:
        conditions.append(articles.c.settled_at < filter_.until)
    if filter_.made_by is not None:
        conditions.append(_made_by(filter_.made_by))
    if filter_.not_made_by is not None:
        conditions.append(~_made_by(filter_.not_made_by))
    return conditions


def _made_by(version: str) -> Any:
    """Return the condition that the version of one of the article's stages begins with `version`."""
    columns = (articles.c[name] for name in ("extractor", "detector", "tagger", "taxonomy"))
    versions = (*columns, articles.c.record["deduper"].as_string())
    return or_(*(func.coalesce(one, "").startswith(version, autoescape=True) for one in versions))


def _has_topic(topics: Any, wanted: str) -> bool:
    wanted = wanted.casefold()
    return any(one["id"] == wanted or one["label"].casefold().startswith(wanted) for one in topics)


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, json_serializer=_dumps, pool_pre_ping=True, pool_size=4, max_overflow=32)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, json_serializer=_dumps, json_deserializer=msgspec.json.decode)
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _tune_sqlite(connection: Any, _: Any) -> None:
    """Let many processes write: WAL, and wait for each other's commits up to 30 s."""
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """Yield a store whose tables exist; closed at the end."""
    store = Store(url)
    try:
        store.create()
        yield store
    finally:
        store.close()

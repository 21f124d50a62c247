"""The tables of this version of newsmill; migrations/ makes them."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


class _UtcDateTime(TypeDecorator[datetime]):
    """A point in time in UTC. SQLite stores no time zone, so reading adds it."""

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
    #: What happened on the way besides going straight through (workers/ledger/entries.py, Event).
    Column("history", _Json, nullable=False),
    #: The article's other fields, its text among them.
    Column("record", _Json, nullable=False),
    Index("articles_by_outcome", "outcome", "settled_at"),
    Index("articles_by_time", "settled_at", "id"),
    Index("articles_by_host", "host"),
    # By their hash: PostgreSQL has no room in a tree for a URL of more than 2,704 bytes.
    Index("articles_by_original", "duplicate_of", postgresql_using="hash"),
    Index("articles_by_near_original", "near_duplicate_of", postgresql_using="hash"),
)

#: Local documents that were submitted and are not settled yet, zstd.
documents = Table(
    "documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

#: The position up to which each source was read (workers/sources/source.py).
cursors = Table(
    "cursors",
    metadata,
    Column("source", Text, primary_key=True),
    Column("position", Text, nullable=False),
    Column("updated_at", _UtcDateTime, nullable=False),
)

#: The store's own id (identity.py), in the one row that there can be.
store_identity = Table(
    "store_identity",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False),
    Column("created_at", _UtcDateTime, nullable=False),
    #: The version of the keys that the articles' ids were made with (tasks/url_keys.py); null for those of an older newsmill.
    Column("url_keys", String(16)),
)

#: Ids that articles had before their keys changed, and those that they have now (rekey.py).
former_ids = Table(
    "former_ids",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("now", String(32), nullable=False),
    Index("former_ids_by_now", "now"),
)

#: The ledgers that the store has worked with.
ledgers = Table(
    "ledgers",
    metadata,
    Column("id", String(32), primary_key=True),
    #: A masked URL, or a path.
    Column("name", Text, nullable=False),
    Column("first_seen", _UtcDateTime, nullable=False),
    Column("last_seen", _UtcDateTime, nullable=False),
)

#: The last change of each article, by triggers of the articles (changes.py). One without an article was deleted.
changes = Table(
    "changes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", BigInteger, nullable=False),
    #: That of the row, or of the row that was deleted.
    Column("token", BigInteger, nullable=False),
    Index("changes_by_number", "number", "id"),
)

#: What the numbers of changes count from, in the one row that there can be (changes.py).
change_numbers = Table(
    "change_numbers",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("base", BigInteger, nullable=False),
)

#: The steps of migrations/ that were applied; the highest is the store's version.
migrations = Table(
    "schema_migrations",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", _UtcDateTime, nullable=False),
)

"""A store as the first release made it, with rows in it: tables by its own statements, no version noted."""

from collections.abc import Iterable

from sqlalchemy import Engine

from workers.store.engine import engine_for

_TABLES = """
CREATE TABLE articles (
    id VARCHAR(32) NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    reason VARCHAR(32),
    detail TEXT,
    stage VARCHAR(32) NOT NULL,
    attempts INTEGER NOT NULL,
    deferrals INTEGER NOT NULL,
    token BIGINT NOT NULL,
    submitted_at {time} NOT NULL,
    settled_at {time} NOT NULL,
    language VARCHAR(16),
    language_confidence FLOAT,
    content_id VARCHAR(32),
    duplicate_of TEXT,
    near_duplicate_of TEXT,
    extractor VARCHAR(128),
    detector VARCHAR(128),
    tagger VARCHAR(128),
    taxonomy VARCHAR(128),
    timings {json} NOT NULL,
    history {json} NOT NULL,
    record {json} NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS articles_by_time ON articles (settled_at, id);
CREATE INDEX IF NOT EXISTS articles_by_original ON articles (duplicate_of);
CREATE INDEX IF NOT EXISTS articles_by_near_original ON articles (near_duplicate_of);
CREATE INDEX IF NOT EXISTS articles_by_host ON articles (host);
CREATE INDEX IF NOT EXISTS articles_by_outcome ON articles (outcome, settled_at);
CREATE TABLE IF NOT EXISTS documents (
    id VARCHAR(32) NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (id)
)
"""
_TYPES = {
    "sqlite": {"time": "DATETIME", "json": "JSON", "bytes": "BLOB"},
    "postgresql": {"time": "TIMESTAMP WITH TIME ZONE", "json": "JSONB", "bytes": "BYTEA"},
}

ENRICHED = "fe7f5b5e13bcfe92a439b98c61b8c7d0"
FAILED = "5d6d3eed94ef0cf91e0ce931a2d01e4c"
DUPLICATE = "8eb92e2dd64ee379117ce6c0437ff680"
DOCUMENT = "d" * 32

_RECORD = (
    '{"source":{"desk":"Süd","row":3},"final_url":"http://a.test/2","status":200,"content_type":"text/html",'
    '"charset":"utf-8","etag":"\\"x\\"","last_modified":"Tue, 14 Nov 2023 20:00:00 GMT","opt_outs":["noai"],'
    '"fetched_at":1700000010.5,"title":"A title \N{NEWSPAPER}","author":"A. Author","date":"2025-04-16","site":"A",'
    '"description":"About it","image":"http://a.test/i.png","categories":["one","two"],"tags":["t"],'
    '"page_type":"article","license":"CC BY","text":"First.\\nSecond \U0001f30d line\u2028end.",'
    '"language_detector":"langdetect","script":"Hans","near_score":0.92,"deduper":"minhash-1",'
    '"topics":[{"id":"medtop:15000000","label":"sport","score":0.9}],"tagger_version":"gazetteer-1",'
    '"taxonomy_release":"2025-01"}'
)
_ROWS = (
    (
        f"INSERT INTO articles VALUES ('{ENRICHED}', 'http://a.test/1', 'a.test', 'enriched', NULL, NULL, 'tag_topics', 2, 1, "
        "1700000000000001, '2023-11-14 22:13:20.123000{utc}', '2023-11-14 22:14:20.500000{utc}', 'zh-cn', 0.75, "
        f"'{'c' * 32}', NULL, 'http://b.test/1', 'trafilatura/2.0', 'langdetect/1', 'gazetteer-1', '2025-01', "
        """'{{"fetch":12.5,"extract":3.25}}', '[{{"at":1,"event":"later","reason":"server_error"}}]', '{record}')"""
    ),
    (
        f"INSERT INTO articles VALUES ('{FAILED}', 'http://b.test/x', 'b.test', 'failed', 'crashed', "
        "'its worker died or was killed 3 times', 'extract', 3, 0, 1700000000000002, '2023-11-14 22:13:20.123000{utc}', "
        "'2023-11-14 22:14:30.000000{utc}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{{}}', '[]', '{{}}')"
    ),
    (
        f"INSERT INTO articles VALUES ('{DUPLICATE}', 'http://c.test/d', 'c.test', 'duplicate', NULL, NULL, 'dedupe', 1, 0, "
        "1700000000000003, '2023-11-14 22:13:20.123000{utc}', '2023-11-14 22:14:40.000000{utc}', NULL, NULL, "
        f"'{'c' * 32}', 'http://a.test/1', NULL, NULL, NULL, NULL, NULL, "
        """'{{"fetch":1.0}}', '[]', '{{"title":"Copy"}}')"""
    ),
    f"INSERT INTO documents VALUES ('{DOCUMENT}', {{waiting}})",
)
#: "<p>waiting", zstd.
_WAITING = {
    "sqlite": "X'28B52FFD200A5100003C703E77616974696E67'",
    "postgresql": r"'\x28B52FFD200A5100003C703E77616974696E67'",
}

#: What the first release's `export` says of these rows, without what is null or empty.
EXPORTED = [
    {
        "id": ENRICHED,
        "url": "http://a.test/1",
        "outcome": "enriched",
        "stage": "tag_topics",
        "attempts": 2,
        "deferrals": 1,
        "submitted_at": "2023-11-14T22:13:20Z",
        "settled_at": "2023-11-14T22:14:20Z",
        "host": "a.test",
        "title": "A title \N{NEWSPAPER}",
        "author": "A. Author",
        "authors": ["A. Author"],
        "date": "2025-04-16",
        "day": "2025-04-16",
        "site": "A",
        "description": "About it",
        "image": "http://a.test/i.png",
        "categories": ["one", "two"],
        "tags": ["t"],
        "page_type": "article",
        "license": "CC BY",
        "text": "First.\nSecond \U0001f30d line\u2028end.",
        "language": "zh-cn",
        "language_confidence": 0.75,
        "language_detector": "langdetect",
        "script": "Hans",
        "content_id": "c" * 32,
        "near_duplicate_of": "http://b.test/1",
        "near_score": 0.92,
        "deduper": "minhash-1",
        "topics": [{"id": "medtop:15000000", "label": "sport", "score": 0.9}],
        "tagger_version": "gazetteer-1",
        "taxonomy_release": "2025-01",
        "final_url": "http://a.test/2",
        "status": 200,
        "content_type": "text/html",
        "charset": "utf-8",
        "etag": '"x"',
        "last_modified": "Tue, 14 Nov 2023 20:00:00 GMT",
        "opt_outs": ["noai"],
        "fetched_at": "2023-11-14T22:13:30Z",
        "extractor": "trafilatura/2.0",
        "detector": "langdetect/1",
        "tagger": "gazetteer-1",
        "taxonomy": "2025-01",
        "source": {"desk": "Süd", "row": 3},
        "timings": {"fetch": 12.5, "extract": 3.25},
        "history": [{"at": 1, "event": "later", "reason": "server_error"}],
    },
    {
        "id": FAILED,
        "url": "http://b.test/x",
        "outcome": "failed",
        "reason": "crashed",
        "detail": "its worker died or was killed 3 times",
        "stage": "extract",
        "attempts": 3,
        "deferrals": 0,
        "submitted_at": "2023-11-14T22:13:20Z",
        "settled_at": "2023-11-14T22:14:30Z",
        "host": "b.test",
    },
    {
        "id": DUPLICATE,
        "url": "http://c.test/d",
        "outcome": "duplicate",
        "stage": "dedupe",
        "attempts": 1,
        "deferrals": 0,
        "submitted_at": "2023-11-14T22:13:20Z",
        "settled_at": "2023-11-14T22:14:40Z",
        "host": "c.test",
        "title": "Copy",
        "content_id": "c" * 32,
        "duplicate_of": "http://a.test/1",
        "timings": {"fetch": 1.0},
    },
]


def make_old_store(url: str) -> None:
    """Make the tables and the rows in an empty database."""
    engine = engine_for(url)
    try:
        make_old_tables(engine)
        _run(engine, (one.format(**_values(engine)) for one in _ROWS))
    finally:
        engine.dispose()


def make_old_tables(engine: Engine) -> None:
    """Make the tables in an empty database."""
    _run(engine, _TABLES.format(**_TYPES[engine.dialect.name]).split(";"))


def _run(engine: Engine, statements: Iterable[str]) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _values(engine: Engine) -> dict[str, str]:
    dialect = engine.dialect.name
    return {"record": _RECORD, "utc": "+00" if dialect == "postgresql" else "", "waiting": _WAITING[dialect]}

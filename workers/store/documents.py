"""Local documents that wait to be enriched. They are in the database, since a backlog of them must not fill Redis."""

import zstandard
from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from workers.store.schema import documents


class Documents:
    """tasks.fetch.fetchers.Documents in the store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, article_id: str, body: bytes) -> None:
        """Store a document until its article is settled. It replaces an older one."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(documents).values(id=article_id, body=zstandard.compress(body))
        upsert = insert.on_conflict_do_update(index_elements=["id"], set_={"body": insert.excluded.body})
        with self._engine.begin() as connection:
            connection.execute(upsert)

    def load(self, article_id: str) -> bytes:
        """Return a document; LookupError where there is none."""
        query = select(documents.c.body).where(documents.c.id == article_id)
        with self._engine.connect() as connection:
            body = connection.execute(query).scalar()
        if body is None:
            raise LookupError(f"no document for article {article_id}: submit it again")
        return zstandard.decompress(body)

    def drop(self, article_id: str) -> None:
        """Delete a document."""
        with self._engine.begin() as connection:
            connection.execute(delete(documents).where(documents.c.id == article_id))

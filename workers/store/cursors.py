"""Up to where each source was read, so that the next reading begins there."""

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from workers.store.clock import clock_of
from workers.store.schema import cursors


class Cursors:
    """A cursor has the name of a source and the position up to which it was read. Only the source knows what that means."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, source: str) -> str | None:
        """Return the position of a source, None for one that was never read."""
        with self._engine.connect() as connection:
            return connection.execute(select(cursors.c.position).where(cursors.c.source == source)).scalar()

    def put(self, source: str, position: str) -> None:
        """Set the position of a source."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        values = {"position": position, "updated_at": clock_of(self._engine.dialect.name)}
        insert = dialect.insert(cursors).values(source=source, **values)
        upsert = insert.on_conflict_do_update(index_elements=["source"], set_=values)
        with self._engine.begin() as connection:
            connection.execute(upsert)

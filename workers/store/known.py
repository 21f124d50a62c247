"""Which articles the store knows, asked for many ids at once."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, FromClause, inspect, select

from tasks.article import Outcome
from workers.store.schema import changes


class Known:
    """What the store knows of ids. Raises sqlalchemy.exc.DBAPIError where the database cannot be used."""

    def __init__(self, engine: Engine, articles: FromClause) -> None:
        self._engine = engine
        self._articles = articles
        #: Whether it knows what was deleted; False before it was asked, and for a store of an older version.
        self.notes_changes = False

    def outcomes(self, ids: Sequence[str]) -> Mapping[str, Outcome | None]:
        """Return the outcome of each article that has a row, and None for one whose row was deleted.

        Some 3 ms for 500 ids. A store of an older version does not note what was deleted.
        """
        with self._engine.connect() as connection:
            if not self.notes_changes:
                self.notes_changes = inspect(connection).has_table(changes.name)
            rows = self._articles
            if self.notes_changes:
                both = changes.outerjoin(rows, rows.c.id == changes.c.id)
                query = select(changes.c.id, rows.c.outcome).select_from(both).where(changes.c.id.in_(ids))
            else:
                query = select(rows.c.id, rows.c.outcome).where(rows.c.id.in_(ids))
            return {id_: Outcome(outcome) if outcome else None for id_, outcome in connection.execute(query)}

    def contents(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """Return id and content id of those of the articles that are enriched."""
        rows = self._articles
        enriched = rows.c.id.in_(ids), rows.c.outcome == Outcome.ENRICHED, rows.c.content_id.is_not(None)
        with self._engine.connect() as connection:
            found = connection.execute(select(rows.c.id, rows.c.content_id).where(*enriched))
            return [(id_, content) for id_, content in found]

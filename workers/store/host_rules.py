"""What commands have said of hosts, so that a Redis that was emptied learns it again.

The rules stand in the table of cursors, under names that no source has: it is the store's table of names and values.
"""

from sqlalchemy import Engine, delete, select

from workers.store.cursors import Cursors
from workers.store.schema import cursors

_PREFIX = "newsmill host rule: "


class StoredHostRules:
    """Rules as JSON, by name. Each call may raise sqlalchemy.exc.DBAPIError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> dict[str, str]:
        """Return all rules."""
        wanted = select(cursors.c.source, cursors.c.position).where(
            cursors.c.source.startswith(_PREFIX, autoescape=True)
        )
        with self._engine.connect() as connection:
            return {source.removeprefix(_PREFIX): text for source, text in connection.execute(wanted)}

    def put(self, name: str, text: str | None) -> None:
        """Keep a rule; None deletes it."""
        if text is not None:
            Cursors(self._engine).put(_PREFIX + name, text)
            return
        with self._engine.begin() as connection:
            connection.execute(delete(cursors).where(cursors.c.source == _PREFIX + name))

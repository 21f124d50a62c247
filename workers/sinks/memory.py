"""A sink in memory, for tests: it keeps the newest version of each article."""

from collections.abc import Mapping, Sequence
from typing import Any

from workers.sinks.sink import SettledArticle


class MemorySink:
    """Keeps articles by id; a batch that comes again, or late, changes nothing."""

    def __init__(self) -> None:
        self._articles: dict[str, SettledArticle] = {}
        self.is_closed = False

    @property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """Return the fields of each article by its id."""
        return {id_: one.fields for id_, one in self._articles.items()}

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Keep the articles of the batch that are newer than the known ones."""
        for one in batch:
            known = self._articles.get(one.id)
            if known is None or known.token < one.token:
                self._articles[one.id] = one

    def close(self) -> None:
        """Record that the sink is closed."""
        self.is_closed = True

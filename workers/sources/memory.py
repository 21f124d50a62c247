"""A source in memory, for tests: items that are added while it is polled."""

from collections.abc import Iterator

from workers.sources.source import Item


class MemorySource:
    """Yields `items`; its position is how many of them were read."""

    keeps_position = True

    def __init__(self, *items: Item, name: str = "memory", poll_seconds: float | None = None) -> None:
        self.items = list(items)
        self.name = name
        self.poll_seconds = poll_seconds
        self._read = 0

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the items after the first `position`."""
        self._read = int(position or 0)
        for item in self.items[self._read :]:
            self._read += 1
            yield item

    def position_after(self) -> str:
        """Return how many items were read."""
        return str(self._read)

    def size(self) -> int | None:
        """Return the number of items."""
        return len(self.items)

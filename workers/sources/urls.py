"""A URL on the command line."""

from collections.abc import Iterator
from dataclasses import dataclass

from workers.sources.source import Item, ListedUrl, ReadOnce, Source


@dataclass(frozen=True, slots=True)
class UrlArgument(ReadOnce):
    """One URL; `number` is the position of the argument."""

    url: str
    number: int

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the URL."""
        del position
        yield ListedUrl(f"argument:{self.number}", self.url, {})

    def size(self) -> int | None:
        """Return 1."""
        return 1


def open_url(argument: str, number: int) -> Source | None:
    """Return the source for an argument with `://` in it, None for any other."""
    return UrlArgument(argument, number) if "://" in argument else None

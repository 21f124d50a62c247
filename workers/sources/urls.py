"""A URL on the command line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.sources.listed import is_url, listed
from workers.sources.source import Argument, Item, ReadOnce, Source


@dataclass(frozen=True, slots=True)
class UrlArgument(ReadOnce):
    """One URL."""

    argument: Argument

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the URL."""
        del position
        text, number, reading, _ = self.argument
        yield listed(f"argument:{number}", text, {}, assume_https=reading.assume_https)

    def size(self) -> int | None:
        """Return 1."""
        return 1


def open_url(argument: Argument) -> Source | None:
    """Return the source for a URL, None for any other argument.

    That is an argument with `://` in it and, if its scheme may be left out, one that begins with a host and is no file.
    """
    without_scheme = argument.reading.assume_https and is_url(argument.text, assume_https=True)
    if "://" in argument.text or (without_scheme and not Path(argument.text).exists()):
        return UrlArgument(argument)
    return None

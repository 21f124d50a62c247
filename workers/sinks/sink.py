"""What a sink is: it takes batches of settled articles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

#: The type of each column by its name, in order (columns.py).
Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SettledArticle:
    """A URL with its outcome. `id` and `token` identify one version of its row: the higher token is the newer one."""

    id: str
    token: int
    #: The columns that were asked for (columns.py) as JSON types, in their order.
    fields: Mapping[str, Any]


class Sink(Protocol):
    """Takes settled articles. It is no part of settling: it gets rows that are in the store already.

    A sink that lasts, such as a search index, may get a batch again after a failure: the result must be the same as if it
    had come once, and `id` and `token` say what is there already. The sinks of FILE_SINKS (formats.py) write one export to
    a new file, each article once.
    """

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write a batch. The caller handles what it raises, and may write the batch again."""

    def close(self) -> None:
        """Write what is still buffered, and let go what is open; called once, after the last batch or a failure."""


def size_of(article: SettledArticle) -> int:
    """Return about how much of memory an article takes: the characters of its texts."""
    return sum(len(value) for value in article.fields.values() if isinstance(value, str))

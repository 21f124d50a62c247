"""In which order rows come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workers.errors import UserError
from workers.store.dates import published, real_day
from workers.store.filters import Columns

#: What rows can be sorted by.
SORTS: Mapping[str, Callable[[Columns], Any]] = {
    "settled_at": lambda columns: columns["settled_at"],
    "submitted_at": lambda columns: columns["submitted_at"],
    "published": lambda columns: published(columns["record"]),
    "day": lambda columns: real_day(columns["record"]),
    "title": lambda columns: columns["record"]["title"].as_string(),
    "host": lambda columns: columns["host"],
    "url": lambda columns: columns["url"],
    "language": lambda columns: columns["language"],
    "outcome": lambda columns: columns["outcome"],
}
#: The order that an index has: nothing is sorted.
DEFAULT = "settled_at"


@dataclass(frozen=True, slots=True)
class Order:
    """By what, a name of SORTS; UserError for another one. Rows without it come last; equal ones go by `settled_at`."""

    by: str = DEFAULT
    descending: bool = False

    def __post_init__(self) -> None:
        if self.by not in SORTS:
            raise UserError(f"Articles cannot be sorted by {self.by!r}. Choose one of {', '.join(SORTS)}.")

    def clauses(self, columns: Columns) -> list[Any]:
        """Return what ORDER BY has."""
        settled = [columns["settled_at"], columns["id"]]
        keys = settled if self.by == DEFAULT else [SORTS[self.by](columns), *settled]
        turned = [key.desc() for key in keys] if self.descending else [key.asc() for key in keys]
        return turned if self.by == DEFAULT else [turned[0].nulls_last(), *turned[1:]]

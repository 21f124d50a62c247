"""What a dashboard consists of: a sheet has rows, a row has panels, a panel queries Prometheus."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

#: Columns of Grafana's grid; the widths of a line's panels add up to it.
COLUMNS = 24


class Kind(Enum):
    """How a panel draws its data."""

    #: A line for each series, over time.
    LINES = auto()
    #: Stacked areas, for series whose sum has a meaning.
    STACKED = auto()
    #: The same, as shares of 100 %.
    SHARES = auto()
    #: The latest value, large, with a small graph behind it.
    NUMBER = auto()
    #: A bar for the current value of each series, longest first.
    BARS = auto()
    #: A row for each series, for data that is in labels.
    TABLE = auto()


#: Colours of a number that has no bad values.
PLAIN: tuple[tuple[float | None, str], ...] = ((None, "blue"),)


@dataclass(frozen=True, slots=True)
class Panel:
    """One question, and the queries that answer it."""

    #: A question, or a statement.
    title: str
    #: What it shows, and what is normal; Grafana shows this behind the (i).
    about: str
    #: Grafana's name of the unit, e.g. `s`, `bytes`, `percentunit`, `suffix: articles/s`.
    unit: str
    #: Legend to PromQL; `{{label}}` in a legend is the label's value.
    queries: Mapping[str, str]
    kind: Kind = Kind.LINES
    #: Columns of `COLUMNS`.
    width: int = 8
    #: Titles of the panels to look at next, on any sheet.
    see: tuple[str, ...] = ()
    #: Alerts on this data; each links to its entry in the runbook.
    alerts: tuple[str, ...] = ()
    #: Colours of a number: (from this value on, colour); None in the first.
    colours: tuple[tuple[float | None, str], ...] = PLAIN


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One dashboard; in Grafana its address is /d/newsmill-<name>."""

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]

    @property
    def uid(self) -> str:
        """Return Grafana's id of the dashboard."""
        return f"newsmill-{self.name}"

    def numbered(self) -> Iterator[tuple[int, Panel]]:
        """Yield the panels with their ids: their places, from 1."""
        yield from enumerate((panel for row in self.rows for panel in row.panels), 1)

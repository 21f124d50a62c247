"""The words in which a dashboard is written: a sheet has rows, a row has panels, a panel asks Prometheus."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

#: Columns of Grafana's grid; the widths of the panels of a line add up to it.
COLUMNS = 24


class Kind(Enum):
    """How a panel draws what it is told."""

    #: A line a series, over time.
    LINES = auto()
    #: Areas on top of each other: their sum means something.
    STACKED = auto()
    #: The same, as shares of 100 %.
    SHARES = auto()
    #: The latest value, large, with its recent course behind it.
    NUMBER = auto()
    #: A bar a series, as of now, longest first.
    BARS = auto()
    #: A row a series, as of now: for what stands in labels.
    TABLE = auto()


#: Colours of a number that has no bad values.
PLAIN: tuple[tuple[float | None, str], ...] = ((None, "blue"),)


@dataclass(frozen=True, slots=True)
class Panel:
    """One question, and the queries that answer it."""

    #: A question, or a statement.
    title: str
    #: What is seen, and what of it is good or bad; Grafana shows it behind the (i).
    about: str
    #: Grafana's name of the unit, e.g. `s`, `bytes`, `percentunit`, `suffix: articles/s`.
    unit: str
    #: Legend to PromQL; `{{label}}` in a legend is the label's value.
    queries: Mapping[str, str]
    kind: Kind = Kind.LINES
    #: Columns of `COLUMNS`.
    width: int = 8
    #: Titles of the panels, on any sheet, where the search goes on.
    see: tuple[str, ...] = ()
    #: Alerts that watch what is shown here; each links to its entry in the runbook.
    alerts: tuple[str, ...] = ()
    #: A number's colours: each from its value on, the first from None on.
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

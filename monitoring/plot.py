"""Draws the dashboards without Grafana: runs every panel's queries on a Prometheus, and writes a PNG for each dashboard.

    python -m monitoring.plot --prometheus http://127.0.0.1:9090 --out pictures

It prints empty panels, and its exit code is 1 if there are any. It needs matplotlib, a development dependency.
"""

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import urllib3
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from monitoring.dashboards.panels import COLUMNS
from monitoring.dashboards.promql import concrete

FOLDER = Path(__file__).parent / "grafana" / "dashboards"
#: Seconds between two points, and the window of rates: one scrape, and four scrapes (prometheus.yml).
STEP, WINDOW = 5, "20s"
#: Inches of a column and of a row of Grafana's grid on the sheet.
_COLUMN, _ROW = 0.7, 0.38


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a panel: points (seconds since the epoch, value), without values that are no number."""

    legend: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A Prometheus and a time range, in seconds since the epoch."""

    url: str
    start: float
    end: float

    def series(self, panel: dict[str, Any]) -> list[Series]:
        """Return the results of the panel's queries; RuntimeError, with Prometheus's message, for an invalid one."""
        return [series for target in panel["targets"] for series in self._of(target)]

    def _of(self, target: dict[str, Any]) -> Iterator[Series]:
        query = concrete(target["expr"], window=WINDOW, within=f"{self.end - self.start:.0f}s")
        for result in self._ask(query, instant=target.get("instant", False)):
            values = result.get("values") or [result["value"]]
            points = tuple((float(at), float(value)) for at, value in values if math.isfinite(float(value)))
            if points:
                yield Series(_legend(target.get("legendFormat", ""), result["metric"]), points)

    def _ask(self, query: str, *, instant: bool) -> list[dict[str, Any]]:
        span = {"time": self.end} if instant else {"start": self.start, "end": self.end, "step": STEP}
        answer = urllib3.request(
            "GET",
            f"{self.url}/api/v1/{'query' if instant else 'query_range'}",
            fields={"query": query} | {name: str(value) for name, value in span.items()},
            timeout=30,
        )
        body = answer.json()
        if body["status"] != "success":
            raise RuntimeError(f"{query}: {body['error']}")
        found: list[dict[str, Any]] = body["data"]["result"]
        return found


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the panels of a dashboard's JSON that have queries."""
    return [panel for panel in dashboard["panels"] if panel.get("targets")]


def draw(dashboard: dict[str, Any], source: Source, file: Path) -> list[str]:
    """Draw a dashboard into `file`; return the titles of empty panels."""
    shown = {panel["title"]: source.series(panel) for panel in panels(dashboard)}
    bottom = max(_place(panel)[1] + _place(panel)[3] for panel in panels(dashboard))
    figure = Figure(figsize=(COLUMNS * _COLUMN, bottom * _ROW))
    for panel in panels(dashboard):
        x, y, width, height = _place(panel)
        # Inside its cells: room on the left for the ticks, above for the title, below for the legend.
        frame = ((x + 1.0) / COLUMNS, 1 - (y + height - 1.6) / bottom)
        axes = figure.add_axes((*frame, (width - 1.5) / COLUMNS, (height - 2.6) / bottom))
        title = fill(f"{panel['title']}  [{_unit(panel)}]", 8 * width)
        axes.set_title(title, fontsize=8, loc="left")
        axes.tick_params(labelsize=6)
        _DRAW.get(panel["type"], _draw_lines)(axes, shown[panel["title"]])
    figure.savefig(file, dpi=100)
    return [title for title, series in shown.items() if not series]


def main(words: Sequence[str] | None = None) -> int:
    """Draw all dashboards into a folder."""
    options = _parser().parse_args(words)
    options.out.mkdir(parents=True, exist_ok=True)
    now = time.time()
    source = Source(options.prometheus.rstrip("/"), now - 60 * options.minutes, now)
    empty: list[str] = []
    for file in sorted(FOLDER.glob("*.json")):
        dashboard = json.loads(file.read_text("utf-8"))
        if panels(dashboard):
            empty += draw(dashboard, source, options.out / f"{file.stem}.png")
    sys.stdout.writelines(f"empty: {title}\n" for title in empty)
    return 1 if empty else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m monitoring.plot", description="Draw the dashboards.")
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", help="address of the Prometheus")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the pictures to")
    parser.add_argument("--minutes", type=float, default=15, help="length of the time range (default 15)")
    return parser


def _place(panel: dict[str, Any]) -> tuple[int, int, int, int]:
    where = panel["gridPos"]
    return where.get("x", 0), where.get("y", 0), where["w"], where["h"]


def _unit(panel: dict[str, Any]) -> str:
    unit: str = panel["fieldConfig"]["defaults"]["unit"]
    return unit.removeprefix("suffix:").strip()


def _legend(form: str, labels: dict[str, str]) -> str:
    filled = re.sub(r"{{(\w+)}}", lambda label: labels.get(label[1], ""), form)
    return filled or ", ".join(f"{label} {value}" for label, value in labels.items())


def _draw_lines(axes: Axes, series: list[Series]) -> None:
    for one in series:
        minutes = [(at - series[0].points[-1][0]) / 60 for at, _ in one.points]
        axes.plot(
            minutes, [value for _, value in one.points], label=one.legend, linewidth=1, marker=".", ms=2
        )
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    if series:
        axes.legend(fontsize=5, ncols=5, loc="upper left", bbox_to_anchor=(-0.05, -0.1), frameon=False)


def _draw_bars(axes: Axes, series: list[Series]) -> None:
    bars = axes.barh([one.legend for one in series], [one.points[-1][1] for one in series])
    axes.bar_label(bars, fmt="%.0f", fontsize=6)
    axes.invert_yaxis()


def _draw_number(axes: Axes, series: list[Series]) -> None:
    axes.set_axis_off()
    latest = "  ".join(f"{one.points[-1][1]:,.4g}" for one in series)
    axes.text(0, 0.2, latest, fontsize=16)


def _draw_table(axes: Axes, series: list[Series]) -> None:
    axes.set_axis_off()
    for line, one in enumerate(series):
        axes.text(0, 0.9 - line / 8, f"{one.points[-1][1]:.0f}   {one.legend}", fontsize=7)


_DRAW = {"bargauge": _draw_bars, "stat": _draw_number, "table": _draw_table}


if __name__ == "__main__":
    sys.exit(main())

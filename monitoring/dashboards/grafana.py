"""Grafana's JSON from sheets, by Grafana's own SDK. For its schema of 11.6, which 12 reads as well."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLink,
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.text import TextMode

from monitoring.dashboards.panels import COLUMNS, Kind, Panel, Sheet
from monitoring.dashboards.runbook import Entry

#: The data source of provisioning/datasources/prometheus.yml.
SOURCE = DataSourceRef(type_val="prometheus", uid="newsmill-prometheus")
RUNBOOK_UID = "newsmill-runbook"
TAG = "newsmill"
#: Height of a panel in rows of the grid (30 px each). A number needs half as much as a graph.
_HEIGHT = dict.fromkeys(Kind, 8) | {Kind.NUMBER: 4}
#: Lines of text in a row of the grid, and the rows that a text panel's frame takes.
_LINES_A_ROW, _FRAME = 1.2, 2
#: An outcome has the same colour in every panel.
_OUTCOMES = {"enriched": "green", "duplicate": "blue", "rejected": "orange", "failed": "red"}

_Builder: TypeAlias = timeseries.Panel | stat.Panel | bargauge.Panel | table.Panel


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a link to a panel, or to an alert's entry in the runbook, leads."""

    panels: Mapping[str, str]
    alerts: Mapping[str, str]


def addresses(sheets: Sequence[Sheet], runbook: Sequence[Entry]) -> Addresses:
    """Return the addresses of all panels and runbook entries, relative to Grafana's root."""
    return Addresses(
        panels={panel.title: _address(sheet.uid, n) for sheet in sheets for n, panel in sheet.numbered()},
        alerts={entry.alert: _address(RUNBOOK_UID, n) for n, entry in enumerate(runbook, 1)},
    )


def sheet_json(sheet: Sheet, to: Addresses) -> str:
    """Return the dashboard of `sheet`; KeyError for a link to a panel or an alert that does not exist."""
    made = _dashboard(sheet.uid, sheet.title, sheet.about).refresh("5s").time("now-15m", "now")
    ids = {panel.title: number for number, panel in sheet.numbered()}
    for row in sheet.rows:
        made.with_row(dashboard.Row(row.title))
        for panel in row.panels:
            made.with_panel(_panel(panel, to).id(ids[panel.title]))
    return _dump(made)


def runbook_json(runbook: Sequence[Entry]) -> str:
    """Return the dashboard that shows the runbook, a panel for each alert."""
    made = _dashboard(RUNBOOK_UID, "Runbook", "What each alert means, what to look at, what to do.")
    for number, entry in enumerate(runbook, 1):
        rows = round(len(entry.text.splitlines()) / _LINES_A_ROW) + _FRAME
        panel = text.Panel().title(entry.alert).mode(TextMode.MARKDOWN).content(entry.text)
        made.with_panel(panel.id(number).span(COLUMNS).height(rows))
    return _dump(made)


def _address(uid: str, panel: int) -> str:
    return f"/d/{uid}?viewPanel={panel}"


def _dashboard(uid: str, title: str, about: str) -> dashboard.Dashboard:
    others = dashboard.DashboardLink(TAG).type(DashboardLinkType.DASHBOARDS).tags([TAG]).keep_time(True)
    made = dashboard.Dashboard(title).uid(uid).description(about).tags([TAG]).timezone("browser")
    return made.tooltip(DashboardCursorSync.CROSSHAIR).link(others)


def _panel(panel: Panel, to: Addresses) -> _Builder:
    made = _BUILDERS[panel.kind](panel)
    made.title(panel.title).description(panel.about).unit(panel.unit).datasource(SOURCE)
    made.span(panel.width).height(_HEIGHT[panel.kind]).links(_links(panel, to))
    for ref, (legend, query) in zip("ABCDEF", panel.queries.items(), strict=False):
        made.with_target(_query(ref, legend, query, panel.kind))
    return made


def _links(panel: Panel, to: Addresses) -> list[Builder[DashboardLink]]:
    named = {title: to.panels[title] + "&${__url_time_range}" for title in panel.see}
    named |= {f"Runbook: {alert}": to.alerts[alert] for alert in panel.alerts}
    return [
        dashboard.DashboardLink(title).type(DashboardLinkType.LINK).url(url) for title, url in named.items()
    ]


def _query(ref: str, legend: str, query: str, kind: Kind) -> prometheus.Dataquery:
    made = prometheus.Dataquery().ref_id(ref).expr(query).legend_format(legend).datasource(SOURCE)
    if kind is Kind.TABLE:
        return made.instant().format(PromQueryFormat.TABLE)
    return made.instant() if kind is Kind.BARS else made.range()


def _lines(panel: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True).display_mode(kinds.LegendDisplayMode.LIST)
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI)
    made = timeseries.Panel().min(0).line_width(1).fill_opacity(5).show_points(kinds.VisibilityMode.NEVER)
    made.legend(legend.placement(kinds.LegendPlacement.BOTTOM)).tooltip(tooltip)
    if "{{outcome}}" in panel.queries:
        for outcome, colour in _OUTCOMES.items():
            fixed = DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})
            made.override_by_name(outcome, [fixed])
    return made


def _stacked(panel: Panel) -> timeseries.Panel:
    return _lines(panel).fill_opacity(40).stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL))


def _shares(panel: Panel) -> timeseries.Panel:
    return _lines(panel).fill_opacity(40).stacking(common.StackingConfig().mode(kinds.StackingMode.PERCENT))


def _number(panel: Panel) -> stat.Panel:
    steps = [Threshold(value, colour) for value, colour in panel.colours]
    made = stat.Panel().graph_mode(kinds.BigValueGraphMode.AREA).reduce_options(_latest())
    return made.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))


def _bars(_panel: Panel) -> bargauge.Panel:
    made = bargauge.Panel().orientation(kinds.VizOrientation.HORIZONTAL).reduce_options(_latest())
    made.display_mode(kinds.BarGaugeDisplayMode.BASIC).min(0).decimals(0)
    made.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    return made.no_value("none in this time range")


def _table(_panel: Panel) -> table.Panel:
    tidy = {"excludeByName": {"Time": True}, "renameByName": {"Value": "processes"}}
    return table.Panel().with_transformation(DataTransformerConfig(id_val="organize", options=tidy))


_BUILDERS: Mapping[Kind, Callable[[Panel], _Builder]] = {
    Kind.LINES: _lines,
    Kind.STACKED: _stacked,
    Kind.SHARES: _shares,
    Kind.NUMBER: _number,
    Kind.BARS: _bars,
    Kind.TABLE: _table,
}


def _latest() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _dump(made: dashboard.Dashboard) -> str:
    return json.dumps(made.build(), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"

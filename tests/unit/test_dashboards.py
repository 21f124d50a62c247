"""The dashboards: as generated, complete, linked, and asking only for what newsmill measures."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitoring.catalogue import catalogue
from monitoring.dashboards.panels import COLUMNS, Sheet
from monitoring.dashboards.pipeline import PIPELINE
from monitoring.dashboards.promql import concrete, counted, share
from monitoring.dashboards.runbook import RUNBOOK, entries
from monitoring.dashboards.workers import WORKERS

pytest.importorskip("grafana_foundation_sdk", reason="a development dependency")

from monitoring.dashboards.__main__ import FOLDER, files
from monitoring.dashboards.grafana import Addresses, sheet_json

GRAFANA = Path(__file__).parents[2] / "monitoring" / "grafana"
SHEETS = (PIPELINE, WORKERS)
PANELS = [panel for sheet in SHEETS for _, panel in sheet.numbered()]
FILES = files()
DASHBOARDS = {name: json.loads(content) for name, content in FILES.items()}
DRAWN = [
    panel
    for dashboard in DASHBOARDS.values()
    for panel in dashboard["panels"]
    if panel["type"] not in {"row", "text"}
]
EVERY_QUERY = [(panel.title, query) for panel in PANELS for query in panel.queries.values()]
#: Labels that Prometheus and the scrape configuration add.
ADDED = {"le", "instance", "job", "service", "alertname", "alertstate"}

#: What Prometheus makes of a histogram.
ENDINGS = ("_bucket", "_sum", "_count")


def each_link(dashboard: dict[str, Any]) -> Iterator[str]:
    for panel in dashboard["panels"]:
        yield from (link["url"] for link in panel.get("links", ()))


@pytest.mark.parametrize("name", FILES)
def test_a_committed_dashboard_is_the_one_that_the_code_makes(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == FILES[name], "run `make dashboards`"


def test_nothing_else_is_in_the_folder() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)


@pytest.mark.parametrize("panel", DRAWN, ids=lambda panel: panel["title"])
def test_a_drawn_panel_has_title_description_unit_query_and_links(panel: dict[str, Any]) -> None:
    assert panel["title"].endswith("?")
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    assert all(target["expr"] for target in panel["targets"])
    assert all(target["datasource"]["uid"] == panel["datasource"]["uid"] for target in panel["targets"])
    assert panel["links"]


def test_all_queries_of_a_panel_are_drawn() -> None:
    assert sum(len(panel["targets"]) for panel in DRAWN) == len(EVERY_QUERY)


def test_no_two_panels_have_the_same_title() -> None:
    titles = [panel.title for panel in PANELS]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_link_leads_to_a_panel(name: str) -> None:
    for url in each_link(DASHBOARDS[name]):
        found = re.match(r"/d/newsmill-(\w+)\?viewPanel=(\d+)", url)
        assert found, url
        assert int(found[2]) in {panel["id"] for panel in DASHBOARDS[f"{found[1]}.json"]["panels"]}


def test_a_link_leads_to_the_panel_that_it_names() -> None:
    for dashboard in DASHBOARDS.values():
        for link in (link for panel in dashboard["panels"] for link in panel.get("links", ())):
            sheet, number = re.match(r"/d/newsmill-(\w+)\?viewPanel=(\d+)", link["url"]).groups()
            title = next(p["title"] for p in DASHBOARDS[f"{sheet}.json"]["panels"] if p["id"] == int(number))
            assert link["title"].removeprefix("Runbook: ") == title


def test_every_alert_is_linked_from_the_panel_that_shows_what_it_watches() -> None:
    linked = {alert for panel in PANELS for alert in panel.alerts}
    assert linked == {entry.alert for entry in entries(RUNBOOK.read_text("utf-8"))}


def test_a_link_to_nowhere_is_refused() -> None:
    with pytest.raises(KeyError):
        sheet_json(PIPELINE, Addresses(panels={}, alerts={}))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_the_panels_of_a_row_fill_whole_lines(sheet: Sheet) -> None:
    for row in sheet.rows:
        column = 0
        for panel in row.panels:
            column += panel.width
            assert column <= COLUMNS, f"{panel.title} breaks its line"
            column %= COLUMNS
        assert column == 0, f"{row.title} ends in the middle of a line"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_no_two_panels_lie_on_each_other(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARDS[name]["panels"]:
        place = panel["gridPos"]
        x, y = place.get("x", 0), place.get("y", 0)
        cells = {(x + i, y + j) for i in range(place["w"]) for j in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize(("title", "query"), EVERY_QUERY)
def test_a_query_asks_for_metrics_and_labels_that_exist(title: str, query: str) -> None:
    known = {one.name: one for one in catalogue()}
    buckets = {f"{one.name}{end}": one for one in catalogue() if one.kind == "histogram" for end in ENDINGS}
    named = set(re.findall(r"\bnewsmill_\w+", query))
    assert named <= known.keys() - {one.name for one in buckets.values()} | buckets.keys(), title
    labels = ADDED | {label for name in named for label in (known | buckets)[name].labels}
    assert asked_labels(query) <= labels, title


def asked_labels(query: str) -> set[str]:
    """Return the labels that `query` selects, groups or joins by."""
    selected = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query)
    grouped = ", ".join(re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", query))
    return {label for label in [*selected, *re.split(r"[,\s]+", grouped)] if label}


def test_the_labels_of_a_legend_are_those_of_its_query() -> None:
    for panel in PANELS:
        for legend, query in panel.queries.items():
            shown = set(re.findall(r"{{(\w+)}}", legend))
            assert shown <= asked_labels(query) | {"instance"}, panel.title


def test_every_metric_is_shown_somewhere() -> None:
    shown = {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for _, query in EVERY_QUERY
        for name in re.findall(r"newsmill_\w+", query)
    }
    assert {one.name for one in catalogue()} - shown == set()


def test_what_every_scheduler_tells_is_never_summed_over_them() -> None:
    of_ledger = {
        "urls",
        "settled",
        "hosts",
        "queue_length",
        "oldest_seconds",
        "redis_memory_bytes",
        "store_rows",
    }
    for title, query in EVERY_QUERY:
        for name in of_ledger:
            assert not re.search(rf"sum(?: by \([^)]*\))? \(newsmill_{name}\b", query), title


def test_the_dashboards_open_on_the_last_quarter_hour_and_draw_themselves_anew_every_5_s() -> None:
    for name in ("pipeline.json", "workers.json"):
        assert DASHBOARDS[name]["time"] == {"from": "now-15m", "to": "now"}
        assert DASHBOARDS[name]["refresh"] == "5s"


def test_what_is_counted_includes_the_value_with_which_a_series_begins() -> None:
    assert counted("c", "l") == (
        "sum by (l) (increase(c[$__range])) + (sum by (l) (min_over_time(c[$__range]) unless c offset $__range)"
        " or sum by (l) (increase(c[$__range])) * 0)"
    )


def test_a_share_of_nothing_is_nothing() -> None:
    assert share("a", "b") == "(a) / scalar(clamp_min(b, 0.001))"


def test_grafana_is_provisioned_with_the_source_that_the_panels_ask_and_with_the_folder_of_the_files() -> (
    None
):
    yaml = pytest.importorskip("yaml", reason="a development dependency")
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"][
        0
    ]
    scraped = yaml.safe_load((GRAFANA.parent / "prometheus.yml").read_text())["global"]["scrape_interval"]
    assert {panel["datasource"]["uid"] for panel in DRAWN} == {source["uid"]}
    assert source["jsonData"]["timeInterval"] == scraped


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not on PATH; the package prometheus has it"
)
def test_prometheus_can_read_every_query(tmp_path: Path) -> None:
    rules = [
        {"record": f"query_{number}", "expr": concrete(query, window="20s", within="15m")}
        for number, (_, query) in enumerate(EVERY_QUERY)
    ]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
    assert f"SUCCESS: {len(rules)} rules found" in done.stdout, done.stderr

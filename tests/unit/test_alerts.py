"""The alerts: each documented, tested in both directions, and asking only for what newsmill measures."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitoring.catalogue import catalogue
from monitoring.dashboards.runbook import RUNBOOK, entries

yaml = pytest.importorskip("yaml", reason="a development dependency")

MONITORING = Path(__file__).parents[2] / "monitoring"
RULES: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
CASES = [
    case
    for test in yaml.safe_load((MONITORING / "alerts_test.yml").read_text())["tests"]
    for case in test["alert_rule_test"]
]
ENTRIES = {entry.alert: entry for entry in entries(RUNBOOK.read_text("utf-8"))}
SCRAPE = yaml.safe_load((MONITORING / "prometheus.yml").read_text())

with_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not on PATH; the package prometheus has it"
)


def promtool(*words: str) -> str:
    """Run promtool and return what it said; fails where it found fault."""
    done = subprocess.run(
        ["promtool", *words], cwd=MONITORING, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(alert: str) -> None:
    fires = [bool(case["exp_alerts"]) for case in CASES if case["alertname"] == alert]
    assert set(fires) == {True, False}


def test_every_case_is_about_an_alert_that_exists() -> None:
    assert {case["alertname"] for case in CASES} == set(RULES)


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_leads_to_its_entry_in_the_runbook(alert: str) -> None:
    assert RULES[alert]["annotations"]["runbook_url"] == f"docs/runbook.md#{ENTRIES[alert].anchor}"


def test_the_runbook_has_no_entry_without_an_alert() -> None:
    assert list(ENTRIES) == list(RULES), "or not in the same order"


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.alert)
def test_an_entry_says_what_it_means_what_to_look_at_and_what_to_do(entry: Any) -> None:
    assert re.findall(r"^\*\*(.+?):\*\*", entry.text, re.MULTILINE) == ["Means", "Look at", "Do"]


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_says_how_bad_it_is_and_what_is_wrong(alert: str) -> None:
    assert RULES[alert]["labels"]["severity"] in {"warning", "critical"}
    assert set(RULES[alert]["annotations"]) == {"summary", "description", "runbook_url"}


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_asks_for_metrics_that_exist(alert: str) -> None:
    known = {one.name for one in catalogue() if one.kind != "histogram"}
    known |= {f"{one.name}_bucket" for one in catalogue() if one.kind == "histogram"}
    named = set(re.findall(r"\bnewsmill_\w+", RULES[alert]["expr"]))
    assert named <= known
    assert named or "up{" in RULES[alert]["expr"]


def test_a_threshold_has_its_reason_beside_it() -> None:
    text = (MONITORING / "alerts.yml").read_text()
    for alert in RULES:
        assert re.search(rf"- alert: {alert}\n +# ", text), alert


def test_the_budgets_of_the_stages_are_bounds_of_buckets() -> None:
    buckets = next(one.buckets for one in catalogue() if one.name == "newsmill_stage_seconds")
    budgets = [
        float(number) for number in re.findall(r"> (\d+)$", RULES["NewsmillStageSlow"]["expr"], re.MULTILINE)
    ]
    assert budgets == [10, 1]
    assert set(budgets) <= set(buckets)


def test_prometheus_finds_every_replica_by_the_name_of_its_service() -> None:
    (job,) = SCRAPE["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert (job["job_name"], found["type"], found["port"]) == ("newsmill", "A", 9464)
    assert found["names"] == ["scheduler", "fetch", "enrich"]
    assert job["relabel_configs"] == [{"source_labels": ["__meta_dns_name"], "target_label": "service"}]


def test_prometheus_loads_the_alerts() -> None:
    assert SCRAPE["rule_files"] == ["alerts.yml"]


@with_promtool
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")
    assert f"SUCCESS: {len(RULES)} rules found" in promtool("check", "rules", "alerts.yml")


@with_promtool
def test_the_alerts_fire_when_they_should_and_not_otherwise() -> None:
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yml")

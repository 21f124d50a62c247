"""Canaries of what newsmill replaces in prometheus_client: where the numbers of metrics are kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitoring.compat import read_files

#: A process that counts in the slot of its second argument, with all three kinds of metrics.
COUNTING = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from monitoring.compat import share_by_slot
share_by_slot(Path(sys.argv[1]), lambda: sys.argv[2])
registry = CollectorRegistry()
Counter("one", "one", registry=registry).inc(3)
Histogram("two", "two", registry=registry).observe(0.3)
Gauge("three", "three", ("label",), registry=registry, multiprocess_mode="sum").labels("a").set(5)
"""


def count(directory: Path, slot: str) -> None:
    subprocess.run([sys.executable, "-c", COUNTING, str(directory), slot], check=True, timeout=60)


def sums(directory: Path) -> dict[str, float]:
    return {sample.name: sample.value for metric in read_files(directory) for sample in metric.samples}


def test_a_metric_writes_a_file_of_its_type_and_slot(tmp_path: Path) -> None:
    count(tmp_path, "7")
    assert {file.name for file in tmp_path.iterdir()} == {"counter_7.db", "histogram_7.db", "gauge_sum_7.db"}


def test_files_are_added_up_and_a_slot_s_next_process_goes_on(tmp_path: Path) -> None:
    for slot in ("0", "1", "1"):
        count(tmp_path, slot)
    assert {name: sums(tmp_path)[name] for name in ("one_total", "two_count", "three")} == {
        "one_total": 9,
        "two_count": 3,
        "three": 10,
    }


def test_a_file_that_has_just_been_made_is_left_out(tmp_path: Path) -> None:
    count(tmp_path, "0")
    (tmp_path / "counter_1.db").touch()
    assert sums(tmp_path)["one_total"] == 3


@pytest.mark.parametrize("name", ["PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir"])
def test_the_environment_of_the_tests_names_no_folder(name: str) -> None:
    # With one set, prometheus_client would write files by itself, and the canaries above would see those.
    assert name not in os.environ

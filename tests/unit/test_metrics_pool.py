"""A worker's pool as it is shown: size, processes started and lost, memory, CPU."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from billiard.pool import EX_OK, EX_RECYCLE
from prometheus_client import CollectorRegistry

from monitoring import pool as pool_module
from monitoring.pool import Children, Pool, PoolCollector, cpu_seconds, resident_bytes
from workers.delivery.compat.billiard_pool import counting

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")


def shown(pids: Sequence[int] = (), children: Children | None = None) -> CollectorRegistry:
    registry = CollectorRegistry()
    pool = Pool("enrich", size=lambda: 4, busy=lambda: 3, pids=lambda: pids, children=children)
    registry.register(PoolCollector(pool))
    return registry


def value(registry: CollectorRegistry, name: str) -> float | None:
    return registry.get_sample_value(f"newsmill_{name}", {"queue": "enrich"})


def test_size_and_how_many_are_busy_are_shown_as_they_are_now() -> None:
    registry = shown()
    assert (value(registry, "pool_size"), value(registry, "pool_busy")) == (4, 3)


def test_threads_have_no_children() -> None:
    registry = shown()
    assert value(registry, "children_started_total") is None
    assert value(registry, "child_memory_bytes") is None


@needs_proc
def test_memory_is_that_of_the_largest_process_and_of_all_together() -> None:
    own = os.getpid()
    registry = shown([own, own])
    largest, all_ = value(registry, "child_memory_bytes"), value(registry, "worker_memory_bytes")
    assert largest is not None
    assert all_ is not None
    assert largest > 10_000_000
    assert all_ / largest == pytest.approx(3, rel=0.1)


@needs_proc
def test_a_process_that_has_gone_meanwhile_counts_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert (resident_bytes(gone.pid), cpu_seconds(gone.pid)) == (None, 0)
    assert value(shown([gone.pid]), "child_memory_bytes") == 0


@needs_proc
def test_the_cpu_of_a_child_is_counted_while_it_runs_and_after_it_ended() -> None:
    spin = "import os, sys\nwhile sum(os.times()[:2]) < 0.3: pass\nprint(flush=True)\nsys.stdin.read()"
    before = value(shown(), "worker_cpu_seconds_total")
    child = subprocess.Popen(
        [sys.executable, "-c", spin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    child.stdout.readline()
    running = value(shown([child.pid]), "worker_cpu_seconds_total")
    child.communicate()
    ended = value(shown(), "worker_cpu_seconds_total")
    assert before is not None
    assert running is not None
    assert ended is not None
    assert running - before >= 0.28
    # Sums of up to six numbers of whole ticks (10 ms): the child's time may be rounded otherwise once it has ended.
    assert ended > running - 0.06


def test_cpu_seconds_never_fall_when_a_child_ends_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([500.0, 0.0, 700.0])
    monkeypatch.setattr(pool_module, "cpu_seconds", lambda _: next(seconds))
    registry = shown([1])
    first, second, third = (value(registry, "worker_cpu_seconds_total") or 0 for _ in range(3))
    assert first == second > 500
    assert third > 700


def test_without_proc_memory_and_cpu_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pool_module, "_PROC", tmp_path)
    names = {sample.name for metric in shown([1], Children(1, 0)).collect() for sample in metric.samples}
    assert names == {
        "newsmill_pool_size",
        "newsmill_pool_busy",
        "newsmill_children_started_total",
        "newsmill_children_lost_total",
    }


class FakePool:
    """billiard's pool, as far as it starts processes and joins those that ended."""

    def __init__(self, codes: list[int]) -> None:
        self.codes = codes
        for number in range(len(codes)):
            self._create_worker_process(number)

    def _create_worker_process(self, i: int) -> int:
        return i

    def _join_exited_workers(self, shutdown: bool = False) -> Any:
        del shutdown
        return self.codes


@pytest.mark.parametrize(
    ("codes", "lost"), [([EX_OK, EX_RECYCLE], 0), ([-9, -11, 1], 3), ([EX_RECYCLE, -9], 1), ([], 0)]
)
def test_processes_are_lost_to_signals_and_errors_not_to_recycling(codes: list[int], lost: int) -> None:
    children = Children()
    pool = counting(FakePool, children)(codes)
    assert pool._join_exited_workers() == codes
    assert children == Children(started=len(codes), lost=lost)


def test_a_pool_that_shuts_down_loses_nothing() -> None:
    children = Children()
    counting(FakePool, children)([-15])._join_exited_workers(shutdown=True)
    assert children.lost == 0

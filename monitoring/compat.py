"""Internals of prometheus_client: metrics of several processes, in files by pool slot instead of by process id.

What and why: prometheus_client's multiprocess mode names its files by process id, so each replaced child leaves files
behind. Named by slot of the pool, there are as many as slots, and a child continues the files of the one before it.
`prometheus_client.values.ValueClass` is the class of the values of all metrics created from then on;
`MultiProcessValue(process_identifier=...)` returns it. `MultiProcessCollector.merge` adds the files up (pool_files.py).
Figure: 1,000 replaced children leave 4 files instead of 4,000 (tests/integration/test_metrics_workers.py,
with NEWSMILL_RECYCLINGS=1000).
Versions: prometheus_client 0.26 and 0.27 (pyproject.toml).
When it is gone: without `ValueClass` metrics would be in memory, and those of children would be lost silently. The canary
in tests/unit/test_metrics_pool_files.py fails if no file is written.
"""

import os
from collections.abc import Callable
from pathlib import Path

import prometheus_client.values


def share_by_slot(directory: Path, slot: Callable[[], str]) -> None:
    """Keep metrics that are created from now on in files in `directory`, one for each type and pool slot.

    Call it in the worker's main process, before the pool forks; `slot` returns the slot of the calling process.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    by_slot = prometheus_client.values.MultiProcessValue(process_identifier=slot)  # type: ignore[no-untyped-call]
    prometheus_client.values.ValueClass = by_slot

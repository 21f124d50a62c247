"""prometheus_client's insides: metrics of several processes in files by pool slot, not by pid.

What and why: prometheus_client's multiprocess mode names its files by pid, and replaced children pile them up. Keyed by
the slot of the pool, they stay as many as there are slots, and a child goes on where the one before it was.
`prometheus_client.values.ValueClass` is what every metric that is created from then on takes its values from;
`MultiProcessValue(process_identifier=...)` makes it. `MultiProcessCollector.merge` adds the files up (pool_files.py).
Figure: 1,000 replaced children leave 4 files, where there would be 4,000 (tests/integration/test_metrics_workers.py,
with NEWSMILL_RECYCLINGS=1000).
Versions: prometheus_client 0.26 and 0.27 (pyproject.toml).
When it is gone: without `ValueClass` metrics would be kept in memory, and those of children lost without a word; the
canary in tests/unit/test_metrics_pool_files.py sees that no file is written.
"""

import os
from collections.abc import Callable
from pathlib import Path

import prometheus_client.values


def share_by_slot(directory: Path, slot: Callable[[], str]) -> None:
    """Make metrics created from now on live in files in `directory`, one a type and pool slot.

    Call it in the worker's main process, before the pool forks; `slot` names the calling process's place.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    by_slot = prometheus_client.values.MultiProcessValue(process_identifier=slot)  # type: ignore[no-untyped-call]
    prometheus_client.values.ValueClass = by_slot

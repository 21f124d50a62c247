"""prometheus_client: metrics of several processes in files by pool slot, not by process id.

What and why: prometheus_client's multiprocess mode names its files by process id, so that a pool which replaces its
processes fills the disk, and each scrape reads all files. By the slot of the pool there are as many as slots, and a
new process goes on where the one before it was. There is a parameter for that, but no public way to use it:
- `prometheus_client.values.ValueClass`: the class that holds each number of a metric made from then on. Replaced by
  `MultiProcessValue(process_identifier=...)`. The environment is read for the folder only (PROMETHEUS_MULTIPROC_DIR).
- `prometheus_client.multiprocess.MultiProcessCollector.merge` adds files up. It is called here without an empty file,
  one that a process is just making, on which it raises.
- The name of a file is `<type>_<slot>.db`.
Figure: 1,000 replaced processes of two slots leave 4 files (tests/integration/test_metrics_workers.py, with
NEWSMILL_RECYCLINGS=1000); by process id each would leave two.
Versions: prometheus_client 0.26 (`>=0.26,<0.27` in pyproject.toml).
When it is gone: without `ValueClass` metrics would stay in the memory of each process, and a worker would serve nothing
of its pool, silently. The canaries in tests/unit/test_compat_prometheus.py see that a metric writes its file.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import prometheus_client.values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector


def share_by_slot(directory: Path, slot: Callable[[], str]) -> None:
    """Make metrics created from now on live in files in `directory`, one for each type and pool slot.

    Call it in the worker's main process, before the pool forks; `slot` returns the slot of the calling process.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    by_slot = prometheus_client.values.MultiProcessValue(process_identifier=slot)  # type: ignore[no-untyped-call]
    prometheus_client.values.ValueClass = by_slot


def read_files(directory: Path) -> Iterable[Metric]:
    """Return the sums over all processes of what they have written into `directory`."""
    # A file that a process makes at this moment is empty, and cannot be read.
    begun = [str(file) for file in directory.glob("*.db") if file.stat().st_size]
    sums: Iterable[Metric] = MultiProcessCollector.merge(begun)  # type: ignore[no-untyped-call]
    return sums

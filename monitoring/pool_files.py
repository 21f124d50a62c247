"""The files with the counters of a pool's processes, and their sum."""

import atexit
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitoring.compat import read_files

_PREFIX = "newsmill-metrics-"


def own_directory(parent: Path | None = None) -> Path:
    """Return an empty directory of this process, removed when it exits.

    Its name contains the process id, so that this function can remove the directories of killed workers.
    """
    parent = parent or Path(tempfile.gettempdir())
    for old in parent.glob(f"{_PREFIX}*-*"):
        if not _is_in_use(old):
            shutil.rmtree(old, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    atexit.register(_remove, directory, os.getpid())
    return directory


def seen_labels(directory: Path) -> Mapping[str, set[str]]:
    """Return, by label, the values that the pool has counted: a new process must not add as many again."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for metric in read_files(directory):
        for sample in metric.samples:
            for label, value in sample.labels.items():
                seen[label].add(value)
    return seen


class PoolFiles(Collector):
    """What all processes of the pool have written into a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        """Yield the sums."""
        return read_files(self._directory)


def _is_in_use(directory: Path) -> bool:
    """Tell whether the process that created it is running. A directory with this process's own id is of an earlier process."""
    owner = directory.name.split("-")[2]
    if owner == str(os.getpid()):
        return False
    try:
        os.kill(int(owner), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:  # it is running, as another user
        pass
    return True


def _remove(directory: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child has this function registered, too
        shutil.rmtree(directory, ignore_errors=True)

"""A worker that cannot load what its stages need."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_worker_whose_models_cannot_be_loaded_ends_and_says_why(tmp_path: Path) -> None:
    # Celery logs what fails before the fork and goes on: every article would then fail in every child.
    missing = tmp_path / "none.yml"
    done = subprocess.run(
        [sys.executable, "-m", "workers.cli", "worker", "enrich"],
        env={**os.environ, "NEWSMILL_TAXONOMY": str(missing), "NEWSMILL_REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert str(missing) in done.stderr

"""A worker that cannot start says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


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


@pytest.mark.parametrize("name", ["tasks.py", "monitoring.py"])
def test_celery_says_which_file_hides_one_of_our_packages(tmp_path: Path, name: str) -> None:
    # Celery imports from the working folder first.
    (tmp_path / name).write_text("")
    celery = str(Path(sys.executable).with_name("celery"))
    done = subprocess.run(
        [celery, "-A", "workers.app", "report"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert f"{tmp_path / name} hides newsmill's own package {name.removesuffix('.py')}" in done.stderr
    assert "Traceback" not in done.stderr

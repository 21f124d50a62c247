"""The wheel: what is in it, and that newsmill works where there is nothing but that, installed by pipx as the recipe says."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.integration.readers import BIN, ROOT, Reader, sections
from workers.local.redis_server import redis_server

#: Without a cache it downloads 150 MB.
pytestmark = pytest.mark.timeout(900)

PACKAGES = ("tasks", "workers", "monitoring", "seeds")
#: What a build needs of the checkout.
SOURCES = (*PACKAGES, "pyproject.toml", "README.md", "LICENSE")
STORY = "The council voted on the new ferry line yesterday, and the harbour was loud all night long. " * 5


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built, in which the recipe's first line was run."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    build, _ = recipe()
    # "0" is how pip spells no isolation in a variable: hatchling is in this environment.
    Reader(folder, {"PIP_NO_BUILD_ISOLATION": "0"}).sh(build)
    return folder


def recipe() -> list[str]:
    """Return the lines that build and install the wheel."""
    (block,) = sections("docs/recipes.md")["Install the wheel with pipx"]
    return block.text.splitlines()


def wheel_in(checkout: Path) -> Path:
    (wheel,) = (checkout / "dist").iterdir()
    return wheel


def test_the_wheel_has_every_file_of_the_packages_and_no_other(checkout: Path) -> None:
    names = set(ZipFile(wheel_in(checkout)).namelist())
    packaged = {name for name in names if ".dist-info/" not in name}
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packaged == files - {"monitoring/alerts_test.yml"}
    assert {Path(name).suffix for name in packaged} >= {
        ".lua",
        ".sql",
        ".zip",
        ".html",
        ".toml",
        ".yml",
        ".json",
    }
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where no registry has packages."""
    pinned = (ROOT / "requirements.txt").read_text().split()[0]
    command = [
        "pip",
        "download",
        "--quiet",
        "--retries=1",
        "--no-deps",
        "--dest",
        str(tmp_path_factory.mktemp("one")),
        pinned,
    ]
    asked = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip(f"no registry has packages: {asked.stderr.strip().splitlines()[-1]}")


@pytest.fixture(scope="module")
def user(checkout: Path, registry: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:  # noqa: ARG001 - skips
    """Somebody for whom pipx has installed the wheel, in a folder with a page and a text."""
    home = tmp_path_factory.mktemp("home")
    paths = {"PIPX_HOME": f"{home}/pipx", "PIPX_BIN_DIR": f"{home}/bin", "PIPX_MAN_DIR": f"{home}/man"}
    quick = {"PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": ""}
    _, install = recipe()
    # Its dependencies come after it: pinned by hash, where pipx would take the newest.
    Reader(checkout, {**paths, **quick, "PIP_NO_DEPS": "1"}).sh(install)
    pinned = ROOT / "requirements.txt"
    Reader(checkout, {**paths, **quick}).sh(
        f"pipx runpip newsmill install --quiet --require-hashes --requirement '{pinned}'"
    )
    folder = tmp_path_factory.mktemp("anywhere")
    (folder / "story.txt").write_text(STORY)
    (folder / "page.html").write_text(f"<title>Ferry</title><article><h1>Ferry</h1><p>{STORY}</p></article>")
    # From Python 3.13 on no package brings a Redis; this is the one that the tests have.
    path = os.pathsep.join(
        [f"{home}/bin", *os.environ["PATH"].split(os.pathsep), str(Path(redis_server()).parent)]
    )
    yield Reader(folder, {"PATH": path.replace(f"{BIN}{os.pathsep}", ""), "PYTHONPATH": ""})
    shutil.rmtree(home)  # 600 MB


def test_newsmill_is_on_path_with_the_version_of_the_project(user: Reader) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert user.sh("newsmill --version").split() == ["newsmill", version]
    program = Path(user.sh("readlink -f $(command -v newsmill)").strip())
    where = user.sh(f"{program.parent}/python -c 'import workers; print(workers.__file__)'")
    assert Path(where).is_relative_to(program.parents[1])
    assert not where.startswith(str(ROOT))


def test_it_tries_a_page(user: Reader) -> None:
    tried = json.loads(user.sh("newsmill try page.html --json"))
    assert (tried["outcome"], tried["title"], tried["language"]) == ("enriched", "Ferry", "en")
    assert tried["topics"]


def test_it_runs_a_document_and_exports_its_row(user: Reader) -> None:
    user.sh("newsmill run story.txt")
    (row,) = map(json.loads, user.sh("newsmill export").splitlines())
    assert (row["outcome"], row["language"]) == ("enriched", "en")
    assert sorted(path.name for path in (user.folder / "data").iterdir()) == [
        "logs",
        "newsmill.db",
        "redis",
        "run.lock",
    ]

"""make, with stand-ins for what it starts: lists with any name, and what its set-up says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"
#: Prints its name and its arguments, a line each.
STAND_IN = '#!/bin/sh\n[ "$1" = -c ] || printf "%s\\n" "${0##*/}" "$@"\n'
NAMES = [
    "urls.txt",
    "my urls.txt",
    'it\'s "quoted".txt',
    "$HOME `ls` $(ls).txt",
    "100% & more; (old) *?.txt",
    "ünïcode.txt",
    "-dash.txt",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space in its name, in which everything is installed, by stand-ins."""
    folder = tmp_path / "my mill"
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    shutil.copy(MAKEFILE, folder)
    for name in ("requirements.txt", "requirements-redis.txt", "pyproject.toml"):
        (folder / name).write_text("one==1 \\\n    --hash=x\ntwo==2 \\\n")
    for name in ("newsmill", "docker", "python"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    (folder / ".venv" / "installed").touch()
    return folder


def make(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    path = f"{folder}/.venv/bin:{os.environ['PATH']}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={**clean, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_make_run_alone_is_the_demo(folder: Path) -> None:
    assert make(folder, "run").stdout.splitlines() == ["newsmill", "run", "--demo"]


@pytest.mark.parametrize("name", NAMES)
def test_make_run_takes_a_list_of_any_name(folder: Path, name: str) -> None:
    (folder / name).touch()
    assert make(folder, "run", f"URLS={name}").stdout.splitlines() == ["newsmill", "run", "--", name]


def test_make_run_takes_several_lists_and_urls(folder: Path) -> None:
    done = make(folder, "run", "URLS=a.txt https://example.com/?a=1&b=2")
    assert done.stdout.splitlines() == ["newsmill", "run", "--", "a.txt", "https://example.com/?a=1&b=2"]


@pytest.mark.parametrize("name", NAMES)
def test_make_submit_takes_a_list_of_any_name(folder: Path, name: str) -> None:
    (folder / name).touch()
    words = make(folder, "submit", f"URLS={name}").stdout.splitlines()
    assert words[0] == "docker"
    assert words[words.index("--volume") + 1] == f"{folder}/{name}:/list/{name}:ro"
    assert words[-2:] == ["producer", f"/list/{name}"]


OPTIONS = ["--column", "link to it", "--delimiter", ";"]


def test_make_passes_options_of_lists_on(folder: Path) -> None:
    (folder / "a.csv").touch()
    options = """OPTIONS=--column 'link to it' --delimiter ";\""""
    words = make(folder, "run", "URLS=a.csv", options).stdout.splitlines()
    assert words == ["newsmill", "run", *OPTIONS, "--", "a.csv"]
    words = make(folder, "submit", "URLS=a.csv", options).stdout.splitlines()
    assert words[-6:] == ["producer", *OPTIONS, "/list/a.csv"]


def test_make_submit_takes_a_list_in_another_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more urls.txt").touch()
    words = make(folder, "submit", f"URLS={tmp_path}/more urls.txt").stdout.splitlines()
    assert words[words.index("--volume") + 1] == f"{tmp_path}/more urls.txt:/list/more urls.txt:ro"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("submit",), "Name the list: make submit URLS=my-urls.txt"),
        (("submit", "URLS=no such.txt"), "Cannot read no such.txt. Name an existing list."),
        (("submit", "URLS=.venv"), "Cannot read .venv. Name an existing list."),
        (("submit", "URLS=a:b.txt"), "Docker takes no path with a colon"),
    ],
    ids=" ".join,
)
def test_what_make_submit_cannot_take_is_one_line(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    (folder / "a:b.txt").touch()
    done = make(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)


def test_the_set_up_says_each_step_in_a_line_and_hides_pip_where_there_is_no_terminal(folder: Path) -> None:
    (folder / ".venv" / "installed").unlink()
    done = make(folder, ".venv/installed")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Installing up to 2 packages (about a minute) ...",
        "Installing newsmill ...",
    ]


def test_the_set_up_ends_when_pip_fails_and_shows_its_errors(folder: Path) -> None:
    (folder / ".venv" / "installed").unlink()
    python = folder / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\necho words\necho 'ERROR: no such package' >&2\nexit 1\n")
    done = make(folder, ".venv/installed")
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["Installing up to 2 packages (about a minute) ..."]
    assert "ERROR: no such package" in done.stderr
    assert not (folder / ".venv" / "installed").exists()


def test_every_package_that_is_installed_is_in_the_list_so_that_pip_need_not_look_further() -> None:
    for line in MAKEFILE.read_text().splitlines():
        if "--require-hashes --requirement" in line and "uv" not in line:
            assert "--no-deps" in line

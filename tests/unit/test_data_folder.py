"""The demo and articles of the user's own have a folder each, whatever ends a process in between."""

import os
import sys
from pathlib import Path

import pytest

from workers.errors import UserError
from workers.local.folder import DataFolder, InUseError, command_line


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A folder in which the demo ran, beside a file that is not newsmill's."""
    found = DataFolder(tmp_path / "data")
    with found.use(as_run=True):
        found.mark_as_demo()
        found.database.write_text("rows")
        found.database.with_name("newsmill.db-wal").write_text("more rows")
        for place in (found.redis, found.logs):
            place.mkdir()
        (found.redis / "appendonly.aof").write_text("urls")
        (found.path / "notes.txt").write_text("mine")
    return found


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


MOVED = {"newsmill.db", "newsmill.db-wal", "redis", "logs", "this-is-the-demo.txt"}


def test_an_empty_folder_is_one_for_the_demo_and_is_not_created_by_asking(tmp_path: Path) -> None:
    empty = DataFolder(tmp_path / "data")
    assert empty.for_demo() == empty
    assert [empty.is_used, empty.is_demo, empty.has_redis] == [False] * 3
    assert not empty.path.exists()


def test_the_demo_is_run_again_where_it_lies(folder: DataFolder) -> None:
    assert folder.for_demo() == folder


def test_the_demo_does_not_mix_with_articles_of_the_users_own(folder: DataFolder) -> None:
    folder.move_demo()
    folder.database.write_text("my rows")
    assert folder.for_demo() == DataFolder(folder.path / "demo")


def test_the_demo_is_moved_with_all_that_it_has_and_nothing_else(folder: DataFolder) -> None:
    assert folder.move_demo() == folder.path / "demo"
    assert names(folder.path) == {"demo", "notes.txt", "run.lock"}
    assert names(folder.path / "demo") == MOVED
    assert DataFolder(folder.path / "demo").is_demo
    assert not folder.is_used


def test_what_is_no_demo_is_not_moved(folder: DataFolder) -> None:
    (folder.path / "this-is-the-demo.txt").unlink()
    assert folder.move_demo() is None
    assert folder.is_used


def test_an_earlier_demo_is_not_overwritten(folder: DataFolder) -> None:
    (folder.path / "demo").mkdir()
    assert folder.move_demo() == folder.path / "demo-2"


@pytest.mark.parametrize("after", range(len(MOVED)))
def test_a_move_that_was_killed_is_finished_by_the_next_one(
    folder: DataFolder, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, done = Path.rename, []

    def killed(path: Path, target: Path) -> Path:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(path)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.move_demo()
    monkeypatch.setattr(Path, "rename", rename)
    assert folder.move_demo() == folder.path / "demo"
    assert names(folder.path / "demo") == MOVED


def test_a_demo_that_is_run_after_a_move_was_killed_does_not_mix_with_the_earlier_one(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, moved = Path.rename, []

    def killed(path: Path, target: Path) -> Path:
        if moved:
            raise KeyboardInterrupt
        moved.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.move_demo()
    folder.mark_as_demo()
    assert names(folder.path / "demo") == MOVED
    for path in (folder.redis, folder.logs):
        path.mkdir()
    folder.database.touch()
    assert folder.move_demo() == folder.path / "demo-2"


def test_a_run_is_not_waited_for(folder: DataFolder) -> None:
    with (
        folder.use(as_run=True),
        pytest.raises(InUseError, match=r"Another run uses .*data"),
        folder.use(as_run=True),
    ):
        pass


def test_a_command_is_waited_for_as_long_as_patience_says(folder: DataFolder) -> None:
    with (
        folder.use(as_run=False),
        pytest.raises(UserError, match=r"Another command uses .*data"),
        folder.use(as_run=True, patience=0),
    ):
        pass


def test_a_run_that_was_killed_holds_nothing(folder: DataFolder) -> None:
    pid = os.fork()
    if not pid:
        folder.use(as_run=True).__enter__()
        os._exit(0)
    os.waitpid(pid, 0)
    with folder.use(as_run=False):
        pass


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("data", "newsmill export"),
        ("data/demo", "newsmill export --data data/demo"),
        ("my data", "newsmill export --data 'my data'"),
        ("/srv/it's", "newsmill export --data '/srv/it'\"'\"'s'"),
    ],
)
def test_a_command_to_copy_names_the_folder_if_it_is_not_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["-m"])
    assert command_line(DataFolder(Path(folder).absolute()), "export") == line


def test_a_command_to_copy_names_a_program_that_is_not_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "my env" / "newsmill")])
    assert command_line(DataFolder(tmp_path / "data"), "run") == "'my env/newsmill' run"

"""Documents are regular files, and those of a folder lie inside of it, whatever is put there while they are read."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from workers.sources import regular_files
from workers.sources.regular_files import NotRegularError, open_regular, open_unlinked, opener_in

SECRET = b"what only this user may read"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a document in a folder below it, beside a file that is not to be read."""
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    (tmp_path / "docs" / "sub" / "a.html").write_text("a page")
    (tmp_path / "secret.html").write_bytes(SECRET)
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "a.html").write_bytes(SECRET)
    return tmp_path / "docs"


def read(folder: Path | None, path: Path) -> bytes:
    with opener_in(folder)(path) as file:
        return file.read()


def refusal(folder: Path | None, path: Path) -> str:
    with pytest.raises(NotRegularError) as refused:
        read(folder, path)
    return str(refused.value)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path.parent)
        listener.bind(path.name)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


SPECIAL: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a socket": make_socket,
    "a device": make_device,
    "a folder": os.mkdir,
}


def test_a_file_in_the_folder_is_read(folder: Path) -> None:
    assert read(folder, folder / "sub" / "a.html") == b"a page"


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_regular_file_is_refused_by_its_kind_and_not_waited_for(
    folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    SPECIAL[kind](folder / "x.html")
    assert refusal(None, folder / "x.html") == f"is {kind} and no regular file"
    expected = (
        "is a link that leads out of the folder" if kind == "a device" else f"is {kind} and no regular file"
    )
    assert refusal(folder, folder / "x.html") == expected


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(folder: Path) -> None:
    (folder / "out.html").symlink_to("../secret.html")
    (folder / "absolute.html").symlink_to(folder.parent / "secret.html")
    (folder / "in.html").symlink_to("sub/a.html")
    for name in ("out.html", "absolute.html"):
        assert refusal(folder, folder / name) == "is a link that leads out of the folder"
    assert read(folder, folder / "in.html") == b"a page"


def test_a_folder_with_a_name_that_begins_like_it_is_not_inside(folder: Path) -> None:
    (folder.parent / "docs-private").mkdir()
    (folder.parent / "docs-private" / "a.html").write_bytes(SECRET)
    (folder / "x.html").symlink_to("../docs-private/a.html")
    assert refusal(folder, folder / "x.html") == "is a link that leads out of the folder"


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert read(link, link / "sub" / "a.html") == b"a page"


def test_a_link_that_a_user_names_is_followed(folder: Path) -> None:
    (folder / "out.html").symlink_to("../secret.html")
    assert read(None, folder / "out.html") == SECRET


def test_a_link_that_leads_to_itself_is_refused(folder: Path) -> None:
    (folder / "x.html").symlink_to("x.html")
    assert refusal(folder, folder / "x.html") == "is a link and no regular file"


def swapped(monkeypatch: pytest.MonkeyPatch, swap: Callable[[], object]) -> None:
    """Let somebody change the folder between the look at a path and its opening."""
    look = regular_files.real

    def look_and_swap(path: Path) -> Path:
        found = look(path)
        if path.suffix:
            swap()
        return found

    monkeypatch.setattr(regular_files, "real", look_and_swap)


def test_a_file_that_becomes_a_link_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "sub" / "a.html"

    def swap() -> None:
        path.unlink()
        path.symlink_to("../../secret.html")

    swapped(monkeypatch, swap)
    assert "link" in refusal(folder, path)


def test_a_folder_on_the_way_that_becomes_a_link_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap() -> None:
        (folder / "sub").rename(folder / "before")
        (folder / "sub").symlink_to("../private")

    swapped(monkeypatch, swap)
    assert "link" in refusal(folder, folder / "sub" / "a.html")


def test_a_file_that_becomes_a_pipe_after_the_last_look_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "sub" / "a.html"
    check, looks = regular_files._check, []

    def check_and_swap(found: os.stat_result) -> None:
        check(found)
        if not looks:
            path.unlink()
            os.mkfifo(path)
        looks.append(found)

    monkeypatch.setattr(regular_files, "_check", check_and_swap)
    assert refusal(folder, path) == "is a pipe and no regular file"
    assert len(looks) == 1


def test_a_document_that_is_read_again_has_no_link_in_its_path_any_more(folder: Path) -> None:
    path = (folder / "sub" / "a.html").resolve()
    with open_unlinked(path) as file:
        assert file.read() == b"a page"
    (folder / "sub").rename(folder / "before")
    (folder / "sub").symlink_to("../private")
    with pytest.raises(NotRegularError, match="link"):
        open_unlinked(path)


def test_files_are_closed_whatever_they_are(folder: Path) -> None:
    os.mkfifo(folder / "p.html")
    (folder / "out.html").symlink_to("../secret.html")
    files = Path("/proc/self/fd")
    before = len(list(files.iterdir()))
    for name in ("p.html", "out.html", "sub", "x/none.html"):
        with pytest.raises(OSError, match=r"regular|folder|No such"):
            read(folder, folder / name)
        with pytest.raises(OSError, match=r"regular|No such"):
            open_regular(folder / name.replace("out.html", "sub"))
    assert len(list(files.iterdir())) == before

"""The Redis of `newsmill run` is its user's: on a socket in the data folder, or on a port with a password."""

import ctypes
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from tests.integration.test_data_folder import (
    DEAD,
    TEXT,
    LiveRun,
    environment,
    newsmill_in,
    outcomes,
)
from workers.ledger.redis_client import pool_of
from workers.local.redis_server import LONGEST_SOCKET, EmbeddedRedis
from workers.local.supervisor import running
from workers.redis_address import RedisAddress

pytestmark = pytest.mark.timeout(300)

STATUS = ("-m", "workers.cli", "status", "--json")
ROOT = Path(__file__).parents[2]
NOBODY = 65534
#: linux/prctl.h, linux/capability.h
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users may enter; pytest's own is private."""
    folder = Path(tempfile.mkdtemp(prefix="newsmill-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def serving(folder: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis.private(folder)
    with running(server.child()) as child:
        server.wait(child)
        yield server


def client_of(url: str) -> Redis:
    return Redis.from_pool(pool_of(RedisAddress.of(url), socket_timeout=5))


def as_another(command: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run Python as somebody whom the folder does not belong to: root without its rights over others' files.

    (The interpreter may lie where other users cannot start it.)
    """
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(PYTHONPATH=str(ROOT)),
        preexec_fn=_without_rights,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _without_rights() -> None:
    for right in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, right, 0, 0, 0)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


#: Tries to change a Redis, as anybody may who can connect.
ATTACK = """
import socket, sys
for kind, place in ((socket.AF_UNIX, sys.argv[1]), (socket.AF_INET, ("127.0.0.1", int(sys.argv[2] or 1)))):
    with socket.socket(kind) as connection:
        try:
            connection.connect(place)
            connection.sendall(b"CONFIG SET dbfilename mine\\r\\n")
            print(connection.recv(100).decode())
        except OSError as error:
            print(type(error).__name__)
"""


def attacked(server: EmbeddedRedis, folder: Path) -> list[str]:
    command = ["-c", ATTACK, str(server.socket), str(server.port or "")]
    return as_another(command, folder).stdout.split("\n")


def test_another_user_cannot_connect_even_if_the_folder_was_opened(place: Path) -> None:
    with serving(place / "data" / "redis") as server:
        assert attacked(server, place)[:2] == ["PermissionError", "ConnectionRefusedError"]
        server.socket.parent.chmod(0o755)
        assert mode(server.socket) == 0o600
        assert attacked(server, place)[0] == "PermissionError"


def long_path(place: Path) -> Path:
    return place.joinpath(*["a-long-name"] * (LONGEST_SOCKET // 12))


def test_where_the_path_is_too_long_there_is_a_password_that_no_command_line_shows(place: Path) -> None:
    folder = long_path(place)
    with serving(folder) as server, client_of(server.url) as own:
        assert own.ping()
        password = urlsplit(server.url).password
        assert password
        assert len(password) == 64
        said = attacked(server, place)
        assert said[1].startswith("-NOAUTH")
        assert mode(folder / "redis.conf") == 0o600
        pid = own.info("server")["process_id"]
        assert password not in Path(f"/proc/{pid}/cmdline").read_text()
        assert password not in Path(f"/proc/{pid}/environ").read_text(errors="replace")
        with Redis(port=server.port or 0) as unknown, pytest.raises(AuthenticationError):
            unknown.ping()
    with serving(folder) as again:
        assert again.password != password, "each start has a password of its own"


@pytest.mark.parametrize("name", ["a b", "50%20off?#x", "ünïcode", "quote'\"", "at@colon:"])
def test_a_socket_may_have_any_path(place: Path, name: str) -> None:
    with serving(place / name / "redis") as server, client_of(server.url) as own:
        assert server.port is None
        assert own.ping()


def test_a_path_that_is_no_text_has_a_password(place: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(place) + b"/\xff"))
    with serving(folder) as server, client_of(server.url) as own:
        assert server.password
        assert own.ping()


def test_a_file_system_without_sockets_has_a_password(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.bind", _refuse_sockets)
    assert EmbeddedRedis.private(place).password


def _refuse_sockets(own: object, address: object) -> None:
    del own
    if isinstance(address, str):
        raise PermissionError(1, "Operation not permitted")


def test_what_a_killed_server_left_does_not_keep_the_next_one_from_its_socket(place: Path) -> None:
    server = EmbeddedRedis.private(place)
    child = server.child()
    child.start()
    server.wait(child)
    assert child.process
    child.process.kill()
    child.process.wait()
    assert server.socket.exists()
    with serving(place) as next_one, client_of(next_one.url) as own:
        assert own.ping()


@pytest.mark.parametrize("is_long", [False, True], ids=["socket", "port"])
def test_a_run_and_the_commands_beside_it_use_it(place: Path, is_long: bool) -> None:
    folder = long_path(place) if is_long else place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.txt").write_text(TEXT)
    assert newsmill_in(folder, "run", "a.txt").returncode == 0
    assert outcomes(folder / "data" / "newsmill.db") == {"a.txt": "enriched"}
    assert mode(folder / "data") == 0o700
    assert not (folder / "data" / "run.redis").exists()
    assert json.loads(newsmill_in(folder, "status", "--json").stdout)["settled"] == 1
    assert "queued 1," in newsmill_in(folder, "submit", "http://no-such-host.invalid/").stdout
    assert "settled" in newsmill_in(folder, "why", "a.txt").stdout


def test_the_mode_of_a_folder_that_exists_stays(place: Path) -> None:
    (place / "data").mkdir(mode=0o750)
    (place / "a.txt").write_text(TEXT)
    assert newsmill_in(place, "run", "a.txt").returncode == 0
    assert mode(place / "data") == 0o750


@pytest.mark.parametrize("is_long", [False, True], ids=["socket", "port"])
def test_while_a_run_goes_on_its_user_asks_its_redis_and_others_a_copy(place: Path, is_long: bool) -> None:
    folder = long_path(place) if is_long else place
    folder.mkdir(parents=True, exist_ok=True)
    run = LiveRun(folder)
    try:
        run.wait_for(DEAD, "1 in a row")
        assert mode(folder / "data" / "run.redis") == 0o600
        refused = as_another(STATUS, folder)
        assert refused.returncode == 2
        assert "Permission denied" in refused.stderr
        (folder / "data").chmod(0o755)
        read = as_another(STATUS, folder)
        assert read.returncode == 0, read.stderr
        assert json.loads(read.stdout)["unsettled"] == 1
    finally:
        run.process.send_signal(signal.SIGINT)
        run.process.wait(60)

"""The Redis of a data folder for a single command: that of the run which is going on, or one that is started for it."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr
from redis.exceptions import RedisError

from workers.errors import UserError
from workers.inspect.connections import open_redis
from workers.ledger.redis_client import RedisClient, connect
from workers.local.folder import PATIENCE, PRIVATE, DataFolder, InUseError
from workers.local.redis_server import EmbeddedRedis
from workers.local.supervisor import running
from workers.settings import Settings


def uses_folder(settings: Settings) -> bool:
    """Tell whether the ledger of these settings is the data folder's own: it has one, and no other Redis was set."""
    return not settings.has_redis and DataFolder.of(settings).has_redis


def require_other_redis(settings: Settings) -> None:
    """Raise UserError if the ledger of these settings is the data folder's own: `newsmill run` brings its own workers."""
    if uses_folder(settings):
        raise UserError(
            f"The URLs in {DataFolder.of(settings).shown} are processed by `newsmill run`, which has its own workers. "
            "Use that, or set NEWSMILL_REDIS_URL."
        )


def own_redis(settings: Settings) -> Path | None:
    """Return the folder of the ledger's Redis, if that is the data folder's own."""
    return DataFolder.of(settings).redis if uses_folder(settings) else None


def has_run(settings: Settings) -> bool:
    """Tell whether a run is going on in the data folder."""
    return of_run(settings) is not None


@contextmanager
def ledger_to_read(settings: Settings) -> Iterator[RedisClient]:
    """Yield a client of the ledger's Redis, for questions.

    The data folder's own Redis is started on a copy of its file if no run is going on. So nothing in the folder changes,
    and read access is enough. Raises UserError, OSError; later calls redis.RedisError.
    """
    with ExitStack() as stack:
        if uses_folder(settings):
            settings = of_run(settings) or stack.enter_context(_on_a_copy(settings))
        yield stack.enter_context(open_redis(settings))


@contextmanager
def ledger_to_write(
    settings: Settings, *, moved: Callable[[Path], object] | None = None
) -> Iterator[RedisClient]:
    """Yield a client of the ledger's Redis, for submissions.

    The data folder's own Redis is started if no run is going on; the folder's lock is held meanwhile. `moved` is for
    articles of the user's own: if the demo lies in the folder, it is moved, and `moved` called with where it is now.
    Raises UserError, OSError; later calls redis.RedisError.
    """
    with ExitStack() as stack:
        if uses_folder(settings):
            settings = _to_write(settings, stack, moved)
        yield stack.enter_context(open_redis(settings))


def _to_write(settings: Settings, stack: ExitStack, moved: Callable[[Path], object] | None) -> Settings:
    folder = DataFolder.of(settings)
    try:
        stack.enter_context(folder.use(as_run=False))
    except InUseError:
        if moved and folder.is_demo:
            raise UserError(
                f"The demo runs in {folder.shown}. Wait until it has ended, or stop it."
            ) from None
        return _wait_for_run(settings)
    if moved and (place := folder.move_demo()):
        moved(place)
    return stack.enter_context(_started(settings, folder.redis))


def _wait_for_run(settings: Settings) -> Settings:
    """Return the settings with the Redis of a run that may just be starting."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := of_run(settings):
            return found
        time.sleep(0.05)
    raise UserError(f"The run in {settings.data_dir} has no Redis that answers. Try again.")


def of_run(settings: Settings) -> Settings | None:
    """Return the settings with the Redis of the run that is going on in the data folder, None without one."""
    folder = DataFolder.of(settings)
    with suppress(OSError, RedisError, ValueError):
        found = settings.model_copy(update={"redis_url": SecretStr(folder.redis_url.read_text("utf-8"))})
        with connect(found) as client:
            # Another program may have the port by now.
            (place,) = client.config_get("dir").values()
            if Path(os.fsdecode(place)).samefile(folder.redis):
                return found
    return None


@contextmanager
def _on_a_copy(settings: Settings) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="newsmill-") as copy:
        shutil.copytree(
            DataFolder.of(settings).redis,
            copy,
            dirs_exist_ok=True,
            copy_function=shutil.copyfile,
            ignore=shutil.ignore_patterns("socket", "redis.conf"),
        )
        Path(copy).chmod(PRIVATE)  # it has got the mode of the folder, which may be read-only
        with _started(settings, Path(copy)) as found:
            yield found


@contextmanager
def _started(settings: Settings, folder: Path) -> Iterator[Settings]:
    """Yield the settings with a Redis that runs on the files in `folder`."""
    server = EmbeddedRedis.private(folder)
    with running(server.child()) as child:
        server.wait(child)
        yield settings.model_copy(update={"redis_url": SecretStr(server.url)})

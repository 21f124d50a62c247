"""The Celery application on the session's Redis, which is empty, and on SQLite; folders in which a run has ended."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu import pools

from tests.integration.readers import Reader, Site, after_make_run, news_site
from workers.delivery.celery_app import make_app
from workers.delivery.runtime import Runtime
from workers.ledger.redis_client import RedisClient
from workers.settings import load_settings
from workers.store.store import Store, open_store


@pytest.fixture
def app(
    redis: RedisClient,  # noqa: ARG001 - an empty one
    redis_url: str,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Celery]:
    monkeypatch.chdir(tmp_path)  # no .env
    settings = load_settings(
        redis_url=redis_url,
        database_url=f"sqlite:///{tmp_path}/newsmill.db",
        key_prefix=prefix,
        host_interval=0,
        max_attempts=1,
    )
    with open_store(settings.database_url.get_secret_value()):
        pass  # a worker brings its tables up to date when it starts
    app = make_app(settings)
    yield app
    pools.reset()  # type: ignore[no-untyped-call]  # kombu shares them by URL among applications
    app.newsmill.redis.close()
    app.newsmill.store.close()
    app.close()


@pytest.fixture
def runtime(app: Celery) -> Runtime:
    runtime: Runtime = app.newsmill
    return runtime


@pytest.fixture
def known(store: Store) -> Store:
    """A store that a ledger works with; an empty one."""
    store.identity.settle("5" * 32)
    return store


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo has ended, as after `make run`. Tests work in copies of it."""
    return after_make_run(tmp_path_factory.mktemp("after make run"))


@pytest.fixture
def demo(demo_folder: Path, tmp_path: Path) -> Reader:
    """Somebody in a folder in which `make run` has just ended."""
    shutil.copytree(demo_folder / "data", tmp_path / "data")
    return Reader(tmp_path)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A news site."""
    with news_site() as served:
        yield served


@pytest.fixture(scope="session")
def newsroom_folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a run of `urls.txt`, the site's URLs, has ended. Tests work in copies of it."""
    reader = Reader(tmp_path_factory.mktemp("a newsroom"), site.settings)
    (reader.folder / "urls.txt").write_text("".join(f"{url}\n" for url in site.urls))
    reader.sh("newsmill run urls.txt")
    return reader.folder


@pytest.fixture
def newsroom(newsroom_folder: Path, site: Site, tmp_path: Path) -> Reader:
    """Somebody in such a folder."""
    shutil.copytree(newsroom_folder, tmp_path, dirs_exist_ok=True)
    return Reader(tmp_path, site.settings)

"""This machine: its disk, its name servers, its ports."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tasks.errors import Rejected, TryLater
from workers.delivery.http_client import make_guard
from workers.inspect.doctor.finding import PATIENCE, Finding, ok, told, trouble, warning
from workers.settings import Settings
from workers.store.engine import sqlite_file

#: Free bytes below which a disk is nearly full, or full: a row with its text takes about 5 KB, so 1 GB is 200,000 articles.
_LOW, _FULL = 1_000_000_000, 100_000_000
#: A name that always exists (RFC 2606, 3).
_NAME = "example.com"


def disk(settings: Settings) -> Iterator[Finding]:
    """Find disks with little room: that of the data folder, and that of an SQLite database elsewhere."""
    file = sqlite_file(settings.database_url.get_secret_value())
    places = [settings.data_dir.absolute(), *([file.absolute().parent] if file else [])]
    for place in dict.fromkeys(places):
        free = shutil.disk_usage(existing(place)).free
        found = f"{free / 1e9:,.1f} GB free for {place}"
        if free >= _LOW:
            yield ok("disk", found)
        elif free >= _FULL:
            yield warning("disk", found, "Make room.")
        else:
            yield trouble("disk", found, "Make room: no rows can be written soon.")


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(one for one in (folder, *folder.parents) if one.is_dir())


def dns(settings: Settings) -> Iterator[Finding]:
    """Find name servers that do not answer, as the fetch stage asks them."""
    try:
        addresses = make_guard(settings).addresses(_NAME, PATIENCE)
    except TryLater as error:
        advice = "Check the machine's network and /etc/resolv.conf. Pages cannot be fetched without DNS."
        yield trouble("DNS", f"cannot resolve {_NAME}: {told(error.__cause__ or error)}", advice)
    except Rejected as error:
        yield trouble(
            "DNS",
            f"does not tell the truth: {error.detail.rstrip('.')}",
            "Use another name server: /etc/resolv.conf.",
        )
    else:
        yield ok("DNS", f"{_NAME} is at {', '.join(addresses)}")


def ports(settings: Settings) -> Iterator[Finding]:
    """Find ports that another program has."""
    if settings.metrics_port:
        place = f"{settings.metrics_address}:{settings.metrics_port}"
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(  # noqa: S104 - not bound to
            settings.metrics_address, settings.metrics_address
        )
        if not _answers(host, settings.metrics_port):
            yield ok("metrics port", f"{place} is free")
        elif _serves_metrics(host, settings.metrics_port):
            yield ok("metrics port", f"{place} serves newsmill's metrics")
        else:
            yield trouble(
                "metrics port",
                f"{place} is used by another program",
                "Free it, or set NEWSMILL_METRICS_PORT.",
            )
    if _answers("127.0.0.1", settings.demo_port):
        yield warning(
            "demo port",
            f"{settings.demo_port} is in use, by a demo that runs or by another program",
            "For the demo, free it or set NEWSMILL_DEMO_PORT.",
        )
    else:
        yield ok("demo port", f"{settings.demo_port} is free")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError:
        return False
    return True


def _serves_metrics(host: str, port: int) -> bool:
    name = f"[{host}]" if ":" in host else host
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"http://{name}:{port}/metrics", timeout=PATIENCE) as answer:
            return b"newsmill_" in answer.read(1_000_000)
    except (URLError, OSError, ValueError):
        return False

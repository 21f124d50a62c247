"""Takes the picture of `newsmill status --watch` for the documentation.

    python -m benchmarks.system.status_picture docs/status.svg

Runs the demo in a temporary folder, watches it, and takes the picture when most of its URLs are settled.
"""

import argparse
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from workers.cli.live_screen import Screen
from workers.inspect.connections import frontier_on
from workers.inspect.live_status import LiveStatus, StatusReader
from workers.local.folder_redis import ledger_to_read
from workers.local.redis_server import free_port
from workers.settings import Settings, load_settings
from workers.store.store import open_store

#: Columns and lines of the terminal in the picture.
SIZE = (104, 28)
#: Shares of settled URLs between which the picture may be taken: all parts of the screen show something.
BETWEEN = (0.4, 0.9)
#: Seconds that the sparklines cover: the demo takes half a minute.
LOOK_BACK = 60
#: What `newsmill run` prints before its workers start.
_STARTED = "Live status: "
#: rich makes the picture load its font from the web. Any fixed-width font will do: each word has its position.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Take the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="SVG file to write")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsmill-picture-") as folder, running(Path(folder)) as settings:
        live = fullest_screen(settings)
    console = Console(width=SIZE[0], height=SIZE[1], record=True, file=io.StringIO(), force_terminal=True)
    console.print(Screen(live))
    # A fixed id: the same picture is the same file.
    svg = console.export_svg(title="newsmill status --watch", theme=MONOKAI, unique_id="status")
    svg = _FONT_FACE.sub("", svg)
    given.file.write_text(svg, "utf-8")
    print(f"{given.file}: {len(svg) / 1000:.0f} kB")


@contextmanager
def running(folder: Path) -> Iterator[Settings]:
    """Run the demo; yield the settings to watch it with."""
    mine = {"NEWSMILL_DATA_DIR": str(folder), "NEWSMILL_DEMO_PORT": str(free_port())}
    command = [sys.executable, "-m", "workers.cli", "run", "--demo"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **mine})
    try:
        yield _announced(run, folder)
    finally:
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)


def _announced(run: "subprocess.Popen[str]", folder: Path) -> Settings:
    """Return the settings to watch a run with, once its Redis is up."""
    assert run.stderr is not None
    for line in run.stderr:
        if _STARTED in line:
            return load_settings(data_dir=folder)
    raise SystemExit("The demo ended at its start. Run `newsmill run --demo` to see why.")


def fullest_screen(settings: Settings) -> LiveStatus:
    """Watch until most URLs are settled; return the reading with the most hosts, the latest one of several."""
    readings: list[LiveStatus] = []
    least, most = BETWEEN
    with ledger_to_read(settings) as client, open_store(settings.database_url.get_secret_value()) as store:
        reader = StatusReader(client, frontier_on(client, settings), store, settings, look_back=LOOK_BACK)
        while True:
            readings.append(reader.read())
            if _settled(readings[-1]) >= most:
                break
            time.sleep(0.1)
    return max((one for one in readings if _settled(one) >= least), key=_hosts_and_settled)


def _hosts_and_settled(live: LiveStatus) -> tuple[int, float]:
    return len(live.hosts.longest), _settled(live)


def _settled(live: LiveStatus) -> float:
    now = live.status.now
    return now.settled / max(now.settled + now.unsettled, 1)


if __name__ == "__main__":
    main()

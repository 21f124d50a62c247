"""Redis memory while a system works through a long backlog."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.system.page_server import Page, page_urls, serving
from benchmarks.system.running_system import RunningSystem, wait_for
from benchmarks.table import Row

#: URLs that wait.
BACKLOG = 200_000


def backlog_memory(folder: Path, pages: list[bytes], samples: int) -> Iterator[Row]:
    """Read Redis's memory so many times, each time after all pages have been processed once more."""
    used = []
    with (
        serving([Page("text/html", page) for page in pages]) as port,
        RunningSystem(folder, port, max_in_flight=200) as system,
    ):
        system.submit(page_urls(port, range(BACKLOG)))
        system.start_all()
        wait_for(lambda: system.settled, 100)
        for _ in range(samples):
            system.forget_contents()
            # While Redis 6 rewrites its AOF it takes 10 MB more, for the commands that arrive meanwhile.
            wait_for(lambda: 1 - system.client.info("persistence")["aof_rewrite_in_progress"], 1)
            used.append(system.client.info("memory")["used_memory"] / 1e6)
            wait_for(lambda: system.settled, system.settled + len(pages))
    yield Row(f"Redis memory with {BACKLOG:,} waiting URLs, over {samples * len(pages):,} pages", used, "MB")
    yield Row("... highest reading against the first", [max(used) / used[0]], "x", ("<=", 1.05))

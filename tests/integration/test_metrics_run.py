"""`newsmill run` serves the sum of its processes' metrics on one port, and goes on when one of them is killed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.aggregate import scrape
from monitoring.catalogue import catalogue
from workers.local.redis_server import free_port
from workers.store.store import open_store

pytestmark = pytest.mark.timeout(120)

DOCUMENTS = 12
TEXT = (
    "The gauge that has measured the river since {year} is moving two kilometres upstream this autumn. Engineers say "
    "that the old weir distorts the readings, and that the new place gives the town three more hours."
)


class Run:
    """A run that stays: besides its documents it has a URL whose host does not answer, and waits for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        documents = folder / "documents"
        documents.mkdir()
        for number in range(DOCUMENTS):
            (documents / f"{number}.html").write_text(
                f"<title>Gauge</title><p>{TEXT.format(year=1900 + number)}"
            )
        (documents / "empty.html").write_text("<title>Nothing</title>")
        port = free_port()
        env = {
            **os.environ,
            "NEWSMILL_DATA_DIR": str(folder / "data"),
            "NEWSMILL_ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_ALLOW_PORTS": str(port),
            "NEWSMILL_RESOLVE": '{"test": "127.0.0.1"}',
            "NEWSMILL_BACKOFF_BASE": "900",
            "NEWSMILL_ENRICH_PROCESSES": "1",
        }
        command = [sys.executable, "-m", "workers.cli", "run", str(documents), f"http://away.test:{port}/"]
        self.process = subprocess.Popen(
            command, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def start(self) -> None:
        """Read the output up to the port of the metrics."""
        assert self.process.stdout
        for line in self.process.stdout:
            if found := re.search(r"Metrics: http://127\.0\.0\.1:(\d+)/metrics", line):
                self.port = int(found[1])
                return
        raise AssertionError("the run printed no port")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)

    def metrics(self) -> Counter[str]:
        """Return all samples, as `name:value of a label:...`."""
        samples = [
            one for metric in text_string_to_metric_families(scrape(self.port)) for one in metric.samples
        ]
        return Counter({":".join([one.name, *one.labels.values()]): one.value for one in samples})

    def wait_for(self, what: Callable[[Counter[str]], bool]) -> Counter[str]:
        """Return the metrics once they are so."""
        deadline = time.monotonic() + 60
        while not what(now := self.metrics()):
            assert self.process.poll() is None, "the run ended"
            assert time.monotonic() < deadline, now
            time.sleep(0.1)
        return now

    def pid_of(self, words: str) -> int:
        for pid in map(int, (self.folder / "data" / "run.pids").read_text().split()):
            if words in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                return pid
        raise AssertionError(f"no process {words}")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("run"))
    try:
        run.start()
        yield run
    finally:
        run.end()


def is_done(now: Counter[str]) -> bool:
    """Whether every process shows the end: they are asked one after the other, the scheduler before the workers."""
    worker = (now["newsmill_articles_total:enriched:"], now["newsmill_articles_total:rejected:no_article"])
    ledger = (now["newsmill_settled:enriched"], now["newsmill_store_rows"], now["newsmill_urls:deferred"])
    return worker == (DOCUMENTS, 1) and ledger == (DOCUMENTS, DOCUMENTS + 1, 1)


def test_the_sum_of_its_processes_equals_the_rows(run: Run) -> None:
    now = run.wait_for(is_done)
    with open_store(f"sqlite:///{run.folder}/data/newsmill.db") as store:
        tally = {
            f"newsmill_articles_total:{outcome}:{reason or ''}": n
            for outcome, reason, n in store.statistics.tally()
        }
    counted = {name: value for name, value in now.items() if name.startswith("newsmill_articles_total")}
    assert Counter(counted) == Counter(tally)  # what has not occurred counts 0
    assert now["newsmill_fetch_responses_total:none"] >= 1


def test_every_process_and_every_metric_without_a_cause_of_its_own_is_there(run: Run) -> None:
    now = run.wait_for(is_done)
    names = {name.split(":")[0] for name in now}
    # They have a sample once there is one to count.
    of_hosts = {"newsmill_host_paused_seconds", "newsmill_host_walls", "newsmill_host_blocks_seconds"}
    seldom = {"newsmill_duplicates_total", *of_hosts}
    for one in catalogue():
        shown = f"{one.name}_count" if one.kind == "histogram" else one.name
        assert shown in names or one.name in seldom, one.name
    queues = {name.split(":")[1:] and [*name.split(":")][-1] for name in now if "worker_cpu" in name}
    assert queues == {"fetch", "enrich"}
    assert (now["newsmill_pool_size:fetch"], now["newsmill_pool_size:enrich"]) == (32, 1)


def test_a_worker_that_is_killed_and_started_again_takes_nothing_from_the_sum(run: Run) -> None:
    before = run.wait_for(is_done)
    killed = run.pid_of("worker enrich")
    os.kill(killed, signal.SIGKILL)
    run.wait_for(lambda now: not now["newsmill_pool_size:enrich"])
    after = run.wait_for(lambda now: now["newsmill_pool_size:enrich"] == 1)
    assert run.pid_of("worker enrich") != killed
    for name in ("newsmill_articles_total:enriched:", "newsmill_attempts_total:extract"):
        assert after[name] == before[name]
    for name, value in before.items():
        if name.split(":")[0].endswith(("_total", "_count", "_bucket")):
            assert after[name] >= value, name

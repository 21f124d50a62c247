"""What `make bench` measures beside the contest of stages: scale, distance, latency, start-up, the frontier."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from urllib.request import urlopen

from pydantic import SecretStr

from benchmarks import frontier
from benchmarks.bench.contenders import Contender, Cost, Loop, Newsmill, Obvious, forget_contents
from benchmarks.bench.distance import far
from benchmarks.bench.table import Row
from benchmarks.mill import Mill, Page, addresses, serving, until
from workers.local.supervisor import running
from workers.settings import Settings

#: Pages that one does before it is the next one's turn.
TURN = 60
#: Other systems, and how they are called.
RIVALS = {"datatrove": "datatrove", "newsplease": "news-please, extraction only"}
#: Seconds of a Redis round trip within a data centre of the slower kind.
ROUND_TRIP = 0.002
#: Enrich processes a core where Redis is that far.
PER_CORE = 6
#: URLs that wait while others are worked on, for the memory that a backlog takes.
BACKLOG = 200_000


def contest(folder: Path, pages: list[bytes], rounds: int, rivals: str | None) -> Iterator[Row]:
    """Compare CPU a page with whoever does the same work, on the same pages, by turns.

    All on one core, but for the server of pages: some are one process and others several, and of two cores at work
    newsmill took 5 % more CPU than of one.
    """
    files = folder / "pages"
    files.mkdir()
    for number, page in enumerate(pages):
        (files / f"{number:05}.html").write_bytes(page)
    count = len(pages)
    with ExitStack() as stack:
        port = stack.enter_context(serving([Page("text/html", page) for page in pages]))
        stack.enter_context(_on_one_core())
        mill = stack.enter_context(Mill(folder, port))

        def loop(name: str, python: str, *arguments: str) -> Loop:
            return Loop(stack, folder / f"{name}.log", python, "-m", *arguments)

        loops = "benchmarks.bench.loops"
        contenders: dict[str, Contender] = {
            "newsmill": Newsmill(mill, port, count),
            "stages": loop("stages", sys.executable, "benchmarks.bench.stages", str(port), str(count)),
            "bare": loop("bare", sys.executable, loops, "bare", str(files)),
            "obvious": Obvious(stack, folder / "obvious", port, count),
        }
        for rival in RIVALS if rivals else ():
            contenders[rival] = loop(rival, rivals, loops, rival, str(files))
        costs = {name: list[Cost]() for name in contenders}
        for number in range(rounds):
            for name, cost in _round(contenders, number, count).items():
                costs[name].append(cost)
    ours = costs["newsmill"]
    yield Row("newsmill, all stages, fetching included: CPU a page", [one.ms for one in ours], "ms")
    yield Row("its Redis: CPU a page", [one.redis_ms for one in ours], "ms")
    yield from _ratio("trafilatura + langdetect + sha256 in a loop", costs["bare"], ours, goal=1.5)
    yield from _ratio("five Celery tasks, pages in the messages", costs["obvious"], ours, goal=2.5)
    for rival, words in RIVALS.items():
        if rival in costs:
            yield from _ratio(words, costs[rival], ours, goal=1)
    around = [mine.ms - stages.ms for mine, stages in zip(ours, costs["stages"], strict=True)]
    yield Row("newsmill around its stages: CPU a page", around, "ms", ("<=", 3))


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Have this process, and those that it starts, keep to one core inside of the `with`."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _round(contenders: dict[str, Contender], number: int, count: int) -> dict[str, Cost]:
    """Have each contender do all pages, by turns of a second or two: the machine's speed changes by the minute.

    Rivals do them at once: what they take to begin is no page's.
    """
    turns = [range(at, min(at + TURN, count)) for at in range(0, count, TURN)]
    costs = {name: one.run(number, range(count)) for name, one in contenders.items() if name in RIVALS}
    for pages in turns:
        for name, contender in contenders.items():
            if name not in RIVALS:
                cost = contender.run(number, pages)
                costs[name] = costs[name] + cost if name in costs else cost
    return costs


def _ratio(name: str, theirs: list[Cost], ours: list[Cost], goal: float) -> Iterator[Row]:
    yield Row(f"{name}: CPU a page", [one.ms for one in theirs], "ms")
    ratios = [their.ms / our.ms for their, our in zip(theirs, ours, strict=True)]
    yield Row("... newsmill's pages a CPU second against it", ratios, "x", (">=", goal))


def scale(folder: Path, pages: list[bytes], rounds: int) -> Iterator[Row]:
    """Compare the throughput of one enrich worker with two, and of a Redis that is 2 ms away with one that is here.

    Pages are fetched beforehand: fetching would compete for the two cores that the enrich workers need. The distance is
    measured on one core, with the processes that docs/scaling.md has for such a Redis: while one waits, another works.
    """
    with serving([Page("text/html", page) for page in pages]) as port, Mill(folder, port) as mill:
        mill.start("scheduler")
        mill.start("worker", "fetch")
        address = urlsplit(mill.settings.redis_url.get_secret_value())
        with far(address.port or 0, ROUND_TRIP) as distant:
            several = mill.settings.model_copy(update={"enrich_processes": PER_CORE})
            url = SecretStr(f"redis://127.0.0.1:{distant}/0")
            cores = os.sched_getaffinity(0)
            core = {min(cores)}
            ways: dict[str, tuple[int, Settings, set[int]]] = {
                "one": (1, mill.settings, cores),
                "two": (2, mill.settings, cores),
                "here": (1, several, core),
                "away": (1, several.model_copy(update={"redis_url": url}), core),
            }
            speeds: dict[str, list[float]] = {name: [] for name in ways}
            for number in range(rounds):
                for name, (workers, settings, held_on) in ways.items():
                    prepare(mill, port, len(pages), f"{name}{number}")
                    with ExitStack() as stack:
                        for _ in range(workers):
                            child = mill.child("worker", "enrich", settings=settings)
                            process = stack.enter_context(running(child)).process
                            assert process
                            os.sched_setaffinity(process.pid, held_on)  # before it forks
                        speeds[name].append(_drain(mill))
    one = speeds["one"]
    yield Row("pages a second, one enrich worker", one, "pages/s")
    two = [mine / base for mine, base in zip(speeds["two"], one, strict=True)]
    yield Row("two enrich workers on two cores against one", two, "x", (">=", 1.9))
    distant_ = [mine / base for mine, base in zip(speeds["away"], speeds["here"], strict=True)]
    yield Row(
        f"a Redis 2 ms away against one that is here, {PER_CORE} processes on a core",
        distant_,
        "x",
        (">=", 0.95),
    )


def prepare(mill: Mill, port: int, count: int, folder: str) -> None:
    """Have all pages fetched, and waiting for an enrich worker."""
    forget_contents(mill)
    queue = mill.settings.key_prefix + "celery:enrich"
    mill.submit(addresses(port, range(count), folder))
    before = mill.settled
    until(lambda: mill.client.llen(queue) + mill.settled - before, count)


def _drain(mill: Mill) -> float:
    """Return pages a second from the first quarter of what is in flight to the last."""
    left, done = mill.frontier.snapshot().in_flight, mill.settled
    until(lambda: mill.settled, done + left // 4)
    first, began = mill.settled, time.perf_counter()
    until(lambda: mill.settled, done + left)
    return (done + left - first) / (time.perf_counter() - began)


def latency(folder: Path, pages: list[bytes], count: int) -> Iterator[Row]:
    """Time single URLs through an idle system, without the time that the server takes."""
    with serving([Page("text/html", page) for page in pages]) as port, Mill(folder, port) as mill:
        for command in (("scheduler",), ("worker", "fetch"), ("worker", "enrich")):
            mill.start(*command)
        beyond = []
        for number in range(-2, count):  # the first two bring what is loaded at first use, and robots.txt
            forget_contents(mill)
            name = f"one{number}/{number % len(pages)}.html"
            served = time.perf_counter()
            with urlopen(f"http://127.0.0.1:{port}/{name}", timeout=10) as answer:
                answer.read()
            began = time.perf_counter()
            served = began - served
            done = mill.settled
            mill.submit([f"http://site-0.test:{port}/{name}"])
            while mill.settled == done:
                time.sleep(0.002)
            if number >= 0:
                beyond.append((time.perf_counter() - began - served) * 1000)
    cuts = quantiles(beyond, n=100)
    yield Row(f"one URL, nothing else to do, {count} times: p50", [cuts[49]], "ms", ("<=", 150))
    yield Row("... p99", [cuts[98]], "ms", ("<=", 500))


def start_up(page: bytes, rounds: int) -> Iterator[Row]:
    """Time the commands that a user waits for; the clock's seconds, and the best of the runs is none of a busy machine."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_bytes(page)
        for arguments, goal in ((["try", str(file)], 2.5), (["--help"], 0.3)):
            took = []
            for _ in range(rounds):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                command = [sys.executable, "-m", "workers.cli", *arguments]
                subprocess.run(command, check=True, capture_output=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            yield Row(f"newsmill {arguments[0]}: CPU", took, "s", ("<=", goal))


def ledger(folder: Path) -> Iterator[Row]:
    """Measure the frontier with 100,000 and 1,000,000 URLs waiting."""
    for urls in (100_000, 1_000_000):
        figures = frontier.run(folder / f"frontier{urls}", urls, hosts=urls // 100)
        yield Row(f"{urls:,} URLs waiting: submits a second", [figures.submits], "URLs/s", (">=", 20_000))
        yield Row("... claims a second", [figures.claims], "URLs/s", (">=", 10_000))
        yield Row("... Redis bytes a URL", [figures.bytes], "bytes", ("<=", 200))


def backlog(folder: Path, pages: list[bytes], samples: int) -> Iterator[Row]:
    """Watch Redis's memory while a long backlog is worked on."""
    used = []
    with (
        serving([Page("text/html", page) for page in pages]) as port,
        Mill(folder, port, max_in_flight=200) as mill,
    ):
        mill.submit(addresses(port, range(BACKLOG)))
        for command in (("scheduler",), ("worker", "fetch"), ("worker", "enrich")):
            mill.start(*command)
        until(lambda: mill.settled, 100)
        for _ in range(samples):
            forget_contents(mill)
            # While Redis 6 writes its AOF anew it has 10 MB more, for what comes in meanwhile.
            until(lambda: 1 - mill.client.info("persistence")["aof_rewrite_in_progress"], 1)
            used.append(mill.client.info("memory")["used_memory"] / 1e6)
            until(lambda: mill.settled, mill.settled + len(pages))
    what = f"Redis memory with {BACKLOG:,} URLs waiting, over {samples * len(pages):,} pages"
    yield Row(what, used, "MB")
    yield Row("... its highest against its first", [max(used) / used[0]], "x", ("<=", 1.05))

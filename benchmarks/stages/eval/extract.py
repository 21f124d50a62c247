"""Extraction: F1 by the measure of the article-extraction-benchmark, beside trafilatura itself."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import trafilatura

from benchmarks.stages.eval.measures import mean_f1, shingle_scores
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


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched, and the true text of its article."""

    name: str
    url: str
    html: bytes
    charset: str | None
    text: str


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores on the benchmark's pages and on the demo's stories, and the pages whose F1 differs."""
    yield Note(STAGE, f"the library is {LIBRARY}.")
    warm()
    if data and (data / "pages").is_dir():
        yield from _compare("benchmark pages", list(_benchmark(data / "pages")))
    else:
        yield Missing(STAGE, "pages in NEWSMILL_DATA")
    yield from _compare("demo stories", list(_demo()))


def _compare(name: str, pages: Sequence[Page]) -> Iterator[Row | Note]:
    (ours, cost), (bare, bare_cost) = interleaved(pages, _extracted, _bare)
    scores, bare_scores = (
        [shingle_scores(page.text, text) for page, text in zip(pages, texts, strict=True)]
        for texts in (ours, bare)
    )
    yield Row(STAGE, name, len(pages), "F1", mean_f1(scores), mean_f1(bare_scores), cost, bare_cost)
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

"""Walls and other non-pages: precision and recall of their recognition, against articles about such things.

There is no library to compare with: no row has a second column. A page is recognised if it is rejected for one of REASONS.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from benchmarks.stages.eval.measures import precision_recall
from benchmarks.stages.eval.table import Missing, Note, Row
from benchmarks.stages.eval.wall_pages import ARTICLE, HALVES, WallPage, wall_pages
from tasks.article import Article, article_id
from tasks.errors import Rejected
from tasks.extract.page import warm
from tasks.extract.stage import Extractor, extract

STAGE = "walls"
REASONS = frozenset({"blocked", "soft_404", "needs_javascript"})


def rows(data: Path | None) -> Iterator[Row | Missing | Note]:
    """Yield the scores of each half, and the pages that are named wrongly."""
    del data
    warm()
    for half in HALVES:
        pages = wall_pages(half)
        named = [name_of(page) for page in pages]
        walls = [(page, name) for page, (name, _) in zip(pages, named, strict=True) if page.kind != ARTICLE]
        true = [page.kind != ARTICLE for page in pages]
        precision, recall, _ = precision_recall(true, [name in REASONS for name, _ in named])
        right = sum(page.kind == name for page, name in walls) / len(walls)
        kept = [name == ARTICLE for page, (name, _) in zip(pages, named, strict=True) if page.kind == ARTICLE]
        scores = {"precision": precision, "recall": recall, "right name": right, "articles kept": mean(kept)}
        for measure, score in scores.items():
            yield Row(STAGE, half, len(pages), measure, score)
        wrong = [
            f"  {page.name}: {name}, not {page.kind}: {detail}"
            for page, (name, detail) in zip(pages, named, strict=True)
            if name != page.kind
        ]
        yield Note(STAGE, "\n".join([f"{half}: {len(wrong)} of {len(pages)} named wrongly", *wrong]))


def name_of(page: WallPage) -> tuple[str, str]:
    """Return `article` or the reason of the rejection, and its detail."""
    article = Article(id=article_id(page.url), url=page.url, status=200, html=page.html)
    try:
        extract(article, extractor=Extractor())
    except Rejected as ending:
        return ending.reason, ending.detail
    return ARTICLE, ""

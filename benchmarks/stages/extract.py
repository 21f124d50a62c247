"""Extraction page by page: F1, CPU, the pages whose text differs from trafilatura's, and what the mirror cleaner changes.

    NEWSMILL_DATA=folder python -m benchmarks.stages.extract      everything, on the folder's pages/
    python -m benchmarks.stages.extract                           only the demo's mirror pages

`pages/` has the layout of the article-extraction-benchmark: `ground-truth.json` with `articleBody` and `url` by id, and
`html/ID.html.gz`. F1 is that benchmark's (benchmarks/stages/eval/measures.py).
"""

import argparse
import gzip
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import trafilatura

from benchmarks.stages.eval.measures import mean_f1, shingle_scores
from benchmarks.stages.interleaved import interleaved
from seeds.demo.pages import story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import load_stories
from tasks.article import Article
from tasks.errors import Rejected
from tasks.extract.boilerplate import remove_boilerplate
from tasks.extract.decode import decode
from tasks.extract.fields import ExtractedFields
from tasks.extract.page import read_page, warm
from tasks.extract.plain_text import read_plain_text
from tasks.extract.stage import Extractor, extract

#: The mirror site of the demo, and the port in its URLs.
MIRROR, PORT = "finecircle.test", 8088


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the true text of its article."""

    id: str
    url: str
    html: bytes
    text: str


def load_pages(folder: Path) -> list[Page]:
    """Return the pages in `folder`; an empty list where there is none."""
    truth = folder / "ground-truth.json"
    if not truth.exists():
        return []
    entries = json.loads(truth.read_text("utf-8")).items()
    return [
        Page(
            id_,
            entry["url"],
            gzip.decompress((folder / "html" / f"{id_}.html.gz").read_bytes()),
            entry["articleBody"],
        )
        for id_, entry in entries
    ]


def mirror_pages() -> list[Page]:
    """Return the demo's pages that mirror stories of other sites; the true text is the story alone."""
    stories = [story for story in load_stories() if story.site == MIRROR]
    site = load_sites()[MIRROR]
    return [
        Page(
            story.slug,
            f"http://{MIRROR}:{PORT}{story.path}",
            story_page(story, site, PORT),
            "\n".join(block.removeprefix("## ") for block in story.body),
        )
        for story in stories
    ]


def f1(pairs: Iterable[tuple[str, str]]) -> float:
    """Return the F1 of (true text, extracted text) pairs."""
    return mean_f1([shingle_scores(true, found) for true, found in pairs])


def by_newsmill(page: Page) -> str:
    """Return the text that the stage extracts; empty where it rejects the page."""
    article = Article(id="0a", url=page.url, content_type="text/html", html=page.html)
    try:
        return extract(article, extractor=Extractor()).text or ""
    except Rejected:
        return ""


def by_trafilatura(page: Page) -> str:
    """Return the text that trafilatura extracts, with metadata and without comments, as the stage needs it."""
    found = trafilatura.bare_extraction(page.html, url=page.url, with_metadata=True, include_comments=False)
    return getattr(found, "text", None) or ""


def cleaned(draft: ExtractedFields) -> Iterator[tuple[str, str]]:
    """Yield the text before and after the cleaner of mirror pages, where the two differ."""
    after = remove_boilerplate(draft).text
    if after != draft.text:
        yield draft.text, after


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.parse_args()
    warm()
    data = os.environ.get("NEWSMILL_DATA")
    pages = load_pages(Path(data, "pages")) if data else []
    if pages:
        print_texts(pages)
        print_cpu(pages)
    else:
        print("Scores and CPU skipped: NEWSMILL_DATA names no folder with pages/.\n")
    print_cleaner(pages, Path(data, "seeds") if data else None)


def print_texts(pages: list[Page]) -> None:
    """Print the scores, and each page whose text differs from trafilatura's with both F1."""
    own = {page.id: by_newsmill(page) for page in pages}
    bare = {page.id: by_trafilatura(page) for page in pages}
    for name, texts in (("newsmill", own), ("bare_extraction", bare)):
        print(f"{name:16} F1 {f1((page.text, texts[page.id]) for page in pages):.3f}")
    differing = [page for page in pages if own[page.id] != bare[page.id]]
    print(
        f"\n{len(differing)} of {len(pages)} texts differ from bare_extraction's: F1 of bare_extraction -> newsmill"
    )
    for page in differing:
        before, after = (f1([(page.text, texts[page.id])]) for texts in (bare, own))
        print(f"  {page.id[:12]}  {before:.3f} -> {after:.3f}  {_verdict(before, after):6}  {page.url}")
    print()


def print_cpu(pages: list[Page]) -> None:
    """Print the CPU of both, interleaved page by page, and their ratio."""
    (_, own), (_, bare) = interleaved(pages, by_newsmill, by_trafilatura)
    print(f"CPU a page: newsmill {own} ms, bare_extraction {bare} ms, ratio {own.median / bare.median:.2f}\n")


def print_cleaner(pages: list[Page], seeds: Path | None) -> None:
    """Print the pages that the mirror cleaner changes, and the F1 of each before and after."""
    for name, some in (("mirror pages of the demo", mirror_pages()), ("ordinary pages", pages)):
        changed = [(page, *pair) for page in some for pair in cleaned(_draft(page))]
        print(f"mirror cleaner: changes {len(changed)} of {len(some)} {name}: F1 before -> after")
        for page, before, after in changed:
            scores = [f1([(page.text, text)]) for text in (before, after)]
            print(f"  {page.id[:24]:24}  {scores[0]:.3f} -> {scores[1]:.3f}  {_verdict(*scores)}")
    for path in sorted(seeds.glob("*.txt")) if seeds else ():
        for before, after in cleaned(read_plain_text(decode(path.read_bytes()))):
            lines = after.split("\n")
            print(f"mirror cleaner: {path.name}: {len(before):,} -> {len(after):,} characters")
            print(f"  begins: {lines[0][:90]}\n  ends:   {lines[-1][-90:]}")


def _draft(page: Page) -> ExtractedFields:
    try:
        return read_page(decode(page.html), page.url)
    except Rejected:
        return ExtractedFields(text="")


def _verdict(before: float, after: float) -> str:
    return "same" if before == after else "better" if after > before else "worse"


if __name__ == "__main__":
    main()

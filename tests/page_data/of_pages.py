"""Shells of real pages: head and scripts stay, the article as HTML and as JSON-LD goes."""

import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_NOTICE = re.compile(r"<noscript\b.*?</noscript\s*>", re.DOTALL | re.IGNORECASE)
_BODY = re.compile(r"<body\b", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAG = re.compile(r"<[^<>]{0,500}>")
#: Share of a text's runs of words that must be in the scripts.
_SHARE = 0.3


class Page(NamedTuple):
    """A page without its article, and the article's text."""

    name: str
    url: str
    html: str
    text: str


def shells(data: Path) -> Iterator[Page]:
    """Yield the shells of those pages in `pages` and `publishers` of a folder that have their article in their scripts."""
    for path, url, text in _pages(data):
        page = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        shell, scripts = _shell(page)
        wanted = runs(text, 6)
        if len(wanted & runs(_unescaped(scripts), 6)) > len(wanted) * _SHARE:
            yield Page(path.name, url, shell, text)


def runs(text: str, length: int = 4) -> set[tuple[str, ...]]:
    """Return the runs of so many words in a text."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def f1(found: str, text: str) -> float:
    """Return how much of two texts is the same, 0 to 1, by runs of four words."""
    a, b = runs(found), runs(text)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def _pages(data: Path) -> Iterator[tuple[Path, str, str]]:
    for name, truth in json.loads((data / "pages" / "ground-truth.json").read_text("utf-8")).items():
        yield data / "pages" / "html" / f"{name}.html.gz", truth["url"], truth["articleBody"]
    for line in (data / "publishers" / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        yield data / "publishers" / "html" / truth["file"], truth["url"], truth["text"]


def _shell(page: str) -> tuple[str, str]:
    head = _NOTICE.sub("", _SCRIPT.sub("", _BODY.split(page, maxsplit=1)[0]))
    scripts = [found for found in _SCRIPT.finditer(page) if "ld+json" not in found[1].lower()]
    shell = f'{head}<body><div id="root"></div>{"".join(found[0] for found in scripts)}</body></html>'
    return shell, " ".join(found[2] for found in scripts)


def _unescaped(scripts: str) -> str:
    for _ in range(2):  # JSON in JSON
        scripts = _ESCAPE.sub(lambda found: html.unescape(f"&#x{found[1]};"), scripts)
        scripts = (
            re.sub(r"\\[nrt]", " ", scripts).replace('\\"', '"').replace("\\/", "/").replace("\\\\", "\\")
        )
    return _TAG.sub(" ", html.unescape(html.unescape(scripts.replace('","', " "))))

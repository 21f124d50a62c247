"""The pages of own_sets/walls: walls and other non-pages, and articles about such things, in two halves.

A file has pages one after the other. Each begins with a line `=== name | kind | language | about | path`; `kind` is `article` or
the reason that the page should be rejected for. Walls are HTML, with `{{menu}}`, `{{headlines}}`, `{{teasers}}` and
`{{footer}}` for what stands around them on a site in that language (frames.toml). Of an article the first line is the headline,
the others are paragraphs; it is put into two pages, one with the metadata of a news site and one without any.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "own_sets/walls"
#: Rules are chosen on the first half, and judged on the second, which has other vendors and other languages.
HALVES = ("choosing", "judging")
ARTICLE = "article"
_MARK = "=== "


@dataclass(frozen=True, slots=True)
class WallPage:
    """A page as served with status 200, and what it is."""

    name: str
    #: `article`, or the reason for which it should be rejected.
    kind: str
    language: str
    #: The vendor, or what the page or the article is about.
    about: str
    url: str
    html: bytes


def wall_pages(half: str) -> list[WallPage]:
    """Return the pages of one of HALVES: the walls, then the articles."""
    frames = tomllib.loads((FOLDER / "frames.toml").read_text("utf-8"))
    return [*_walls(half, frames), *_articles(half, frames)]


def _walls(half: str, frames: dict[str, Any]) -> Iterator[WallPage]:
    for (name, kind, language, about, path), body in _entries(FOLDER / f"walls_{half}.txt"):
        html = body
        for part, markup in _frame(frames[language]).items():
            html = html.replace(f"{{{{{part}}}}}", markup)
        yield WallPage(name, kind, language, about, f"https://www.{language}.example{path}", html.encode())


def _articles(half: str, frames: dict[str, Any]) -> Iterator[WallPage]:
    for (name, kind, language, about, path), body in _entries(FOLDER / f"articles_{half}.txt"):
        headline, *paragraphs = body.strip().split("\n")
        url = f"https://www.{language}.example{path}"
        for style in (_news, _lean):
            html = style(headline, paragraphs, language, _frame(frames[language]))
            yield WallPage(f"{name}{style.__name__}", kind, language, about, url, html.encode())


def _entries(file: Path) -> Iterator[tuple[list[str], str]]:
    """Yield the heading of each page, as its parts, and what follows up to the next."""
    for entry in ("\n" + file.read_text("utf-8")).split(f"\n{_MARK}")[1:]:
        heading, _, body = entry.partition("\n")
        yield heading.split(" | "), body


def _frame(words: dict[str, Any]) -> dict[str, str]:
    """Return the markup around a page: by names of the parts."""
    links = "".join(f'<li><a href="/{at}">{one}</a></li>' for at, one in enumerate(words["menu"]))
    headlines = "".join(
        f'<li><a href="/news/{at}">{one}</a></li>' for at, one in enumerate(words["headlines"])
    )
    teasers = "".join(
        f'<div class="teaser"><h3><a href="/news/{at}">{headline}</a></h3><p>{teaser}</p></div>'
        for at, (headline, teaser) in enumerate(zip(words["headlines"], words["teasers"], strict=False))
    )
    return {
        "menu": f'<header><nav><ul class="menu">{links}</ul></nav></header>',
        "headlines": f'<ul class="latest">{headlines}</ul>',
        "teasers": teasers,
        "footer": f"<footer><p>{words['footer']}</p></footer>",
    }


def _news(headline: str, paragraphs: list[str], language: str, frame: dict[str, str]) -> str:
    """Return an article's page with the metadata of a news site."""
    text = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    title = escape(headline)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} - {language}.example</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
        '<meta property="article:published_time" content="2025-06-12T08:30:00Z"></head>'
        f'<body>{frame["menu"]}<main><article><h1>{title}</h1><p class="byline"><time datetime="2025-06-12">'
        f'12.06.2025</time></p><div class="article-body">{text}</div></article></main>{frame["teasers"]}'
        f"{frame['headlines']}{frame['footer']}</body></html>"
    )


def _lean(headline: str, paragraphs: list[str], language: str, frame: dict[str, str]) -> str:
    """Return an article's page without metadata."""
    text = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    title = escape(headline)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{frame['menu']}<div><h1>{title}</h1>{text}</div>{frame['headlines']}{frame['footer']}</body></html>"
    )

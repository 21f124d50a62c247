"""Pages that judge the rules of walls, soft 404s and app shells, written by another hand than the rules, before reading them.

`non_pages.txt`, `articles.txt` and `shells.txt` hold a record a page: `## expected language frame status | title`, then its
body, a line a block: `# ` a heading, `### ` a smaller one, `<` markup as it is, anything else a paragraph. The frames:

- `raw`: the lines are the whole page, as a vendor sends it;
- `plain`: a page with a title and nothing around;
- `site`: the site's own header, menu, cookie banner, most read stories and footer (`sites.txt`), and the metadata that a CMS
  writes on every page;
- `news`: as `site`, with the metadata of an article.
"""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent


class Judged(NamedTuple):
    """A page, and how it must end: `article`, `blocked`, `soft_404` or `needs_javascript`."""

    name: str
    expected: str
    language: str
    status: int
    url: str
    html: str


def judged(name: str) -> list[Judged]:
    """Return the pages of `name`.txt, in its order."""
    sites = {line.split("|", 1)[0]: line.split("|")[1:] for line in _lines("sites.txt")}
    return list(_pages(name, sites))


def _lines(name: str) -> list[str]:
    return (_HERE / name).read_text(encoding="utf-8").splitlines()


def _pages(name: str, sites: dict[str, list[str]]) -> Iterator[Judged]:
    records = "\n".join(_lines(f"{name}.txt")).split("## ")
    # "### " of a body ends in "## " too
    joined: list[str] = []
    for record in records:
        if joined and joined[-1].endswith("#"):
            joined[-1] += "## " + record
        else:
            joined.append(record)
    for number, record in enumerate(joined[1:]):
        head, _, body = record.strip().partition("\n")
        facts, _, title = head.partition(" | ")
        expected, language, frame, status = facts.split()
        url = f"https://www.{language}-daily.example/2024/05/{4100 + number * 37}-story.html"
        text = _page(frame, title, body.splitlines(), (language, *sites[language]), url)
        label = f"{name}-{number}-{language}-{frame}: {title[:60]}"
        yield Judged(label, expected, language, int(status), url, text)


def _block(line: str) -> str:
    if line.startswith("<"):
        return line
    if line.startswith("### "):
        return f"<h2>{line[4:]}</h2>"
    return f"<h1>{line[2:]}</h1>" if line.startswith("# ") else f"<p>{line}</p>"


def _page(frame: str, title: str, body: list[str], site: tuple[str, ...], url: str) -> str:
    if frame == "raw":
        return "\n".join(body)
    main = "\n".join(map(_block, body))
    language, name, menu, cookies, accept, most_read, stories, footer = site
    direction = ' dir="rtl"' if language in {"ar", "fa", "he"} else ""
    start = f'<!DOCTYPE html>\n<html lang="{language}"{direction}><head><meta charset="utf-8">'
    if frame == "plain":
        return f"{start}<title>{title}</title></head><body>{main}</body></html>"
    entries = "".join(f'<li><a href="/{n}/">{entry}</a></li>' for n, entry in enumerate(menu.split(";")))
    links = "".join(
        f'<li><a href="/2024/05/{n}.html">{story}</a></li>' for n, story in enumerate(stories.split(";"))
    )
    news = frame == "news"
    return f"""{start}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - {name}</title><link rel="canonical" href="{url}">{_metadata(title, name, url, news=news)}
<link rel="stylesheet" href="/assets/site.css"><script>window.dataLayer=window.dataLayer||[];</script></head>
<body class="{"single" if news else "page"}"><header><a class="logo" href="/">{name}</a><nav><ul>{entries}</ul></nav></header>
<div id="cookie-banner" role="dialog"><p>{cookies}</p><button>{accept}</button></div>
<div class="layout"><main>{f"<article>{main}</article>" if news else main}</main>
<aside><h3>{most_read}</h3><ol>{links}</ol></aside></div>
<footer><p>{footer}</p></footer></body></html>"""


def _metadata(title: str, name: str, url: str, *, news: bool) -> str:
    kind = "article" if news else "website"
    data = {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": name,
        "url": url.partition("/2024")[0],
    }
    date = "2024-05-14T08:30:00+00:00"
    if news:
        data = data | {"@type": "NewsArticle", "headline": title, "datePublished": date, "url": url}
    published = f'<meta property="article:published_time" content="{date}">' if news else ""
    quoted = html.escape(title)
    return (
        f'<meta property="og:title" content="{quoted}"><meta property="og:site_name" content="{name}">'
        f'<meta property="og:type" content="{kind}"><meta property="og:url" content="{url}">{published}'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
    )

"""A story as a page of its site: the site's template, filled in."""

import json
from html import escape
from itertools import islice
from pathlib import Path
from string import Template

from seeds.demo.sites import Site
from seeds.demo.stories import HEADING, Story, load_stories

TEMPLATES = Path(__file__).parent / "templates"
#: Headlines in a page's list of related stories, and teasers on a front page.
_RELATED = 5
_TEASERS = 8


def story_page(story: Story, site: Site, port: int) -> bytes:
    """Return the page of `story` on `site`, in the site's charset; links carry `port`."""
    root = f"http://{site.host}:{port}"
    fields = {
        "lang": story.lang,
        "direction": "rtl" if story.lang == "ar" else "ltr",
        "title": escape(story.title),
        "author": escape(story.author),
        "description": escape(story.description),
        "section": escape(story.section),
        "section_path": _section_path(story),
        "iso": story.published.isoformat(),
        "day": story.published.strftime(site.day),
        "site": escape(site.name),
        "root": root,
        "url": root + story.path,
        "image": f"{root}/media/{story.slug}-1200x675.jpg",
        "tags": "\n".join(
            f'<li><a rel="tag" href="/tag/{n}">{escape(t)}</a></li>' for n, t in enumerate(story.tags)
        ),
        "keywords": escape(", ".join(story.tags)),
        "related": "\n".join(_related(story)),
        "body": "\n".join(_block(block) for block in story.body),
        "json_ld": _json_ld(story, site, root),
    }
    return _fill(site, site.template, fields)


def front_page(site: Site, port: int) -> bytes:
    """Return the front page of a section of `site`: teasers of its stories, no full text."""
    own = (story for story in load_stories() if story.site == site.host)
    teasers = (
        f'<li class="teaser"><h2><a href="{story.path}">{escape(story.title)}</a></h2>'
        f'<time datetime="{story.published:%Y-%m-%d}">{story.published.strftime(site.day)}</time></li>'
        for story in islice(own, _TEASERS)
    )
    fields = {"site": escape(site.name), "root": f"http://{site.host}:{port}", "teasers": "\n".join(teasers)}
    return _fill(site, "front.html", fields)


def _fill(site: Site, template: str, fields: dict[str, str]) -> bytes:
    """Return the file `template` with `fields` in it, in the charset of `site`; KeyError names a missing field."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return Template(text).substitute(fields).encode(site.encoding)


def _block(block: str) -> str:
    """Return a paragraph or heading of the story as HTML."""
    if block.startswith(HEADING):
        return f"<h2>{escape(block.removeprefix(HEADING))}</h2>"
    return f"<p>{escape(block, quote=False)}</p>"


def _section_path(story: Story) -> str:
    """Return the address of the section that the story is in: the first part of its path."""
    return f"/{story.path.split('/')[1]}/"


def _related(story: Story) -> list[str]:
    """Return links to other stories of the same site, as list items."""
    others = (other for other in load_stories() if other.site == story.site and other.slug != story.slug)
    return [
        f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in islice(others, _RELATED)
    ]


def _json_ld(story: Story, site: Site, root: str) -> str:
    """Return the story as a schema.org NewsArticle, ready to stand in a script element."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": root + story.path},
        "headline": story.title,
        "description": story.description,
        "datePublished": story.published.isoformat(),
        "dateModified": story.published.isoformat(),
        "author": [{"@type": "Person", "name": story.author}],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": site.name,
            "logo": {"@type": "ImageObject", "url": f"{root}/static/logo.png"},
        },
        "image": [f"{root}/media/{story.slug}-1200x675.jpg"],
        "articleSection": story.section,
        "keywords": list(story.tags),
        "inLanguage": story.lang,
        "isAccessibleForFree": True,
    }
    return json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/")

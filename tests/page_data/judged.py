"""Shells of kinds that were kept for judging."""

import html
import json
from collections.abc import Callable
from typing import Any

from tests.page_data.stories import (
    COMMENTS,
    CONFIG,
    NORDIC,
    STORY,
    TEASERS,
    Story,
    body_html,
    data,
    js,
    page,
    script,
)


def wordpress_rest(story: Story) -> str:
    post = {
        "id": 4711,
        "date": f"{story.day}T10:30:00",
        "slug": story.slug,
        "link": f"https://cms.example/{story.slug}/",
        "title": {"rendered": html.escape(story.title)},
        "content": {"rendered": body_html(story), "protected": False},
        "excerpt": {"rendered": f"<p>{story.paragraphs[0][:80]} [&hellip;]</p>"},
        "_embedded": {"author": [{"name": story.author, "description": "Ada writes about rivers. " * 30}]},
    }
    return page(story, data({"props": {"pageProps": {"post": post, "options": CONFIG}}}, id_="__NEXT_DATA__"))


def slate(story: Story) -> str:
    body = [
        {
            "type": "paragraph",
            "children": [{"text": text[:30]}, {"text": text[30:60], "bold": True}, {"text": text[60:]}],
        }
        for text in story.paragraphs
    ]
    attributes = {
        "Titel": "x",
        "title": story.title,
        "content": body,
        "publishedAt": f"{story.day}T06:00:00.000Z",
        "writer": {"data": {"attributes": {"name": story.author}}},
    }
    return page(
        story,
        script(
            f"window.__INITIAL_STATE__={js({'articles': {'current': {'id': 5, 'attributes': attributes}}, 'list': TEASERS})};"
        ),
    )


def prosemirror(story: Story) -> str:
    nodes: list[dict[str, Any]] = [
        {"type": "paragraph", "attrs": {"textAlign": None}, "content": [{"type": "text", "text": text}]}
        for text in story.paragraphs
    ]
    nodes.insert(
        1, {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "What it costs"}]}
    )
    nodes.insert(
        3,
        {
            "type": "figure",
            "attrs": {"src": "/x.jpg", "alt": "A levee"},
            "content": [
                {"type": "figcaption", "content": [{"type": "text", "text": "A levee in the village"}]}
            ],
        },
    )
    value = {
        "story": {
            "name": story.title,
            "createdAt": f"{story.day}T10:00:00Z",
            "creator": story.author,
            "document": {"type": "doc", "content": nodes},
        }
    }
    return page(story, script(f"var initialData = {js(value)};"))


def draft(story: Story) -> str:
    raw = {
        "blocks": [
            {
                "key": f"b{at}",
                "text": text,
                "type": "unstyled",
                "depth": 0,
                "inlineStyleRanges": [],
                "entityRanges": [],
                "data": {},
            }
            for at, text in enumerate(story.paragraphs)
        ],
        "entityMap": {},
    }
    value = {
        "page": {
            "news": {
                "title": story.title,
                "content": json.dumps(raw),
                "created_at": f"{story.day} 09:00",
                "author_name": story.author,
            }
        },
        "comments": {"items": COMMENTS},
    }
    return page(story, script(f"window.__STATE__ = {js(value)}"))


def editor_js(story: Story) -> str:
    blocks = [
        {"id": f"x{at}", "type": "paragraph", "data": {"text": html.escape(text, quote=False)}}
        for at, text in enumerate(story.paragraphs)
    ]
    blocks.append({"id": "l", "type": "linkTool", "data": {"text": "https://a.example/"}})
    value = {
        "data": {
            "post": {
                "heading": story.title,
                "published": story.day,
                "body": {"time": 1744799400000, "blocks": blocks, "version": "2.28"},
            }
        }
    }
    return page(
        story, data(value, id_="page-data", kind="application/json; charset=utf-8"), title="Courier online"
    )


def lexical(story: Story) -> str:
    children = [
        {
            "type": "paragraph",
            "version": 1,
            "format": "",
            "indent": 0,
            "children": [
                {"type": "text", "text": text, "format": 0, "detail": 0, "mode": "normal", "style": ""}
            ],
        }
        for text in story.paragraphs
    ]
    doc = {
        "title": story.title,
        "slug": story.slug,
        "updatedAt": f"{story.day}T10:00:00Z",
        "content": {"root": {"type": "root", "direction": "ltr", "children": children}},
        "authors": [{"name": story.author}],
        "meta": {"title": f"{story.title} - Courier", "description": story.paragraphs[0][:90]},
    }
    return page(
        story,
        script(
            f"self.__next_f.push([1,{js('0:' + js(['$', 'div', None, {'children': ['$', '$L5', None, {'doc': doc, 'latest': TEASERS}]}]) + chr(10))}])"
        ),
    )


def nuxt_json(story: Story) -> str:
    value = {
        "data": [
            {},
            {
                "post": {
                    "title": story.title,
                    "published_on": story.day,
                    "by": story.author,
                    "copy": [f"<p>{html.escape(text, quote=False)}</p>" for text in story.paragraphs],
                }
            },
        ],
        "state": {"i18n": CONFIG["i18n"]},
        "serverRendered": True,
    }
    return page(story, script(f"window.__NUXT__={js(value)};"))


def remix(story: Story) -> str:
    loader = {
        "root": {"user": None, "env": CONFIG},
        "routes/$slug": {
            "article": {
                "headline": story.title,
                "html": body_html(story),
                "publicationDate": f"{story.day}T10:30:00Z",
                "byline": [{"name": story.author}],
            },
            "sidebar": TEASERS,
        },
    }
    value = js({"url": f"/{story.slug}", "state": {"loaderData": loader, "actionData": None}, "future": {}})
    return page(
        story, script(f"window.__remixContext = {value};__remixContext.p = function(v,e,p,x) {{ return p }};")
    )


def sveltekit(story: Story) -> str:
    body = json.dumps(
        {
            "article": {
                "title": story.title,
                "content_html": body_html(story),
                "date": f"{story.day}T10:30:00Z",
                "author": story.author,
            }
        }
    )
    tag = f'<script type="application/json" data-sveltekit-fetched data-url="/api/articles/{story.slug}">{json.dumps({"status": 200, "statusText": "OK", "headers": {}, "body": body}).replace("<", chr(92) + "u003C")}</script>'
    return page(story, tag)


def angular(story: Story) -> str:
    text = json.dumps(
        {
            "G.json.https://api.example/a?slug=x": {
                "body": {
                    "title": story.title,
                    "fullText": body_html(story),
                    "publishDate": f"{story.day}T10:30:00Z",
                    "author": {"displayName": story.author},
                }
            }
        }
    )
    for character, entity in (("&", "&a;"), ('"', "&q;"), ("'", "&s;"), ("<", "&l;"), (">", "&g;")):
        text = text.replace(character, entity)
    return page(story, f'<script id="serverApp-state" type="application/json">{text}</script>')


def infinite_scroll(story: Story) -> str:
    def article(one: Story, extra: str) -> dict[str, Any]:
        return {
            "title": one.title,
            "urlPath": f"/news/{one.slug}",
            "body": body_html(one) + extra,
            "published": f"{one.day}T10:00:00Z",
            "author": one.author,
        }

    other = NORDIC if story is STORY else STORY
    items = [
        article(other, "<p>And a little more, so that it is the longer one of the two.</p>" * 9),
        article(story, ""),
        article(other._replace(title="A third story of the day", slug="third"), ""),
    ]
    return page(story, script(f'window["__DATA__"] = {js({"stream": {"items": items}})};'))


def markdown(story: Story) -> str:
    text = f"{story.paragraphs[0]}\n\n## What comes next\n\n" + "\n\n".join(story.paragraphs[1:])
    value = {
        "props": {
            "pageProps": {
                "frontmatter": {"title": story.title, "date": story.day, "author": story.author},
                "content": text,
                "prev": TEASERS[0],
                "next": TEASERS[1],
            }
        }
    }
    return page(story, data(value, id_="__NEXT_DATA__"))


JUDGED: tuple[Callable[[Story], str], ...] = (
    *(wordpress_rest, slate, prosemirror, draft, editor_js, lexical, nuxt_json, remix, sveltekit, angular),
    *(infinite_scroll, markdown),
)

"""Shells that the rules of page data were developed on."""

import html
from collections.abc import Callable
from typing import Any

from tests.page_data.stories import COMMENTS, CONFIG, STORY, TEASERS, Story, body_html, data, js, page, script


def next_pages(story: Story) -> str:
    props = {
        "article": {
            "id": 7,
            "title": story.title,
            "slug": story.slug,
            "publishedAt": f"{story.day}T10:30:00Z",
            "authors": [{"id": 1, "name": story.author}],
            "body": body_html(story),
        },
        "related": TEASERS,
        "config": CONFIG,
    }
    return page(story, data({"props": {"pageProps": props}, "page": "/[slug]"}, id_="__NEXT_DATA__"))


def next_contentful(story: Story) -> str:
    def text(value: str) -> dict[str, Any]:
        return {"nodeType": "text", "value": value, "marks": [], "data": {}}

    blocks = [{"nodeType": "paragraph", "data": {}, "content": [text(one)]} for one in story.paragraphs]
    link = {"nodeType": "hyperlink", "data": {"uri": "https://a.example/"}, "content": [text("the report")]}
    blocks[-1]["content"] += [text(" It is in "), link, text(".")]
    image = {
        "nodeType": "embedded-asset-block",
        "data": {"target": {"fields": {"title": "Levee", "description": "A levee"}}},
        "content": [],
    }
    entry = {
        "sys": {"id": "x", "createdAt": f"{story.day}T10:30:00Z"},
        "fields": {
            "headline": story.title,
            "publishDate": story.day,
            "author": {"fields": {"name": story.author, "bio": "Writes about rivers. " * 20}},
            "body": {"nodeType": "document", "data": {}, "content": [*blocks[:2], image, *blocks[2:]]},
        },
    }
    return page(
        story,
        data({"props": {"pageProps": {"entry": entry, "more": TEASERS}}}, id_="__NEXT_DATA__"),
        title="The Courier",
    )


def next_flight(story: Story) -> str:
    body = body_html(story)
    post = {
        "title": story.title,
        "slug": story.slug,
        "date": f"{story.day}T10:30:00.000Z",
        "author": {"name": story.author},
        "content": "$1b",
    }
    rows = (
        '1:"$Sreact.fragment"\n2:I[123,["45","static/chunks/45.js"],"default"]\n'
        f"1b:T{len(body.encode()):x},{body}"
        f'c:["$","main",null,{{"className":"x","children":["$","$L2",null,{js({"post": post, "latest": TEASERS})}]}}]\n'
        'd:["$","footer",null,{"children":["$undefined","$Sx","$@c"]}]\n'
    )
    cut = len(rows) // 3
    chunks = "".join(
        script(f"self.__next_f.push([1,{js(rows[at : at + cut])}])") for at in range(0, len(rows), cut)
    )
    return page(story, script("(self.__next_f=self.__next_f||[]).push([0])") + chunks)


def nuxt_function(story: Story) -> str:
    body = js(body_html(story)).replace("/", "\\u002F")
    code = (
        'window.__NUXT__=(function(a,b,c,d){d.name=a;d.bio=b;return {layout:"default",data:[{article:{id:c,title:'
        f'{js(story.title)},slug:{js(story.slug)},published_at:"{story.day}T10:30:00Z",author:d,content:{body},'
        f'video:b,tags:["rivers",a],related:{js(TEASERS)}}}}}],fetch:{{}},error:b,state:{{open:!1,at:new Date(1e12),n:void 0}},'
        f'serverRendered:true,routePath:"\\u002Fnews"}}}}({js(story.author)},null,17,{{}}));'
    )
    return page(story, script(code), title="The Courier")


def nuxt_devalue(story: Story) -> str:
    flat: list[Any] = []

    def put(value: Any) -> int:
        at = len(flat)
        flat.append(None)
        if isinstance(value, dict):
            flat[at] = {key: put(one) for key, one in value.items()}
        elif isinstance(value, list):
            flat[at] = [put(one) for one in value]
        else:
            flat[at] = value
        return at

    flat.append(["ShallowReactive", 1])
    article = {
        "headline": story.title,
        "paragraphs": [{"type": "text", "text": text} for text in story.paragraphs],
        "authors": [story.author],
        "related": TEASERS,
    }
    put({"data": {"article-x": article}, "state": CONFIG, "serverRendered": True})
    reference = next(at for at, one in enumerate(flat) if isinstance(one, dict) and "headline" in one)
    flat[reference]["publishedAt"] = len(flat)
    flat.append(["Date", f"{story.day}T10:30:00.000Z"])
    return page(
        story, data(flat, id_="__NUXT_DATA__") + script("window.__NUXT__={};window.__NUXT__.config={app:{}}")
    )


def apollo(story: Story) -> str:
    state: dict[str, Any] = {
        "ROOT_QUERY": {"__typename": "Query", f'article({{"slug":"{story.slug}"}})': {"__ref": "Article:9"}},
        "Author:3": {"__typename": "Author", "name": story.author},
        "Article:9": {
            "__typename": "Article",
            "title": story.title,
            "firstPublishedAt": 1744799400000 if story is STORY else f"{story.day}T10:00:00Z",
            "author": {"__ref": "Author:3"},
            "content": {
                "__typename": "Body",
                "paragraphs": [{"__ref": f"Paragraph:{at}"} for at in range(len(story.paragraphs))],
            },
        },
    }
    for at, text in enumerate(story.paragraphs):
        state[f"Paragraph:{at}"] = {"__typename": "Paragraph", "type": "P", "text": text, "markups": []}
    for at, teaser in enumerate(TEASERS):
        state[f"Article:1{at}"] = {"__typename": "Article", **teaser}
    return page(story, script(f"window.__APOLLO_STATE__ = {js(state)};"))


def initial_state(story: Story) -> str:
    code = (
        'window.__INITIAL_STATE__ = {"user":undefined,"article":{"status":"ok","item":{"headline":'
        f'{{"default":{js(story.title)},"seo":undefined}},"body":{js(list(story.paragraphs))},"byline":{js("By " + story.author)},'
        f'"datePublished":"{story.day}T10:30:00+02:00","comments":{js(COMMENTS)}}}}},"ui":{js(CONFIG)}}};'
        "(function(){var s;(s=document.currentScript||document.scripts[document.scripts.length-1]).parentNode.removeChild(s);}());"
    )
    return page(story, script(code))


def preloaded_portable_text(story: Story) -> str:
    blocks = [
        {
            "_type": "block",
            "_key": f"k{at}",
            "style": "normal",
            "markDefs": [],
            "children": [
                {"_type": "span", "text": text[:50], "marks": ["strong"]},
                {"_type": "span", "text": text[50:], "marks": []},
            ],
        }
        for at, text in enumerate(story.paragraphs)
    ]
    blocks.insert(
        2,
        {
            "_type": "image",
            "_key": "i",
            "asset": {"_ref": "image-x"},
            "caption": "The old levee, before the flood of March",
        },
    )
    post = {
        "_type": "post",
        "title": story.title,
        "slug": {"current": story.slug},
        "publishedAt": f"{story.day}T08:00:00Z",
        "author": {"name": story.author},
        "body": blocks,
        "readNext": TEASERS,
    }
    return page(
        story, script(f"window.__PRELOADED_STATE__ = {js({'page': {'post': post}, 'config': CONFIG})}")
    )


def arc(story: Story) -> str:
    elements: list[dict[str, Any]] = [
        {"_id": f"e{at}", "type": "text", "content": html.escape(text, quote=False)}
        for at, text in enumerate(story.paragraphs)
    ]
    elements.insert(
        1,
        {
            "type": "image",
            "caption": "The old levee in March, as the water board has photographed it for its report",
        },
    )
    elements.insert(3, {"type": "interstitial_link", "content": "Read also: what the flood has cost"})
    content = {
        "type": "story",
        "canonical_url": f"/news/{story.slug}/",
        "headlines": {"basic": story.title},
        "description": {"basic": "Half a metre."},
        "credits": {"by": [{"type": "author", "name": story.author}]},
        "display_date": f"{story.day}T10:30:00.000Z",
        "content_elements": elements,
        "related_content": {"basic": TEASERS},
    }
    code = f'window.Fusion=window.Fusion||{{}};Fusion.arcSite="courier";Fusion.globalContent={js(content)};Fusion.globalContentConfig={{"source":"content-api"}};Fusion.contentCache={js({"feed": {"{}": {"data": {"content_elements": TEASERS}}}})}'
    return page(story, script(code))


def gatsby(story: Story) -> str:
    value = {
        "result": {
            "data": {
                "wpPost": {
                    "title": story.title,
                    "content": body_html(story),
                    "date": f"{story.day}T10:30:00",
                    "author": {"node": {"name": story.author}},
                },
                "recent": {"nodes": TEASERS},
            },
            "pageContext": {"slug": story.slug},
        }
    }
    return page(story, data(value))


def blocks_in_a_string(story: Story) -> str:
    def paragraph(text: str) -> dict[str, Any]:
        return {
            "type": "paragraph",
            "model": {
                "text": text,
                "blocks": [{"type": "fragment", "model": {"text": text, "attributes": []}}],
            },
        }

    blocks = [
        {"type": "headline", "model": {"text": story.title}},
        {"type": "image", "model": {"alt": "A long text about what is in the picture"}},
        {"type": "text", "model": {"blocks": [paragraph(text) for text in story.paragraphs]}},
    ]
    state = {
        "data": {
            "article?uri=x": {
                "name": "article",
                "data": {
                    "headline": story.title,
                    "firstPublished": f"{story.day}T10:00:00Z",
                    "contributor": {"name": story.author},
                    "content": {"model": {"blocks": blocks}},
                },
            },
            "footer": {"props": {"links": [{"title": "Terms", "href": "/t"}]}},
        }
    }
    return page(story, script(f"window.__INITIAL_DATA__={js(js(state))};"))


def json_parse(story: Story) -> str:
    state = js(
        {
            "post": {
                "post_title": story.title,
                "post_content": body_html(story),
                "post_date": f"{story.day} 10:30:00",
                "post_author": story.author,
            },
            "comments": COMMENTS,
        }
    )
    literal = state.replace("\\", "\\\\").replace("'", "\\'")
    return page(story, script(f"window.STATE = JSON.parse('{literal}');"))


DEVELOPED: tuple[Callable[[Story], str], ...] = (
    *(next_pages, next_contentful, next_flight, nuxt_function, nuxt_devalue, apollo, initial_state),
    *(preloaded_portable_text, arc, gatsby, blocks_in_a_string, json_parse),
)

"""Pages and texts that are within the size limits, and that are made to take as long as they can."""

import json
from collections.abc import Callable, Iterator

#: Bytes of a page: the default of NEWSMILL_MAX_BODY_BYTES, less what is around the hostile part.
SIZE = 2_990_000
#: Characters of JSON-LD that are kept of a page (tasks/extract/markup.py).
DATA = 480_000
#: Elements: tasks/extract/limits.py allows 16,000.
ELEMENTS = 15_500

SENTENCES = [
    f"{number}. The council of the small town met on Tuesday to decide how the old bridge is to be mended."
    for number in range(8)
]
STORY = "\n".join(SENTENCES)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)

#: A page: its content type, and what builds it.
Case = tuple[str, Callable[[], bytes]]


def page(head: str = "", body: str = "", after: str = "") -> str:
    """Return an ordinary page with something in its head, before and after its story."""
    return (
        f"<!DOCTYPE html><html lang=en><head><title>Town mends its bridge</title>{head}</head><body><article>"
        f"<h1>Town mends its bridge</h1>{body}{PARAGRAPHS}{after}</article></body></html>"
    )


def many(piece: str, size: int = SIZE) -> str:
    """Return `piece` as often as it fits into `size` bytes."""
    return piece * (size // len(piece.encode("utf-8", "surrogatepass")))


def ld(text: str) -> str:
    """Return a page with the JSON-LD `text`."""
    return page(f'<script type="application/ld+json">{text}</script>')


def news(**fields: object) -> str:
    """Return a page whose JSON-LD is a valid NewsArticle with these fields."""
    return ld(
        json.dumps({"@context": "http://schema.org", "@type": "NewsArticle", **fields}, ensure_ascii=False)
    )


#: What the expressions of newsmill and of the libraries look for, and what may stand between.
TOKENS = (
    *(
        " ",
        "\n",
        "\t",
        "\u00a0",
        "\u200b",
        "\u2028",
        "\r",
        "a",
        "A",
        "1",
        "12",
        "2024",
        "20240101",
        "2024-01-01",
        "1.1.20",
        "12/12/2012",
    ),
    *(
        "/",
        "//",
        "http://",
        "https://a.b/",
        "www.",
        "a@",
        "@",
        "a@b.c",
        "#",
        "#a",
        "&",
        "&amp;",
        "&#",
        "&#x41;",
        "&lt;",
        "&lt;!--",
        "&lt;/",
        "&#xd800;",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\\",
        "\\(",
        "\\[",
        "\\u0061",
        '"',
        "'",
        "`",
        "\u2018",
        "\u201c",
        "<",
        "<b",
        "</",
        "<!--",
        "<!",
        "<?",
        "<a ",
        "<p",
        "]]>",
    ),
    *(
        "!",
        "!a",
        "?",
        ".",
        ". ",
        ",",
        ";",
        ":",
        "-",
        "\u2013",
        "|",
        " | ",
        " - ",
        "_",
        "*",
        "~",
        ">",
        "\u00bb",
        " > ",
        "Home > ",
        "\u2026",
    ),
    *(
        "related\n",
        "views ",
        "views: 1 ",
        "date: ",
        "Date: 2024-01-01\n",
        "updated: ",
        "on ",
        "by ",
        "and ",
        "von ",
        "January ",
        "January 1 ",
        "1 January 2024 ",
    ),
    *(
        "javascript ",
        "cookies ",
        "we use cookies ",
        "cc ",
        "creative commons ",
        "commons by",
        "copyright ",
        "\u00a9 ",
        "\u00a9 2024 ",
        "(c)",
    ),
    *(
        "\u0301",
        "e\u0301",
        "\u0316\u0301",
        "\u0e01\u0e31",
        "\u1100\u1161\u11a8",
        "\ufdfa",
        "\u4e2d",
        "\u4e2d\u6587",
        "\u3042",
        "\u202e",
        "\u202e\u0627\u0644",
        "\U0001f600",
        "\u0130",
        "\u00df",
        "\ud800",
    ),
    *(
        '"author":',
        '"author":"a",',
        '"Person"',
        '"Person"x',
        '"publisher":"a",',
        '"name":"',
        '"@type":',
        '"articleSection":"',
        '"headline":"',
        ',"image":{"@type":"ImageObject",',
    ),
    *(
        "$1",
        "USD",
        "IBAN",
        "Jan",
        "p.m. ",
        "10:30 ",
        "T10:30:00",
        "+01:00",
        "x" * 50 + " ",
        "ab ",
        "the ",
        "et ",
    ),
)
ELEMENTS_OF_HTML = (
    *(
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "b",
        "big",
        "blockquote",
        "body",
        "br",
        "button",
        "center",
        "cite",
        "code",
        "dd",
        "del",
        "details",
    ),
    *(
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "frame",
        "frameset",
        "h1",
        "h2",
        "h6",
        "head",
        "header",
    ),
    *(
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "label",
        "li",
        "link",
        "main",
        "map",
        "math",
        "meta",
        "nav",
        "noscript",
        "object",
        "ol",
        "option",
    ),
    *(
        "p",
        "picture",
        "pre",
        "q",
        "s",
        "section",
        "select",
        "small",
        "source",
        "span",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "table",
        "tbody",
    ),
    *(
        "td",
        "template",
        "textarea",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "video",
        "x-y",
    ),
)
VOID = {"br", "embed", "frame", "hr", "img", "input", "link", "meta", "source"}


def _distinct(number: int, form: str = "w{:x}") -> str:
    return " ".join(form.format(n) for n in range(number))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _texts() -> Iterator[tuple[str, Callable[[], str]]]:
    for token in TOKENS:
        yield f"text of {token!a}", lambda token=token: many(token)  # type: ignore[misc]
        yield f"lines of {token!a}", lambda token=token: many(f"{token}x\n")  # type: ignore[misc]
        yield f"story, then {token!a}", lambda token=token: f"{STORY}\n{many(token)}!"  # type: ignore[misc]
    yield "text of distinct words", lambda: _distinct(420_000)
    yield "text of distinct Han", lambda: "".join(chr(0x4E00 + n % 20_000) for n in range(SIZE // 3))
    yield "text of all characters", lambda: "".join(map(chr, range(33, 0x2FFF))) * 20
    yield "text of accents in the wrong order", lambda: "a" + many("\u0301\u0316")
    yield "text of accents, sorted backwards", lambda: "a" + "\u0301" * (SIZE // 4) + "\u0316" * (SIZE // 4)
    yield "breadcrumb", lambda: "Home" + (" > " + " " * 10) * 7 + "x\n" + STORY
    yield "views and spaces", lambda: "views" + " " * 4000 + "x\n" + STORY


def _pages() -> Iterator[tuple[str, Callable[[], str]]]:
    for token in TOKENS:
        for name, build in _places(token):
            yield f"{name} of {token!a}", build
    for name in ELEMENTS_OF_HTML:
        yield from _elements(name)
    yield from _crowds()
    yield from _data()


def _places(token: str) -> Iterator[tuple[str, Callable[[], str]]]:
    safe = _escaped(token) if "&#" not in token and "&lt;" not in token and "&amp;" not in token else token
    yield "raw body", lambda: page(body=many(token))
    yield "paragraph", lambda: page(body=f"<p>{many(safe)}</p>")
    yield "paragraphs", lambda: page(body=f"<p>{many(safe, 95)}</p>" * ELEMENTS)
    yield "pre", lambda: page(body=f"<pre>{many(safe)}</pre>")
    yield "title", lambda: f"<title>{many(safe)}</title>{PARAGRAPHS}"
    yield "h1", lambda: page(body=f"<h1>{many(safe)}</h1>")
    yield "table", lambda: page(body=f"<table><tr><td>{many(safe)}</td><td>x</td></tr></table>")
    yield "link", lambda: page(body=f'<a href="{many(safe, SIZE // 2)}">{many(safe, SIZE // 2)}</a>')
    yield "link hrefs", lambda: page(body=f'<a href="{many(safe, 90)}">x</a>' * ELEMENTS)
    yield (
        "class and id",
        lambda: page(body=f'<div class="{many(safe, SIZE // 2)}" id="{many(safe, SIZE // 2)}">x</div>'),
    )
    yield (
        "time",
        lambda: page(body=f'<time datetime="{many(safe, SIZE // 2)}">{many(safe, SIZE // 2)}</time>'),
    )
    yield "dates", lambda: page(body=f'<p class="date">{many(safe, 80)}</p>' * ELEMENTS)
    for meta in ("author", "description", "keywords", "date", "og:url", "og:title", "og:image"):
        key = "property" if ":" in meta else "name"
        yield (
            f"meta {meta}",
            lambda key=key, meta=meta: page(f'<meta {key}="{meta}" content="{many(safe)}a">'),
        )  # type: ignore[misc]
    yield "metas author", lambda: page(f'<meta name="author" content="{many(safe, 60)}">' * ELEMENTS)
    yield "canonical", lambda: page(f'<link rel="canonical" href="https://a.example/{many(safe)}">')
    yield (
        "byline",
        lambda: page(body=f'<p class="author">{many(safe)}</p><a rel=author href=/a>{many(safe, 100)}</a>'),
    )
    yield (
        "categories",
        lambda: page(
            body=f'<div class="postcategories"><a href="/category/a/">{many(safe)}</a></div><div class=tags><a href="/tag/a/">{many(safe, 1000)}</a></div>'
        ),
    )
    yield "footer", lambda: page(body=f'<div class="footer"><a href="/x">{many(safe)}</a></div>')
    yield "broken JSON-LD", lambda: ld("{" + many(token, DATA))
    yield "JSON-LD author", lambda: news(author=many(token, DATA // 2))
    yield "JSON-LD headline", lambda: news(headline=many(token, DATA // 2))
    yield (
        "JSON-LD body",
        lambda: ld(json.dumps({"@type": "NewsArticle", "articleBody": many(token, DATA // 2)})),
    )


def _elements(name: str) -> Iterator[tuple[str, Callable[[], str]]]:
    end = "" if name in VOID else f"</{name}>"
    yield f"empty {name}", lambda: page(body=f"<{name}>{end}" * ELEMENTS)
    yield (
        f"{name} with text",
        lambda: page(body=f"<{name}>The council met on a Tuesday in the old town hall.{end}" * ELEMENTS),
    )
    yield f"{name} with text after it", lambda: page(body=f"<{name}>x{end}y" * ELEMENTS)
    if not end:
        return
    yield f"{name} nested", lambda: page(body=f"<{name}>x" * 2_000 + end * 2_000)
    yield f"{name} nested, not closed", lambda: page(body=f"<{name}>x" * 900)
    yield f"{name} nested, ten times", lambda: page(body=(f"<{name}>x" * 2_000 + end * 2_000) * 10)
    yield f"{name} nested in divs", lambda: page(body=f"<{name}><div>x" * 900)
    yield f"{name} nested in tables", lambda: page(body=f"<table><tr><td><{name}>x" * 500)
    yield f"{name} nested in lists", lambda: page(body=f"<ul><li><{name}>x" * 600)
    yield (
        f"{name} in one {name}",
        lambda: page(body=f"<{name}>" + f"<p>The council met.</p><{name}>x{end}" * (ELEMENTS // 2) + end),
    )
    yield (
        f"p in one {name}",
        lambda: page(body=f"<{name}>" + "<p>The council met on Tuesday.</p>" * ELEMENTS + end),
    )


def _crowds() -> Iterator[tuple[str, Callable[[], str]]]:
    yield (
        "distinct links",
        lambda: page(body="".join(f'<a href="/{n}">Link {n}</a> ' for n in range(ELEMENTS))),
    )
    yield (
        "distinct dates",
        lambda: page(
            body="".join(
                f'<p class="date">{n % 28 + 1} stycznia {1995 + n % 30} x{n}</p>' for n in range(ELEMENTS)
            )
        ),
    )
    yield (
        "distinct times",
        lambda: page(
            body="".join(
                f"<time>{n % 28 + 1} gennaio {1995 + n % 30} alle {n}</time>" for n in range(ELEMENTS)
            )
        ),
    )
    yield (
        "999 dates",
        lambda: page(
            body="".join(f'<p class="date">dnia {n % 28 + 1} grudnia {n} pon x{n}</p>' for n in range(999))
        ),
    )
    yield (
        "999 odd dates",
        lambda: page(
            body="".join(
                f'<p class="date">kl. {n % 28 + 1} luty {1995 + n % 30}, {n} godz</p>' for n in range(999)
            )
        ),
    )
    yield (
        "dates in text",
        lambda: page(
            body="".join(f"<p>{n % 28 + 1}.{n % 12 + 1}.{1995 + n % 30}</p>" for n in range(ELEMENTS))
        ),
    )
    yield (
        "distinct metas",
        lambda: page("".join(f'<meta name="author" content="Ann B{n} Smith">' for n in range(ELEMENTS))),
    )
    yield (
        "distinct authors",
        lambda: page(
            f'<meta name="author" content="{"; ".join(f"Ann B{n:x} Smith" for n in range(150_000))}">'
        ),
    )
    yield (
        "distinct tags",
        lambda: page(
            "".join(f'<meta property="article:tag" content="tag {n}, b {n}">' for n in range(ELEMENTS))
        ),
    )
    yield (
        "date metas",
        lambda: page(
            "".join(
                f'<meta name="date" content="{n % 28 + 1} grudnia pon {1995 + n % 30}, {n % 60}">'
                for n in range(ELEMENTS)
            )
        ),
    )
    yield "distinct h1", lambda: page(body="".join(f"<h1>Heading {n}</h1>" for n in range(ELEMENTS)))
    yield (
        "many attributes",
        lambda: page(body=("<p " + " ".join(f"a{n}=1" for n in range(990)) + ">x</p>") * 100),
    )
    yield (
        "classes",
        lambda: page(
            body="".join(f'<div class="c{n} author-{n} date{n}" id="i{n}">x</div>' for n in range(ELEMENTS))
        ),
    )
    yield (
        "class author",
        lambda: page(
            body="".join(f'<div class="author"><b>{n}</b>, staff</div>' for n in range(ELEMENTS // 2))
        ),
    )
    yield "nested class author", lambda: page(body='<div class="author">x ' * 2_000)
    yield "nested class comment", lambda: page(body='<div class="author"><div class="comment">x ' * 1_000)
    yield "nested class date", lambda: page(body='<div class="date">x 2024' * 2_000)
    yield (
        "nested class date, wide",
        lambda: page(body='<div class="date">x 2024' * 990 + many("word ", 1_500_000)),
    )
    yield (
        "nested class author, wide",
        lambda: page(body='<div class="author">x' * 2_000 + many("word ", 1_500_000)),
    )
    yield (
        "nested links, wide",
        lambda: page(body='<div class="footer"><a href=/x>x' * 900 + many("word ", 1_500_000)),
    )
    yield "nested spans in a paragraph", lambda: page(body="<p>" + "<span>x" * 2_000)
    yield "bold in one div", lambda: page(body="<div>" + "x <b>y</b>" * ELEMENTS)
    yield "bold in one list", lambda: page(body="<ul><li>" + "x <b>y</b>" * ELEMENTS)
    yield "bold in one cell", lambda: page(body="<table><tr><td>" + "x <b>y</b>" * ELEMENTS)
    yield "breaks in one div", lambda: page(body="<div>" + "x<br>" * ELEMENTS)
    yield "breaks in one paragraph", lambda: page(body="<p>" + "The council met.<br>" * 2_990)
    yield "many paragraphs of bold", lambda: page(body=("<p>" + "x <b>y</b>" * 2_900 + "</p>") * 9)
    yield "quotes of bold", lambda: page(body="<blockquote>" + "x <i>y</i>" * ELEMENTS)
    yield "headings of bold", lambda: page(body="<h2>" + "x <i>y</i>" * ELEMENTS)
    yield "links in one paragraph", lambda: page(body="<p>" + '<a href="/a">The council</a> met. ' * 2_990)
    yield "entities", lambda: page(body=f"<p>{many('&#233;')}</p>")
    yield "unclosed tables", lambda: page(body="<table><tr><td>x" * 900)
    yield (
        "10,000 cells",
        lambda: page(body="<table>" + ("<tr>" + "<td>x</td>" * 100 + "</tr>") * 280 + "</table>"),
    )
    yield "one row of cells", lambda: page(body="<table><tr>" + "<td>x</td>" * ELEMENTS + "</tr></table>")
    yield (
        "huge spans",
        lambda: page(
            body='<table><tr><td colspan="99999999" rowspan=9999999>x</td></tr>' * 5_000 + "</table>"
        ),
    )
    yield "no text but menus", lambda: f"<body>{'<ul><li><a href=/x>Link to it</a></li></ul>' * 9_000}"
    yield (
        "footers",
        lambda: page(body='<div class="footer"><a href="/x" rel="license">cc by</a></div>' * (ELEMENTS // 2)),
    )
    yield (
        "divs with words",
        lambda: f"<body>{'<div>The council met on a Tuesday, and then it went home again.</div>' * ELEMENTS}",
    )
    yield (
        "spans with words",
        lambda: (
            f"<body>{'<span>The council met on a Tuesday, and then it went home again.</span>' * ELEMENTS}"
        ),
    )
    yield "comments", lambda: page(body="<!-- x -->" * 290_000)
    yield "processing instructions", lambda: page(body="<?x y?>" * 400_000)
    yield "open comments", lambda: page(body="<!--" * 700_000)
    yield "doctypes", lambda: "<!DOCTYPE html>" * 190_000 + page()
    yield "end tags", lambda: page(body="</p>" * 700_000)
    yield "end tags of nothing", lambda: page(body="<div>" * 2000 + "</b>" * 700_000)
    yield "CDATA", lambda: page(body="<![CDATA[x]]>" * 200_000)


def _data() -> Iterator[tuple[str, Callable[[], str]]]:
    yield (
        "JSON-LD, many scripts",
        lambda: page('<script type="application/ld+json">{"@type":"a"}</script>' * ELEMENTS),
    )
    yield (
        "JSON-LD, many broken scripts",
        lambda: page('<script type="application/ld+json">{"author":"a",</script>' * 15_000),
    )
    yield "JSON-LD, authors", lambda: news(author=[{"name": f"Ann B{n:x}"} for n in range(15_000)])
    yield (
        "JSON-LD, people",
        lambda: ld(
            json.dumps(
                {
                    "@context": "http://schema.org",
                    "@graph": [{"@type": "Person", "name": f"Ann B{n:x}"} for n in range(9_000)],
                }
            )
        ),
    )
    yield (
        "JSON-LD, broken, authors",
        lambda: ld("{" + "".join(f'"author":{{"name":"Ann B{n:x} Smith"}},' for n in range(12_000))),
    )
    yield (
        "JSON-LD, broken, persons",
        lambda: ld("{" + "".join(f'"Person","name":"Ann B{n:x} Smith"}},' for n in range(12_000))),
    )
    yield "JSON-LD, deep", lambda: ld('{"a":' * 90_000)
    yield "JSON-LD, deep and closed", lambda: ld('{"@type":"NewsArticle","a":' * 900 + "1" + "}" * 900)
    yield (
        "JSON-LD, many bodies",
        lambda: ld(json.dumps([{"@type": "NewsArticle", "articleBody": STORY[:100]} for n in range(3_000)])),
    )
    yield (
        "JSON-LD, body of markup",
        lambda: ld(json.dumps({"@type": "NewsArticle", "articleBody": "<p>x</p>" * 50_000})),
    )
    yield "JSON-LD, big number", lambda: ld('{"a":' + "1" * 450_000 + "}")
    yield "JSON-LD, dates", lambda: ld("{" + '"datePublished": "2024-13-01T' * 14_000)


def cases() -> dict[str, Case]:
    """Return all cases by their names."""
    found: dict[str, Case] = {}
    for kind, some in (("text/plain", _texts()), ("text/html", _pages())):
        for name, build in some:
            found[f"{kind.partition('/')[2]}: {name}"] = (
                kind,
                lambda build=build: build().encode("utf-8", "surrogatepass"),
            )  # type: ignore[misc]
    return found

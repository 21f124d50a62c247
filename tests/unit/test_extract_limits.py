"""Pages that hurt whoever reads them end by a name, in time, and leave the process fit for the next one."""

import json
import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest

from tasks.errors import Reason, Rejected
from tasks.extract.limits import MAX_ATTRIBUTES, MAX_ELEMENTS, check_size
from tasks.extract.page import read_page

SENTENCE = "The council of Harbor Falls voted on Monday to raise the levees along the river by half a metre. "
STORY = "".join(f"<p>{SENTENCE * 2}Paragraph {number}.</p>" for number in range(4))
LINKS = "".join(
    f'<div><a href="/{number}">Another story, number {number}</a></div>' for number in range(100_000)
)
DATA = json.dumps({"@type": "NewsArticle", "author": [{"name": "A" * 20}] * 130_000})


def page(body: str, head: str = "") -> bytes:
    html = f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body>{body}</body></html>"
    return html.encode("utf-8", "surrogatepass")


def div(attribute: str, number: int) -> str:
    return f"<div {' '.join(map(attribute.format, range(number)))}>"


#: What is built, and how it must end.
HURTING: dict[str, tuple[Callable[[], bytes], str]] = {
    "300 nested divs": (lambda: page("<div>" * 300 + STORY + "</div>" * 300), "article"),
    "5,000 nested divs": (lambda: page("<div>x" * 5000), "article"),
    "900 lists, each in the one before": (lambda: page(f"<article>{STORY}{'<ul><li>x' * 900}"), "article"),
    "600 tables, each in the one before": (lambda: page("<table><tr><td>x" * 600), "article"),
    "a lone surrogate": (lambda: page(STORY.replace("Paragraph 1", "\ud800 Paragraph 1")), "article"),
    "a reference to a surrogate": (
        lambda: page(STORY.replace("Paragraph 1", "&#xD800; Paragraph 1")),
        "article",
    ),
    "one bad byte": (lambda: page(STORY).replace(b"Paragraph 1", b"\xff Paragraph 1"), "article"),
    "40,000 attributes on one element": (
        lambda: page(f"{div('a{}=v', 40_000)}{STORY}</div>"),
        Reason.TOO_LARGE,
    ),
    "attributes that hold the tag's end": (
        lambda: page(div('a{}=">"', 40_000) + STORY),
        Reason.TOO_LARGE,
    ),
    "300,000 attributes in all": (
        lambda: page(f"{div('a{}=v', 990)}x</div>" * 300),
        Reason.TOO_LARGE,
    ),
    "an aside of 100,000 paragraphs": (
        lambda: page(f"{STORY}<aside>{'<p>x</p>' * 100_000}</aside>"),
        Reason.TOO_LARGE,
    ),
    "100,000 divs with a link": (lambda: page(LINKS), Reason.TOO_LARGE),
    "500,000 paragraphs": (lambda: page("<p>x" * 500_000), Reason.TOO_LARGE),
    "as many paragraphs as may be": (
        lambda: page("<article>" + "".join(f"<p>{SENTENCE[:40]}{n}</p>" for n in range(MAX_ELEMENTS - 9))),
        "article",
    ),
    "as many headings as may be": (
        lambda: page("<article>" + "".join(f"<h2>Heading {n}</h2>" for n in range(MAX_ELEMENTS - 9))),
        "article",
    ),
    "10,000 bold words in one paragraph": (
        lambda: page("<article><p>" + "x <b>bold</b> " * 10_000),
        Reason.TOO_LARGE,
    ),
    "4.8 MB of JSON-LD": (
        lambda: page(STORY, f'<script type="application/ld+json">{DATA}</script>'),
        "article",
    ),
    "JSON-LD that never ends": (
        lambda: page(f'{STORY}<script type="application/ld+json">{DATA[:2_500_000]}'),
        "article",
    ),
    "JSON-LD nested 200,000 deep": (
        lambda: page(STORY, f'<script type="application/ld+json">{"[" * 200_000}</script>'),
        "article",
    ),
    "4 MB of text": (lambda: page(f"<p>{SENTENCE * 40_000}</p>"), Reason.TOO_LARGE),
    "tags that never end": (lambda: page("<div a='" * 300_000), Reason.TOO_LARGE),
    "a PDF": (lambda: b"%PDF-1.7\n" + b"\xe2\xe3\xcf\xd3 0 obj\n" * 20_000, Reason.NOT_HTML),
    "a PNG": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4_000, Reason.NOT_HTML),
    "XML": (
        lambda: b"<?xml version='1.0'?><note><p>" + SENTENCE.encode() * 9 + b"</p></note>",
        Reason.NOT_HTML,
    ),
    "a feed": (lambda: b"<rss version='2.0'><p>" + SENTENCE.encode() * 9 + b"</p></rss>", Reason.NOT_HTML),
    "a page that needs JavaScript": (
        lambda: page(
            "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>"
        ),
        Reason.NEEDS_JAVASCRIPT,
    ),
    "a cookie wall": (
        lambda: page(
            "<div>" + "<p>We and our partners use cookies to store information on a device.</p>" * 9
        ),
        Reason.BLOCKED,
    ),
}

# One process loads everything once; each page gets a child of its own. The limits are the kernel's: seconds of CPU,
# so that a busy machine fails no test, and bytes on top of what the child begins with.
PROGRAM = """
import os, resource, sys
import msgspec
from tasks.article import Article
from tasks.errors import Rejected
from tasks.extract.page import warm
from tasks.extract.stage import Extractor, extract

def end_of(html):
    article = Article(id="0a", url="https://courier.example/levees", content_type="text/html", html=html)
    try:
        return "article", extract(article, extractor=Extractor()).text
    except Rejected as ending:
        return str(ending.reason), ending.detail

warm()
pages = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=dict[str, bytes])
ordinary = pages.pop("")
for name, html in pages.items():
    if os.fork() == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + 300_000_000,) * 2)
        end, text = end_of(html)
        sys.stdout.buffer.write(msgspec.json.encode([name, end, text[:2000] + text[-2000:], end_of(ordinary)[1]]) + b"\\n")
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def ends() -> dict[str, list[str]]:
    """How each page ended: the ending, both ends of its text or the detail, and the text of the next page."""
    pages = {name: build() for name, (build, _) in HURTING.items()} | {"": page(STORY)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=msgspec.msgpack.encode(pages), capture_output=True, check=True
    )
    return {name: rest for name, *rest in map(msgspec.json.decode, run.stdout.splitlines())}


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set as Linux has them")
@pytest.mark.parametrize("name", HURTING)
def test_a_page_that_hurts_ends_by_a_name_within_10_seconds_and_300_mb(
    ends: dict[str, list[str]], name: str
) -> None:
    assert name in ends, "the process died"
    end, text, next_text = ends[name]
    assert end == HURTING[name][1], text
    assert next_text.endswith("Paragraph 3.")
    if end == "article" and b"Paragraph 3." in HURTING[name][0]():
        assert "Paragraph 3." in text


def test_a_detail_says_what_was_too_much() -> None:
    with pytest.raises(Rejected, match="16,001 elements, the maximum is 16,000"):
        check_size("<p>" * (MAX_ELEMENTS + 1))


@pytest.mark.parametrize(
    "tag",
    [
        '<p title="{}">'.format("a b c " * 60_000),
        "<p title='{}'>".format("x=1 y=2 " * 30_000),
        "<p title={}>".format("a=b" * 60_000),
        '<img src="data:image/png;base64,{}=="/>'.format("iVBORw0KGgo/" * 20_000),
    ],
    ids=["words", "assignments", "unquoted", "picture"],
)
def test_a_long_value_is_one_attribute(tag: str) -> None:
    check_size(tag)


@pytest.mark.parametrize("number", [MAX_ATTRIBUTES, MAX_ATTRIBUTES + 1])
@pytest.mark.parametrize("attribute", ["a{}", "a{}=v", "a{} = 'v>'", 'a{}="<p>"', "a{}/", "=a{}=v"])
def test_attributes_are_counted_however_they_are_written(attribute: str, number: int) -> None:
    tag = div(attribute, number) + "x" * 100_000
    if number > MAX_ATTRIBUTES:
        with pytest.raises(Rejected, match="1,001 attributes on one element"):
            check_size(tag)
    else:
        check_size(tag)


@pytest.mark.parametrize("tag", ["div", "span", "font", "section"])
def test_ten_thousand_nested_wrappers_are_read(tag: str) -> None:
    story = "".join(
        f"<p>Paragraph {number} tells what was said about the dam and the lake.</p>" for number in range(12)
    )
    html = f"<html><body>{f'<{tag}>' * 10_000}{story}{f'</{tag}>' * 10_000}<p>The last words of all are down here.</p></body></html>"
    text = read_page(html, "http://x.org/").text
    assert "Paragraph 0 tells" in text
    assert "Paragraph 11 tells" in text

"""Left out is only what changes nothing."""

from copy import deepcopy
from importlib import import_module
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring, tostring
from trafilatura import bare_extraction, extract_metadata
from trafilatura.settings import Document

from benchmarks.corpus import page
from seeds.demo.stories import load_stories
from tasks.extract.compat import may_have_license, most_text, shortcuts
from tasks.extract.xpath_optimizer.rewriting import optimized_xpaths

BASELINE: Any = import_module("trafilatura.baseline")
METADATA: Any = import_module("trafilatura.metadata")

PAGES = [page(story, Random(number)).decode() for number, story in enumerate(load_stories()[:12])]


@pytest.mark.parametrize("html", PAGES)
@pytest.mark.parametrize("fast", [True, False])
def test_texts_and_metadata_are_the_same(html: str, fast: bool) -> None:
    url = "https://news.example/a"

    def read() -> tuple[Any, ...]:
        tree = document_fromstring(html)
        found = extract_metadata(deepcopy(tree), default_url=url)
        text = bare_extraction(tree, url=url, fast=fast, include_comments=False)
        assert isinstance(text, Document)
        fields = {name: value for name, value in found.as_dict().items() if "body" not in name}
        return fields, text.text

    own = read()
    with optimized_xpaths(document_fromstring(html)), shortcuts():
        assert read() == own


@pytest.mark.parametrize(
    "html", [*PAGES, "<body>a<p>b<br>c<hr></p>d<script>e f</script><td>g</td><aside>h</aside>"]
)
def test_a_page_has_no_more_text_than_is_assumed(html: str) -> None:
    tree = document_fromstring(html)
    assert len(BASELINE.html2txt(tree)) <= most_text(tree)


@pytest.mark.parametrize(
    ("link", "license_"),
    [
        ('<a rel="license" href="/x">Ours</a>', "Ours"),
        (
            '<div class="footer"><a href="https://creativecommons.org/licenses/by-sa/4.0">x</a></div>',
            "CC BY-SA 4.0",
        ),
        ("<footer><a href='/x'>Creative\n  Commons BY 3.0</a></footer>", "Creative Commons BY 3.0"),
        ("<footer><a href='/x'><span>CC</span><p>BY</p></a></footer>", "CC BY"),
        ("<footer><a href='/x'>About us</a></footer>", None),
    ],
)
def test_a_license_is_found_where_there_is_one(link: str, license_: str | None) -> None:
    tree = document_fromstring(f"<body><p>Text</p>{link}</body>")
    assert METADATA.extract_license(tree) == license_
    assert may_have_license(tree) == (license_ is not None)


PART = st.recursive(
    st.sampled_from(["by Ann Lee", "x", "<time>May</time>tail", "<br>"]),
    lambda inside: st.builds(
        lambda tag, mark, parts: f"<{tag} {mark}>{''.join(parts)}</{tag}>tail",
        st.sampled_from(["a", "div", "span", "figure", "author"]),
        st.sampled_from(
            ["", "class=author", "class=byline", "id=author", "class=sidebar", "class=date", "rel=author"]
        ),
        st.lists(inside, max_size=3),
    ),
    max_leaves=12,
)


@given(st.lists(PART, max_size=4))
def test_the_author_is_the_same_without_a_copy_of_the_page(parts: list[str]) -> None:
    html = f"<body>{''.join(parts)}</body>"
    own = METADATA.extract_author(document_fromstring(html))
    tree = document_fromstring(html)
    with optimized_xpaths(tree), shortcuts():
        assert METADATA.extract_author(tree) == own
    assert tostring(tree) == tostring(document_fromstring(html))


def test_trafilatura_takes_its_own_steps_again_afterwards() -> None:
    before = METADATA.extract_author
    with shortcuts():
        assert METADATA.extract_author is not before
    assert METADATA.extract_author is before


@pytest.mark.parametrize(
    "text",
    [
        '{ "a b" : [ 1,\n\t2 ], "c \\" d" :\r\n"\\u00e9\\ud83d\\ude00 \\n x" }',
        '{"headline": "AT&amp;T \\u003cb\\u003ewins\\u003c/b\\u003e", "text": "a\\\\nb  c"}',
        '{"never": "closed \\" ',
        " no json at all ",
        "",
    ],
)
def test_json_is_read_as_trafilatura_reads_it(text: str) -> None:
    def read() -> tuple[str, str]:
        return METADATA.normalize_json(METADATA.JSON_MINIFY.sub(r"\1", text)), METADATA.normalize_json(text)

    own = read()
    with shortcuts():
        assert read() == own

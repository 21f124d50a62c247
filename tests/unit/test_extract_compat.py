"""The replaced functions of trafilatura: same results, same signatures, and called by a real extraction."""

import re
from copy import deepcopy
from importlib import import_module
from inspect import signature
from random import Random
from typing import Any

import pytest
from lxml.html import document_fromstring
from trafilatura import bare_extraction, extract_metadata
from trafilatura.settings import Document

from benchmarks.generated_pages import page
from seeds.demo.stories import load_stories
from tasks.extract import compat
from tasks.extract.compat import SHORTCUTS, max_text_length, may_have_license, shortcuts
from tasks.extract.page import read_page
from tasks.extract.xpath_optimizer.compat import expression_lists
from tasks.extract.xpath_optimizer.rewriting import OptimizedXPath, optimized_xpaths

BASELINE: Any = import_module("trafilatura.baseline")
METADATA: Any = import_module("trafilatura.metadata")
CORE: Any = import_module("trafilatura.core")

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
    assert len(BASELINE.html2txt(tree)) <= max_text_length(tree)


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


def test_trafilatura_takes_its_own_steps_again_afterwards() -> None:
    before = METADATA.extract_license
    with shortcuts():
        assert METADATA.extract_license is not before
    assert METADATA.extract_license is before


#: A short text in a long page, without an author in `<meta>`: extraction then takes all the steps that are replaced.
CANARY = (
    "<html><head><title>Levees</title></head><body><div class='byline'>Ann Lee</div><h1>Levees to rise</h1><h1>Floods</h1>"
    f"<article><p>{'The council voted on Monday. ' * 9}</p></article><div>{'<p>Another headline</p>' * 300}</div>"
    "<ul><li><a href='/tag/river' class='tags'>River</a> <a href='/category/town'>Town</a></li></ul></body></html>"
)
SIGNATURES = {
    "extract_license": ["tree"],
    "html2txt": ["content", "clean"],
    "_extract_and_compare": ["cleaned_tree", "cleaned_tree_backup", "tree", "options"],
    "_prepare_tree": ["tree", "options", "url"],
}
REPLACED = [each for replacements in SHORTCUTS.values() for each in replacements]


@pytest.mark.parametrize(("module", "name", "replacement"), REPLACED, ids=[name for _, name, _ in REPLACED])
def test_each_replacement_is_called_by_a_real_extraction(
    module: Any, name: str, replacement: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def noted(*args: Any, **options: Any) -> Any:
        calls.append(name)
        return replacement(*args, **options)

    monkeypatch.setitem(SHORTCUTS, "noted", ((module, name, noted),))
    monkeypatch.setattr(compat, "SHORTCUTS", {**SHORTCUTS})
    read_page(CANARY, "https://news.example/a")
    assert calls


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, name, _ in REPLACED])
def test_each_replaced_function_takes_what_its_replacement_takes(module: Any, name: str) -> None:
    own = getattr(module, name)
    assert own.__module__.startswith("trafilatura.")
    assert list(signature(own).parameters) == SIGNATURES[name]


def test_each_list_of_expressions_is_read_by_a_real_extraction(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[OptimizedXPath] = set()
    call = OptimizedXPath.__call__
    monkeypatch.setattr(OptimizedXPath, "__call__", lambda one, tree: called.add(one) or call(one, tree))
    read_page(CANARY, "https://news.example/a")
    with optimized_xpaths(document_fromstring(CANARY)):
        read = {name for name, expressions in expression_lists().items() if called & {*expressions}}
    # Not those for titles, comments and the precise mode, which extraction does not use.
    assert read == {
        *("BODY_XPATH", "OVERALL_DISCARD_XPATH", "TEASER_DISCARD_XPATH", "RAW_TREE_PRUNE_XPATH"),
        *("REMOVE_COMMENTS_AND_LISTS_XPATH", "CATEGORIES_XPATHS"),
        *("TAGS_XPATHS", "DISCARD_IMAGE_ELEMENTS"),
    }


@pytest.mark.parametrize(("share", "retried"), [(0.0, False), (1000.0, True)])
def test_the_share_of_the_page_that_makes_trafilatura_try_again_is_the_one_that_is_read_here(
    share: float, retried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    retries: list[object] = []
    own = CORE._recall_retry
    monkeypatch.setattr(CORE, "ESCALATION_PAGE_SHARE", share)
    monkeypatch.setattr(CORE, "_recall_retry", lambda *args: retries.append(args) or own(*args))
    read_page(CANARY, "https://news.example/a")
    assert bool(retries) == retried


def test_the_pattern_of_licenses_is_the_one_that_trafilatura_searches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = document_fromstring("<footer><a href='//creativecommons.org/licenses/by/4.0'>x</a></footer>")
    assert METADATA.extract_license(tree) == "CC BY 4.0"
    monkeypatch.setattr(METADATA, "LICENSE_REGEX", re.compile("never"))
    assert METADATA.extract_license(tree) is None

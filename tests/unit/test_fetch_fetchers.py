"""Which fetcher gets which URL; and that a new one is a module and a line."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.article import Article
from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch import STAGE, fetchers
from tasks.fetch.fetchers import FETCHERS, Fetcher, as_requested, document_suffixes, fetcher_of
from tasks.fetch.local_file import Documents
from tasks.fetch.memory import MemoryDocuments, MemoryFetcher
from tasks.stage import tools_of
from tasks.urls import request_url


def result_of(function: object, url: str) -> str:
    """Return what a function makes of a URL, or the message of its ValueError."""
    try:
        return function(url)  # type: ignore[operator,no-any-return]
    except ValueError as error:
        return f"refused: {error}"


@pytest.mark.parametrize(
    ("url", "function"),
    [
        ("http://a.test/", "tasks.fetch.web:fetch_page"),
        ("https://a.test/a.txt", "tasks.fetch.web:fetch_page"),
        ("file:///a.html", "tasks.fetch.local_file:fetch_document"),
        ("file:///a.TXT", "tasks.fetch.local_file:fetch_document"),
        ("file:///a.pdf", "tasks.fetch.local_file:fetch_document"),  # which rejects it by name
        ("file:///a", "tasks.fetch.local_file:fetch_document"),
    ],
)
def test_a_url_has_the_fetcher_of_its_scheme(url: str, function: str) -> None:
    assert fetcher_of(url).run == function


def test_a_url_that_no_fetcher_takes_is_an_error() -> None:
    with pytest.raises(LookupError, match="no fetcher for URLs with the scheme 'ftp'"):
        STAGE.bind(SimpleNamespace())(Article(id="1", url="ftp://a.test/"))


def test_every_fetcher_names_a_function_and_its_tools() -> None:
    known = {"client", "robots", "rate_limit", "rows", "documents", "opt_outs"}
    assert {tool for one in FETCHERS for tool in tools_of(one.run)} == known


def test_the_stage_itself_names_no_tools_but_passes_all_on() -> None:
    assert tools_of(STAGE.run) == ()


def test_no_two_fetchers_read_the_same_documents() -> None:
    suffixes = [suffix for one in FETCHERS for suffix in one.suffixes]
    assert len(set(suffixes)) == len(suffixes)


def test_the_suffixes_of_documents_are_those_of_the_fetchers() -> None:
    assert document_suffixes() == {suffix for one in FETCHERS for suffix in one.suffixes}
    assert document_suffixes() >= {".html", ".htm", ".xhtml", ".txt"}


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a?utm_source=x",
        "  HTTP://News.example:80/a ",
        "\n\thttps://news.example/",
        "http://",
        "http:a",
        "ftp://a.test/",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "a.test",
        "",
        ":",
        "https:",
    ],
)
def test_a_submitted_url_is_parsed_or_refused_as_one_of_the_web(url: str) -> None:
    assert result_of(as_requested, url) == result_of(request_url, url)


@given(
    st.builds(
        "{}{}".format,
        st.sampled_from(["http://", "https://", "HTTP://", " http:", "file://", "", "x:"]),
        st.text(max_size=12),
    )
)
def test_any_url_is_parsed_or_refused_as_one_of_the_web(url: str) -> None:
    assert result_of(as_requested, url) == result_of(request_url, url)


def test_choosing_a_fetcher_imports_no_http_client() -> None:
    code = "import sys, tasks.fetch.fetchers; print([one for one in sys.argv[1:] if one in sys.modules])"
    heavy = ["urllib3", "tasks.fetch.robots", "dns", "brotli", "tasks.fetch.web"]
    done = subprocess.run(
        [sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True, cwd=fetchers_root()
    )
    assert done.stdout == "[]\n"


def fetchers_root() -> str:
    """Return the folder that holds the package `tasks`."""
    return str(fetchers.__file__).removesuffix("tasks/fetch/fetchers.py")


def test_a_fetcher_in_memory_takes_part_in_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = TryLater(Reason.SERVER_ERROR, "Later.")
    twin = MemoryFetcher({"memory:a": b"<!doctype html><p>It rained.", "memory:b": busy})
    monkeypatch.setattr(fetchers, "FETCHERS", (*FETCHERS, twin.fetcher))
    step = STAGE.bind(SimpleNamespace())
    page = step(Article(id="1", url=as_requested("memory:a")))
    assert (page.html, page.content_type) == (b"<!doctype html><p>It rained.", "text/html")
    with pytest.raises(TryLater, match="Later"):
        step(Article(id="2", url="memory:b"))
    with pytest.raises(Rejected) as missing:
        step(Article(id="3", url="memory:c"))
    assert missing.value.reason is Reason.NOT_FOUND


def fetch_markdown(article: Article, *, documents: Documents) -> Article:
    """Be the module that a new document format needs: Markdown as plain text, without the signs of its headings."""
    lines = documents.load(article.id).decode().splitlines()
    text = "\n".join(line.lstrip("# ") for line in lines)
    return article.evolve(final_url=article.url, content_type="text/plain", html=text.encode())


def test_a_document_format_is_a_module_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Fetcher(schemes=("file",), run=fetch_markdown, suffixes=(".md",))
    monkeypatch.setattr(fetchers, "FETCHERS", (*FETCHERS[:2], line))
    assert document_suffixes() >= {".html", ".htm", ".xhtml", ".txt", ".md"}
    assert fetcher_of("file:///a.html") == FETCHERS[1]
    tools = SimpleNamespace(documents=MemoryDocuments({"1": b"# Rain\n\nIt rained."}))
    page = STAGE.bind(tools)(Article(id="1", url="file:///folder/story.MD"))
    assert (page.html, page.content_type) == (b"Rain\n\nIt rained.", "text/plain")
    with pytest.raises(ValueError, match="is not an http or https URL"):
        as_requested("file:///folder/story.md")


def test_urls_of_the_web_go_to_their_own_fetchers_request_form() -> None:
    """`as_requested` does not look for their fetcher, to be fast."""
    assert fetcher_of("https://a.test/") is fetcher_of("http://a.test/")
    assert fetcher_of("https://a.test/").request_url is request_url

"""Who fetches which URL: one `Fetcher` for each scheme or kind of local document.

A new way to get content is one module with a function like those named here, and one line in FETCHERS. Functions are named
as `module:function` and imported when they are first called: submitting a URL needs no HTTP client.
"""

from collections.abc import Callable
from dataclasses import dataclass
from posixpath import splitext

from tasks.article import Article
from tasks.urls import request_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Gets the content of the URLs of some schemes, or of some kinds of local documents."""

    #: URL schemes, in lower case.
    schemes: tuple[str, ...]
    #: The function, or `module:function`. It takes an article and returns it with its content in `html`, or raises
    #: Rejected or TryLater; its keyword-only parameters name the tools that it works with (tasks/stage.py, `call`).
    run: Callable[..., Article] | str
    #: Returns a URL of these schemes as it is asked for, or raises ValueError with a message as that of
    #: `tasks.urls.request_url`. None: such URLs cannot be submitted as URLs.
    request_url: Callable[[str], str] | None = None
    #: Suffixes of the local documents that it reads, in lower case with the dot; none where it gets all URLs of its
    #: schemes. The first fetcher of a scheme also gets the URLs whose suffix no fetcher names.
    suffixes: tuple[str, ...] = ()


#: All fetchers.
FETCHERS: tuple[Fetcher, ...] = (
    Fetcher(schemes=("http", "https"), run="tasks.fetch.web:fetch_page", request_url=request_url),
    Fetcher(
        schemes=("file",),
        run="tasks.fetch.local_file:fetch_document",
        suffixes=(".html", ".htm", ".xhtml", ".txt"),
    ),
)

#: Nearly all submitted URLs begin so. Looking for their fetcher would take 1.1 us more than the 1 us of `request_url`.
_WEB = ("https://", "http://")


def fetcher_of(url: str) -> Fetcher:
    """Return the fetcher of the request URL `url`, by its scheme and its suffix; LookupError if there is none."""
    scheme = url.partition(":")[0]
    first = None
    for fetcher in FETCHERS:
        if scheme in fetcher.schemes:
            if not fetcher.suffixes or splitext(url)[1].lower() in fetcher.suffixes:
                return fetcher
            first = first or fetcher
    if first is None:
        raise LookupError(f"no fetcher for URLs with the scheme {scheme!r}")
    return first


def as_requested(url: str) -> str:
    """Return a submitted URL as it is asked for; ValueError with a message for the user if it cannot be submitted."""
    if url.startswith(_WEB):
        return request_url(url)
    scheme = url.partition(":")[0].lstrip().lower()
    for fetcher in FETCHERS:
        if scheme in fetcher.schemes and fetcher.request_url:
            return fetcher.request_url(url)
    return request_url(url)  # raises, and says why


def document_suffixes() -> frozenset[str]:
    """Return the suffixes of local documents, in lower case with the dot."""
    return frozenset(suffix for fetcher in FETCHERS for suffix in fetcher.suffixes)

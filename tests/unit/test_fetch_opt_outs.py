"""What pages ask of machines is on their record, and rejects them where the operator says so."""

from collections.abc import Iterator

import pytest

from seeds.http_site import HTML, HTML_TYPE, Site, answer
from tasks.errors import Reason, Rejected
from tasks.fetch import opt_outs
from tests.fault_site.site_fetcher import fetching_from


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


@pytest.mark.parametrize(
    ("lines", "reservation", "found"),
    [
        (["noai"], None, {"noai"}),
        (["noai, noimageai"], None, {"noai", "noimageai"}),
        (["NoAI , max-snippet:-1,index"], None, {"noai"}),
        (["all"], None, set()),
        (["noindex", "noarchive"], None, {"noindex", "noarchive"}),
        (["googlebot: noindex, nofollow"], None, set()),
        (["googlebot: noindex", "noai"], None, {"noai"}),
        (["newsmill: noai, noarchive"], None, {"noai", "noarchive"}),
        (["NEWSMILL:noai"], None, {"noai"}),
        (["unavailable_after: 25 Jun 2030 15:00:00 PST, noai"], None, {"noai"}),
        ([""], "1", {"tdm-reservation"}),
        ([], " 1 ", {"tdm-reservation"}),
        ([], "0", set()),
        ([], "yes", set()),
    ],
)
def test_headers_say_what_is_asked_of_us(lines: list[str], reservation: str | None, found: set[str]) -> None:
    assert opt_outs.of_headers(lines, reservation, "newsmill") == found


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"<meta name=robots content=noai>", {"noai"}),
        (b'<meta name="robots" content="noai, noimageai">', {"noai", "noimageai"}),
        (b"<META NAME='ROBOTS' CONTENT='NOAI'/>", {"noai"}),
        (b'<meta content="noai" name="robots">', {"noai"}),
        (b'<meta\n name = "robots"\n content = "noai">', {"noai"}),
        (b'<meta name="robots" content="no&#97;i">', {"noai"}),
        (b'<meta name="newsmill" content="noai">', {"noai"}),
        (b'<meta name="googlebot" content="noindex">', set()),
        (b'<meta name="robots" content="index, follow, max-image-preview:large">', set()),
        (b'<meta name="tdm-reservation" content="1">', {"tdm-reservation"}),
        (b'<meta name="tdm-reservation" content="0">', set()),
        (b'<meta name="description" content="Our robots say noai">', set()),
        (b'<meta property="og:title" content="robots"><meta name="robots" content="noai">', {"noai"}),
        (b'<!-- <meta name="robots" content="noai"> -->', set()),
        (b'<!-- --><meta name="robots" content="noai">', {"noai"}),
        (b'<metadata name="robots" content="noai">', set()),
        (b'<meta name="robots" content="noai"', {"noai"}),  # it ends with the next tag, as in browsers
    ],
)
def test_metas_say_what_is_asked_of_us(head: bytes, found: set[str]) -> None:
    page = b"<!doctype html><html><head>" + head + b"</head><body>x"
    assert opt_outs.of_page(page, "newsmill") == found
    utf16 = b"\xff\xfe" + page.decode().encode("utf-16-le")
    assert opt_outs.of_page(utf16, "newsmill") == found


def test_headers_and_metas_are_on_the_record_together(site: Site) -> None:
    headers = HTML_TYPE + b"X-Robots-Tag: googlebot: noindex\r\nX-Robots-Tag: noai\r\nTDM-Reservation: 1\r\n"
    site.routes["/"] = answer(b"<meta name=robots content=noarchive>" + HTML, headers)
    with fetching_from(site) as fetcher:
        assert fetcher.get(site.url("/")).opt_outs == ("noai", "noarchive", "tdm-reservation")


@pytest.mark.parametrize("path", ["/header", "/meta"])
def test_the_operator_says_which_opt_outs_reject(site: Site, path: str) -> None:
    site.routes["/header"] = answer(headers=HTML_TYPE + b"X-Robots-Tag: noai\r\n")
    site.routes["/meta"] = answer(b"<meta name=robots content=noai>" + HTML)
    with fetching_from(site, opt_outs=("tdm-reservation",)) as fetcher:
        assert fetcher.get(site.url(path)).opt_outs == ("noai",)
    with fetching_from(site, opt_outs=("noai", "tdm-reservation")) as fetcher:
        with pytest.raises(Rejected, match="noai") as refused:
            fetcher.get(site.url(path))
        assert refused.value.reason is Reason.OPTED_OUT

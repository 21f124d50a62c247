"""Routes for the troubles of the web: each function returns a route that answers in one way."""

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from itertools import chain, repeat

from seeds.demo.web import Reply, Request, Route

_HTML = {"Content-Type": "text/html; charset=utf-8"}
#: Decoded size of the bomb: 17 times the fetcher's limit of 3,000,000 bytes, in 120 KB on the wire.
_BOMB_BYTES = 50_000_000
#: Content-Length of the page that is cut off after a few dozen bytes.
_ANNOUNCED = 48_000
#: Seconds between two bytes of the slow page: below any timeout for a single read.
_DRIP_SECONDS = 1.0


def page(html: str) -> Route:
    """Answer with `html`."""
    return lambda _request: Reply(headers=_HTML, body=html.encode())


def status(code: int, html: str, *, retry_after: int | None = None) -> Route:
    """Answer with status `code` and the error page `html`; `retry_after` in seconds (RFC 9110, 10.2.3)."""
    headers = dict(_HTML)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return lambda _request: Reply(status=code, headers=headers, body=html.encode())


def redirect(target: str, code: int = HTTPStatus.FOUND) -> Route:
    """Redirect to `target`, in which `{port}` stands for the server's own port."""
    return lambda request: Reply(status=code, headers={"Location": target.format(port=request.port)})


def first(trouble: Route, then: Route) -> Route:
    """Answer the first request with `trouble`, every later one with `then`."""
    return lambda request: (trouble if request.number == 1 else then)(request)


def pdf(text: str) -> Route:
    """Answer with a PDF of one page that says `text`."""
    return lambda _request: Reply(headers={"Content-Type": "application/pdf"}, body=pdf_document(text))


def streamed(make: Callable[[Request], Iterator[bytes]], **headers: str) -> Route:
    """Answer with what `make` yields, piece by piece."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: Reply(headers=_HTML | named, body=make(request))


def bomb() -> Route:
    """Answer with a small gzip stream that decompresses to 50 MB of HTML."""
    return streamed(_bomb, Content_Encoding="gzip")


def drip() -> Route:
    """Answer with one byte a second, for ever."""
    return streamed(_drip)


def broken_off() -> Route:
    """Send fewer bytes than Content-Length says, then close."""
    body = b"<!doctype html><title>Lock keepers vote</title><p>The lock keepers of Upper Wen"
    return lambda _request: Reply(headers=_HTML, body=body, announced_length=_ANNOUNCED)


def endless_paragraphs() -> Route:
    """Answer with 2.9 MB of 500,000 short paragraphs.

    Their extraction would take trafilatura 2.3.1 some 40 s, in many short steps.
    """
    return _generated(partial(_ballots, 500_000))


def lists_within_lists() -> Route:
    """Answer with 900 lists, each within the one before and none closed.

    trafilatura 2.3.1 walks lists by calling itself, and runs into Python's recursion limit.
    """
    paragraphs = "".join(
        f"<p>The minutes of committee {number} are appended in full below, as was agreed in the last meeting.</p>"
        for number in range(3)
    )
    lists = "<ul><li>x" * 900
    return page(f"<!doctype html><html lang=en><title>Minutes</title><body><article>{paragraphs}{lists}")


def pdf_document(text: str) -> bytes:
    """Return a PDF 1.4 document of one A4 page with one line of `text` (ASCII, no parentheses)."""
    drawing = f"BT /F1 14 Tf 72 760 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    document = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return bytes(document) + _pdf_end(offsets, len(document))


def _pdf_end(offsets: list[int], table_at: int) -> bytes:
    """Return cross-reference table and trailer of a PDF (ISO 32000-1, 7.5.4 and 7.5.5)."""
    size = len(offsets) + 1
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, rows, size, table_at)
    )


def _bomb(_request: Request) -> Iterator[bytes]:
    """Yield the gzip stream of the bomb. It is compressed while it is read, and stops when the reader does."""
    squeeze = zlib.compressobj(level=9, wbits=16 + zlib.MAX_WBITS)
    block = b"<p>And the band played on.</p>\n" * 2048
    yield squeeze.compress(b"<!doctype html><title>Encore</title>\n")
    for _ in range(_BOMB_BYTES // len(block) + 1):
        piece = squeeze.compress(block)
        if piece:
            yield piece
    yield squeeze.flush()


def _drip(request: Request) -> Iterator[bytes]:
    """Yield single bytes of a page that has no end, until the server is stopped."""
    opening = b"<!doctype html><title>Tide gauge, live</title><pre>"
    for byte in chain(opening, repeat(ord("."))):
        yield bytes([byte])
        if request.pause(_DRIP_SECONDS):
            return


def _generated(make: Callable[[], str]) -> Route:
    """Answer with what `make` returns: for pages that are too large to keep in memory."""
    return lambda _request: Reply(headers=_HTML, body=make().encode())


def _ballots(count: int) -> str:
    rows = "".join(f"<p>{number % 10}\n" for number in range(count))
    return f"<!doctype html><html lang=en><title>Ballots</title><body>{rows:<2900000}</body></html>"

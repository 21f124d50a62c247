"""Everything a server may do that the fetch stage must handle, and how its page must end."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import brotli
import zstandard

from seeds.http_site import HTML, HTML_TYPE, Connection, Route, Site, answer, moved
from tasks.errors import Ending, Failed, Reason, Rejected, TryLater

#: Size of a decompressed bomb: 17 times the default limit of a page.
BOMB_BYTES = 50_000_000
#: Above the default limits: bytes of a body, and of headers.
TOO_LARGE, TOO_MANY_HEADERS = 3_000_001, 100_000


@dataclass(frozen=True)
class Ends:
    """How a page ends: fetched (no ending), rejected, or deferred; `whole_host` where its whole host is deferred."""

    ending: type[Ending] | None = None
    reason: Reason | None = None
    whole_host: bool = False


A_PAGE = Ends()


@dataclass(frozen=True)
class FetchCase:
    """A route, and how its page must end. `robots` is the host's robots.txt where the case is about that."""

    name: str
    route: Route
    ends: Ends = A_PAGE
    robots: Route | None = None

    @property
    def host(self) -> str:
        """Return the host of the case. Each has its own, since some cases defer a whole host."""
        return f"{self.name}.test"


def _rejected(reason: Reason) -> Ends:
    return Ends(Rejected, reason)


def _failed(reason: Reason) -> Ends:
    return Ends(Failed, reason)


def _later(reason: Reason, *, whole_host: bool = False) -> Ends:
    return Ends(TryLater, reason, whole_host)


def _raw(*parts: bytes) -> Route:
    """Send these bytes, and close the connection."""
    return lambda connection: connection.wfile.write(b"".join(parts))


def _encoded(encoding: bytes, body: bytes) -> bytes:
    return answer(body, HTML_TYPE + b"Content-Encoding: " + encoding + b"\r\n")


def _typed(content_type: bytes, body: bytes) -> bytes:
    return answer(body, b"Content-Type: " + content_type + b"\r\n")


def _silent(first: bytes = b"") -> Route:
    def wait(connection: Connection) -> None:
        connection.wfile.write(first)
        connection.server.stopping.wait(60)

    return wait


def _dripping(first: bytes, then: bytes) -> Route:
    return lambda connection: connection.drip(first, then)


def _redirects(connection: Connection) -> None:
    """Redirect `/` to `/1` and so on, as often as the host's name says; then answer with a page."""
    number = int(connection.last_request.path.removeprefix("/") or 0)
    connection.wfile.write(
        moved(f"/{number + 1}") if number < int(connection.last_request.host[len("redirects-")]) else answer()
    )


def _if_changed(connection: Connection) -> None:
    same = connection.last_request.headers.get("if-none-match") == '"v1"'
    connection.wfile.write(
        b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'
        if same
        else answer(headers=HTML_TYPE + b'ETag: "v1"\r\n')
    )


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + HTML_TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
_ONE_CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(HTML), HTML)
#: Lines of a header section that are no headers.
_NO_HEADERS = (
    b"garbage",
    b"a b: c",
    b"HTTP/1.1 200 OK",
    b"a: \0",
    b": no name",
    b"a: b\rc",
    b"<html>: x",
    b"\xe4: x",
)
_BARE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
_DEFLATED = _BARE.compress(HTML) + _BARE.flush()
_LATIN = (
    "<!doctype html><title>Regen</title><p>Es regnete in M\u00fcnchen, \u00fcber der Stra\u00dfe.".encode(
        "latin-1"
    )
)
_UTF8 = (
    "<!doctype html><title>Regen</title><p>Es regnete in M\u00fcnchen, \u00fcber der Stra\u00dfe.".encode()
)


def _pages() -> Iterator[FetchCase]:
    """Yield unusual responses that are pages all the same."""
    yield FetchCase("plain", answer())
    yield FetchCase("gzip", _encoded(b"gzip", gzip.compress(HTML)))
    yield FetchCase(
        "gzip-members", _encoded(b"x-gzip", gzip.compress(HTML[:9]) + gzip.compress(HTML[9:]) + b"\0\0\0")
    )
    yield FetchCase("deflate", _encoded(b"deflate", zlib.compress(HTML)))
    yield FetchCase("deflate-bare", _encoded(b"deflate", _DEFLATED))
    yield FetchCase("br", _encoded(b"br", brotli.compress(HTML)))
    yield FetchCase("zstd", _encoded(b"zstd", zstandard.compress(HTML)))
    yield FetchCase("encoding-none", _encoded(b"none", HTML))
    for name in (b"gzip", b"br", b"zstd", b"deflate", b"compress"):
        yield FetchCase(f"not-{name.decode()}", _encoded(name, HTML))
    yield FetchCase("gzip-unsaid", answer(gzip.compress(HTML)))
    yield FetchCase("gzip-not-deflate", _encoded(b"deflate", gzip.compress(HTML)))
    yield FetchCase("encoding-twice", _encoded(b"gzip, gzip", gzip.compress(gzip.compress(HTML))))
    yield FetchCase("encoding-br-gzip", _encoded(b"br, gzip", gzip.compress(brotli.compress(HTML))))
    for number, line in enumerate(_NO_HEADERS):
        yield FetchCase(f"no-header-{number}", _CHUNKED.replace(b"Tra", line + b"\r\nTra") + _ONE_CHUNK)
    names = b"".join(b"%x:\r\n" % number for number in range(8_000))
    yield FetchCase("many-names", answer(headers=names + HTML_TYPE))
    yield FetchCase("many-short-headers", answer(headers=b"Set-Cookie: a=b\r\n" * 1000 + HTML_TYPE))
    yield FetchCase("chunked", _CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(HTML), HTML))
    yield FetchCase("chunked-trailers", _CHUNKED + b"%x;a=b\r\n%b\r\n0\r\nA: b\r\n\r\n" % (len(HTML), HTML))
    yield FetchCase("http10", _raw(b"HTTP/1.0 200 OK\r\n" + HTML_TYPE + b"\r\n", HTML))
    yield FetchCase("continue-first", b"HTTP/1.1 100 Continue\r\n\r\n" + answer())
    yield FetchCase(
        "bare-newlines", _OK.replace(b"\r\n", b"\n") + b"Content-Length: %d\n\n" % len(HTML) + HTML
    )
    yield FetchCase("closes-unasked", _raw(answer()))
    yield FetchCase("no-type", answer(headers=b""))
    yield FetchCase("wrong-type", _typed(b"image/png", HTML))
    yield FetchCase(
        "xhtml", _typed(b"application/xhtml+xml", b"<?xml version='1.0'?><html xmlns='x'>" + HTML)
    )
    yield FetchCase("text", _typed(b"text/plain", b"It rained."))
    yield FetchCase("utf-16", _typed(b"text/html", b"\xff\xfe" + HTML.decode().encode("utf-16-le")))
    yield FetchCase("latin-1-header", _typed(b"text/html; charset=iso-8859-1", _LATIN))
    yield FetchCase(
        "latin-1-meta", _typed(b"text/html", _LATIN.replace(b"<title>", b"<meta charset=iso-8859-1><title>"))
    )
    yield FetchCase("latin-1-undeclared", _typed(b"text/html", _LATIN))
    yield FetchCase("utf-8-bad-byte", _typed(b"text/html; charset=utf-8", _UTF8 + b"\xff"))
    yield FetchCase(
        "opt-out-header", answer(headers=HTML_TYPE + b"X-Robots-Tag: noai\r\ntdm-reservation: 1\r\n")
    )
    yield FetchCase("opt-out-meta", answer(b"<meta name=robots content='noai, noimageai'>" + HTML))
    yield FetchCase("redirects-5", _redirects)
    yield FetchCase("revisited", _if_changed)
    yield FetchCase("robots-missing", answer(), robots=answer(b"", b"", b"404 No"))
    yield FetchCase("robots-forbidden", answer(), robots=answer(b"", b"", b"403 No"))
    yield FetchCase("robots-loop", answer(), robots=moved("/robots.txt"))
    yield FetchCase(
        "robots-huge", answer(), robots=answer(b"# x\n" * 500_000 + b"User-agent: *\nDisallow: /", b"")
    )
    yield FetchCase("robots-delay", answer(), robots=answer(b"User-agent: newsmill\nCrawl-delay: 2", b""))


def _slow() -> Iterator[FetchCase]:
    """Yield responses that never end."""
    too_slow = _rejected(Reason.TOO_SLOW)
    yield FetchCase("silent", _silent(), _later(Reason.UNREACHABLE, whole_host=True))
    yield FetchCase("silent-body", _silent(answer()[:-5]), _later(Reason.BAD_RESPONSE))
    yield FetchCase("drip-status", _dripping(b"", b"H"), too_slow)
    yield FetchCase("drip-headers", _dripping(_OK + b"X: ", b"y"), too_slow)
    yield FetchCase("drip-continue", _dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), too_slow)
    yield FetchCase("drip-body", _dripping(_OK + b"Content-Length: 99999\r\n\r\n", b"<p>"), too_slow)
    yield FetchCase("drip-chunks", _dripping(_CHUNKED, b"1\r\nx\r\n"), too_slow)
    yield FetchCase("drip-chunk-size", _dripping(_CHUNKED, b"0"), too_slow)
    yield FetchCase("drip-http10", _dripping(b"HTTP/1.0 200 OK\r\n\r\n", b"<p>"), too_slow)


def _large() -> Iterator[FetchCase]:
    """Yield responses that are too large, as sent or once decompressed."""
    bombs = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: brotli.compress(data, quality=5),
        "zstd": zstandard.compress,
    }
    too_large = _rejected(Reason.TOO_LARGE)
    for name, pack in bombs.items():
        yield FetchCase(f"bomb-{name}", _encoded(name.encode(), pack(HTML.ljust(BOMB_BYTES))), too_large)
    yield FetchCase("large", answer(HTML.ljust(TOO_LARGE)), too_large)
    yield FetchCase("endless", _endless, too_large)
    yield FetchCase("large-wire", _encoded(b"gzip", _swollen(HTML.ljust(TOO_LARGE - 1000))), too_large)
    yield FetchCase("large-header", _OK + b"X: " + b"x" * TOO_MANY_HEADERS + b"\r\n\r\n", too_large)
    yield FetchCase("many-headers", _OK + b"X: %b\r\n" % (b"x" * 2000) * 90 + b"\r\n", too_large)
    yield FetchCase("countless-headers", _OK + b"X: y\r\n" * 20_000 + b"\r\n", too_large)
    idle = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\0\0\0\xff\xff" * (BOMB_BYTES // 5)  # blocks of nothing
    yield FetchCase("bomb-inside", _encoded(b"gzip, gzip", gzip.compress(idle)), too_large)
    twice = gzip.compress(gzip.compress(HTML.ljust(BOMB_BYTES)))
    yield FetchCase("bomb-twice", _encoded(b"gzip, gzip", twice), too_large)
    yield FetchCase("large-trailers", _CHUNKED + b"0\r\n" + b"X: y\r\n" * 600_000 + b"\r\n", too_large)


def _swollen(page: bytes) -> bytes:
    """Return a gzip stream that is larger than what it unpacks to: stored in blocks of 100 bytes."""
    packer = zlib.compressobj(0, wbits=16 + zlib.MAX_WBITS)
    pieces = [
        packer.compress(page[start : start + 100]) + packer.flush(zlib.Z_SYNC_FLUSH)
        for start in range(0, len(page), 100)
    ]
    return b"".join((*pieces, packer.flush()))


def _endless(connection: Connection) -> None:
    connection.wfile.write(_CHUNKED)
    while not connection.server.stopping.is_set():
        connection.wfile.write(b"10000\r\n" + b"<p>x" * 16_384 + b"\r\n")


def _other_types() -> Iterator[FetchCase]:
    """Yield bodies that are no HTML, whatever their Content-Type says."""
    bodies = {
        "pdf": b"%PDF-1.7\n" + bytes(5000),
        "png": b"\x89PNG\r\n\x1a\n\0\0",
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
        "gif": b"GIF89a\x01\0",
        "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'>",
        "rss": b"<?xml version='1.0'?><rss version='2.0'>",
        "atom": b"<?xml version='1.0'?><feed xmlns='x'>",
        "sitemap": b"<?xml version='1.0'?><urlset>",
        "zip": b"PK\x03\x04\x14\0",
        "gz": gzip.compress(b"%PDF-1.7"),
        "tar": b"a.txt".ljust(257, b"\0") + b"ustar\0",
        "json": b'{"title": "Rain"}',
        "mp4": b"\0\0\0\x1cftypisom",
        "binary": b"It\0rained",
    }
    for name, body in bodies.items():
        yield FetchCase(name, _typed(b"text/html", body), _rejected(Reason.NOT_HTML))
    yield FetchCase(
        "script", _typed(b"application/javascript", b"function () {}"), _rejected(Reason.NOT_HTML)
    )
    yield FetchCase("empty", answer(b""), _rejected(Reason.NO_ARTICLE))


def _broken() -> Iterator[FetchCase]:
    """Yield responses that are cut off, or violate HTTP."""
    routes: dict[str, Route] = {
        "hangs-up": _raw(),
        "no-http": _raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "bad-status-line": _raw(b"HTTP/1.1 two hundred\r\n\r\n"),
        "half-headers": _raw(_OK + b"Content-Ty"),
        "two-lengths": _raw(_OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n<html>"),
        "length-too-long": _raw(_OK + b"Content-Length: 99\r\n\r\n<html>"),
        "chunk-missing": _raw(_CHUNKED + b"6\r\n<html>\r\n"),
        "chunk-cut": _raw(_CHUNKED + b"60\r\n<html>"),
        "chunk-size-wrong": _raw(_CHUNKED + b"zz\r\n<html>\r\n"),
        "chunk-negative": _raw(_CHUNKED + b"-5\r\n<html>\r\n"),
        "gzip-cut": _encoded(b"gzip", gzip.compress(HTML)[:-5]),
        "gzip-checksum": _encoded(b"gzip", gzip.compress(HTML)[:-8] + bytes(8)),
        "gzip-many-members": _encoded(b"gzip", gzip.compress(HTML) + gzip.compress(b"") * 5000),
        "gzip-garbage": _encoded(b"gzip", bytes(range(256))),
        "gzip-cut-inside": _encoded(b"gzip, gzip", gzip.compress(gzip.compress(HTML)[:-5])),
        "gzip-unsaid-cut": answer(gzip.compress(HTML)[:-5]),
        "br-cut": _encoded(b"br", brotli.compress(HTML)[:-2]),
        "br-garbage": _encoded(b"br", bytes(range(256))),
        "zstd-garbage": _encoded(b"zstd", bytes(range(256))),
        "encoding-unknown": _encoded(b"compress", b"\x1f\x9d" + bytes(range(256))),
        "encoding-thrice": _encoded(b"gzip, br, gzip", gzip.compress(HTML)),
        "zstd-cut": _encoded(b"zstd", zstandard.compress(HTML)[:-2]),
    }
    for name, route in routes.items():
        yield FetchCase(name, route, _later(Reason.BAD_RESPONSE))


def _redirects_and_statuses() -> Iterator[FetchCase]:
    """Yield redirects that must not be followed, and responses whose status says that there is no page."""
    yield FetchCase("redirects-6", _redirects, _rejected(Reason.TOO_MANY_REDIRECTS))
    yield FetchCase("redirect-loop", moved("/"), _failed(Reason.REDIRECT_LOOP))
    yield FetchCase("redirect-fragment", moved("#again"), _failed(Reason.REDIRECT_LOOP))
    yield FetchCase("redirect-nowhere", answer(b"", b"", b"302 Found"), _rejected(Reason.BAD_STATUS))
    yield FetchCase("redirect-ftp", moved("ftp://news.test/"), _failed(Reason.BAD_URL))
    yield FetchCase("redirect-file", moved("file:///etc/passwd"), _failed(Reason.BAD_URL))
    yield FetchCase("redirect-port", moved("http://news.test:22/"), _failed(Reason.BAD_URL))
    yield FetchCase("redirect-inside", moved("http://10.0.0.1/"), _rejected(Reason.BLOCKED_ADDRESS))
    yield FetchCase("redirect-metadata", moved("http://169.254.169.254/"), _rejected(Reason.BLOCKED_ADDRESS))
    yield FetchCase("not-found", answer(b"", b"", b"404 No"), _rejected(Reason.NOT_FOUND))
    yield FetchCase("gone", answer(b"", b"", b"410 Gone"), _rejected(Reason.NOT_FOUND))
    yield FetchCase("forbidden", answer(b"", b"", b"403 No"), _rejected(Reason.FORBIDDEN))
    yield FetchCase("teapot", answer(b"", b"", b"418 Teapot"), _rejected(Reason.BAD_STATUS))
    yield FetchCase("unasked-304", b"HTTP/1.1 304 Not Modified\r\n\r\n", _rejected(Reason.BAD_STATUS))
    yield FetchCase("error", answer(b"", b"", b"500 No"), _later(Reason.SERVER_ERROR))
    yield FetchCase("unavailable", answer(b"", b"", b"503 No"), _later(Reason.SERVER_ERROR))
    busy = _later(Reason.RATE_LIMITED, whole_host=True)
    yield FetchCase("slow-down", answer(b"", b"Retry-After: 7\r\n", b"429 Slow down"), busy)
    asked = _later(Reason.SERVER_ERROR, whole_host=True)
    date = b"Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"
    yield FetchCase("unavailable-until", answer(b"", date, b"503 Later"), asked)
    yield FetchCase(
        "robots-disallow",
        answer(),
        _rejected(Reason.ROBOTS),
        robots=answer(b"User-agent: *\nDisallow: /", b""),
    )
    away = _later(Reason.ROBOTS_UNREACHABLE, whole_host=True)
    yield FetchCase("robots-error", answer(), away, robots=answer(b"", b"", b"500 No"))
    yield FetchCase("robots-broken", answer(), away, robots=_raw(b"SSH-2.0\r\n"))
    inside = _rejected(Reason.BLOCKED_ADDRESS)
    yield FetchCase("robots-inside", answer(), inside, robots=moved("http://192.168.0.1/robots.txt"))


@cache
def fetch_cases() -> tuple[FetchCase, ...]:
    """Return all cases; the decompression bombs take a second to generate."""
    return (*_pages(), *_slow(), *_large(), *_other_types(), *_broken(), *_redirects_and_statuses())


def install(site: Site) -> None:
    """Give each case a host of `site`."""
    for one in fetch_cases():
        site.routes[f"{one.host}/"] = one.route
        site.routes[f"{one.host}/robots.txt"] = one.robots or answer(b"", b"", b"404 No")
        if one.name.startswith("redirects-"):
            site.routes |= {f"{one.host}/{number}": one.route for number in range(1, 8)}

"""A body is what its first bytes say, whatever the header says."""

import pytest

from tasks.errors import Reason, Rejected
from tasks.fetch.content_type import sniff

HTML = [
    (b"<!DOCTYPE html><html>", "text/html; charset=utf-8"),
    (b"<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>", None),
    (b"\xef\xbb\xbf\r\n  <html>", None),
    (b"\xff\xfe" + "<html>".encode("utf-16-le"), None),
    (b"\xfe\xff" + "<html>".encode("utf-16-be"), "text/html"),
    (b"<!-- a comment --><!-- another --><html>", "text/plain"),
    (b"<article><h1>Title</h1>", "application/octet-stream"),
    (b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>", "text/xml"),
    (b"<?xml version='1.0'?>\n<h:html xmlns:h='http://www.w3.org/1999/xhtml'>", "application/xhtml+xml"),
    (b"<html>\x00\x01 with stray bytes", "text/html"),
    (b"<my-app>", "text/html"),
    (b"Warning: something\n<html>", "text/html"),
    (b"<!-- a comment longer than what is looked at", "text/html"),
]
TEXT = [
    (b"It rained.", "text/plain"),
    (b"It rained.", None),
    (b"It rained.", "application/octet-stream"),
    (b"BMW recalls cars.", "text/plain"),
    (b"ID3 is a car.", "text/plain"),
    (b"[1] A footnote.", "text/plain"),
    ("Es regnete in München.".encode(), "TEXT/PLAIN;charset=utf-8"),
]
REFUSED = [
    (b"%PDF-1.7\n", "text/html", "PDF"),
    (b"\x89PNG\r\n\x1a\n\0\0", "text/html", "PNG"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", "JPEG"),
    (b"GIF89a\x01\0", None, "GIF"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", None, "WebP"),
    (b"\0\0\0\x1cftypavif", None, "AVIF"),
    (b"\0\0\0\x1cftypisom", "text/html", "MP4"),
    (b"ID3\x04\0\0", None, "MP3"),
    (b"PK\x03\x04\x14\0", "application/epub+zip", "ZIP"),
    (b"\x1f\x8b\x08\0", "text/html", "gzip"),
    (b"a.txt".ljust(257, b"\0") + b"ustar\0", None, "tar"),
    (b"<?xml version='1.0'?><rss version='2.0'>", "text/html", "RSS"),
    (b"<rss version='2.0'>", "text/html", "RSS"),
    (b"<rdf:RDF xmlns:rdf='x'>", None, "RSS"),
    (b"<?xml version='1.0'?><?xml-stylesheet href='a'?><!-- c --><feed xmlns='x'>", "text/plain", "Atom"),
    (b"<?xml version='1.0'?><urlset>", "text/xml", "sitemap"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", "text/html", "SVG"),
    (b"<?xml version='1.0'?><note>", "text/html", "XML with the root 'note'"),
    (b"<?xml version='1.0'?>", "text/html", "XML"),
    (b'{"title": "x"}', "text/html", "JSON"),
    (b'[{"a": 1}]', None, "JSON"),
    (b"null", "application/json", "JSON"),
    (b"It\x00rained", "text/html", "binary"),
    (b"function () {}", "application/javascript", "application/javascript"),
    (b"a,b\n1,2", "text/csv", "text/csv"),
]


@pytest.mark.parametrize(("head", "header"), HTML)
def test_html_and_xhtml_pass(head: bytes, header: str | None) -> None:
    assert sniff(head, header) == "text/html"


@pytest.mark.parametrize(("head", "header"), TEXT)
def test_plain_text_passes(head: bytes, header: str | None) -> None:
    assert sniff(head, header) == "text/plain"


@pytest.mark.parametrize(("head", "header", "name"), REFUSED)
def test_anything_else_is_rejected_by_name(head: bytes, header: str | None, name: str) -> None:
    with pytest.raises(Rejected) as refused:
        sniff(head, header)
    assert refused.value.reason is Reason.NOT_HTML
    assert name in refused.value.detail


def test_an_empty_body_holds_no_article() -> None:
    with pytest.raises(Rejected) as refused:
        sniff(b"", "text/html")
    assert refused.value.reason is Reason.NO_ARTICLE

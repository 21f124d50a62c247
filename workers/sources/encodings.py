"""Encodings of lists: which one a list is in, and its bytes in UTF-8."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from w3lib.encoding import resolve_encoding

from workers.errors import UserError

#: Byte order marks; that of UTF-32 begins with that of UTF-16. None: the list is in UTF-8 already.
_MARKS = (
    (codecs.BOM_UTF8, None),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_MARK = 4
#: Bytes at the beginning of a list that show UTF-16 without a mark.
_HEAD = 4096
#: Text is in UTF-16 if so much of it has NUL as one half of each unit, and at most so much as the other half: URLs are
#: ASCII, and a list has them in every line. UTF-8 has no NUL at all.
_MANY, _FEW = 0.25, 0.02
#: Codecs that need a mark, and what they are without one on the machines of today.
_LITTLE_ENDIAN = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
#: Codecs of Python that are no encodings of files: they read escapes, or only names of hosts.
_NO_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


def codec_of(name: str) -> str:
    """Return Python's name of the encoding `name`, as browsers understand it: latin-1 is windows-1252.

    Raises UserError for an unknown one.
    """
    codec = resolve_encoding(name) if name.isascii() else None
    if codec is None or codec in _NO_ENCODINGS or not _decodes_to_text(codec):
        raise UserError(
            f"There is no encoding {name[:40]!r}. Name one that Python knows: utf-8, utf-16, windows-1252, "
            "windows-1251, shift_jis, gb18030, ..."
        )
    return _LITTLE_ENDIAN.get(codec, codec)


def in_utf8(blocks: Iterable[bytes], encoding: str | None = None) -> Iterator[bytes]:
    """Yield the blocks of a list in UTF-8, without its byte order mark.

    In this order: a byte order mark; UTF-16 that is evident; `encoding`. Otherwise the bytes stay as they are, so that
    each line can be looked at by itself (lines.py). Invalid bytes of a known encoding become U+FFFD.
    """
    source = iter(blocks)
    head = b""
    for block in source:
        head += block
        if len(head) >= _LONGEST_MARK:
            break
    for mark, marked in _MARKS:
        if head.startswith(mark):
            encoding, head = marked, head.removeprefix(mark)
            break
    else:
        encoding = _evident(head[:_HEAD]) or encoding
    rest = chain([head], source)
    yield from _transcoded(rest, encoding) if encoding else rest


def _evident(head: bytes) -> str | None:
    """Return the encoding that NUL bytes make evident: UTF-16, or None."""
    units = len(head) // 2
    first, second = head[0 : 2 * units : 2].count(0), head[1 : 2 * units : 2].count(0)
    if second > units * _MANY and first <= units * _FEW:
        return "utf-16-le"
    if first > units * _MANY and second <= units * _FEW:
        return "utf-16-be"
    return None


def _transcoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode(errors="replace")
    yield decoder.decode(b"", final=True).encode(errors="replace")


def _decodes_to_text(codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)
        b"text".decode(codec, "replace")  # refuses codecs from bytes to bytes, such as hex
    except (LookupError, UnicodeError):
        return False
    return True

"""The beginning of a page, and the `<meta>` tags in it: found once, for all who look for something in them."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: Bytes in which `<meta>` is looked for. Of 181 news pages, 65 of the 69 with robots metas have them there, and no more in
#: twice as many bytes; the other four have them after 64 KB of scripts.
HEAD_BYTES = 32_768

#: Both cases are written out, for IGNORECASE takes ten times as long, on every page. The length is bounded: 5,000 tags that
#: are never closed would each be searched to the end.
_META = re.compile(rb"<[mM][eE][tT][aA]\s[^>]{0,1000}+>")
_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE)


class Head(NamedTuple):
    """The first HEAD_BYTES of a page."""

    #: In an encoding that extends ASCII.
    page: bytes
    #: The `<meta>` tags in it, those in comments, too.
    metas: list[bytes]
    #: All of them in one, in lower case.
    words: bytes

    def metas_with(self, words: Sequence[bytes]) -> Iterator[bytes]:
        """Yield the tags with one of some words of lower-case letters, but for those in comments; in lower case."""
        if not any(word in self.words for word in words):
            return
        at = 0
        for meta in self.metas:
            tag = meta.lower()
            if any(word in tag for word in words):
                at = self.page.find(meta, at)
                if not self._is_comment(at):
                    yield tag
                at += len(meta)

    def _is_comment(self, at: int) -> bool:
        begin = self.page.rfind(b"<!--", 0, at)
        return begin >= 0 and self.page.find(b"-->", begin, at) < 0


#: Of a page that is not there yet.
NO_HEAD = Head(b"", [], b"")


def markup(page: bytes) -> bytes:
    """Return a page in an encoding that extends ASCII: one in UTF-16 without its NULs."""
    return page.replace(b"\0", b"") if page.startswith(_UTF16) else page


def head_of(page: bytes) -> Head:
    """Return the head of a page, or of its first HEAD_BYTES."""
    page = markup(page[:HEAD_BYTES]) if page.startswith(_UTF16) else page
    metas = _META.findall(page, 0, HEAD_BYTES)
    return Head(page, metas, b"\n".join(metas).lower())

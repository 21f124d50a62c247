"""A page skimmed as a browser without scripts would show it: how much text it has, and its `<meta>` and `<base>` elements.

A small part of the HTML standard's tokenizer, in linear time. What is in comments, scripts, templates and the like
is not on the page; what is in `<noscript>` is.
"""

import re
from dataclasses import dataclass, field

#: A tag with its attributes. A quote counts behind an equals sign only, and only if it is closed.
_WHOLE_TAG = re.compile(rb"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=(?:\s*+(?:"[^"]*+"|'[^']*+'))?+)*+)>""")
_ATTRIBUTE = re.compile(rb"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]++)))?+""")
#: What begins a comment that nobody meant: `<!doctype`, `<?xml`, `</ `.
_BOGUS = re.compile(rb"<(?:[!?]|/[^a-zA-Z])")
#: Elements whose content is text, up to their end tag; none of it is shown but that of the last.
_ENDS = {
    name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
    for name in (b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes")
}
_COMMENT_END = re.compile(rb"--!?>")


@dataclass(slots=True)
class Skimmed:
    """What a page shows."""

    #: Bytes of text, without white space: a character is about one in Latin script, and two or three in others.
    text_bytes: int = 0
    #: The attributes of each `<meta>`, by names in lower case.
    metas: list[dict[str, bytes]] = field(default_factory=list)
    #: `href` of the first `<base>` that has one.
    base: bytes | None = None


def skim(page: bytes) -> Skimmed:
    """Return what `page` shows; its markup is in an encoding that extends ASCII."""
    seen = Skimmed()
    at = templates = 0
    while at < len(page):
        begin = page.find(b"<", at)
        end = begin if begin >= 0 else len(page)
        if not templates:
            seen.text_bytes += len(b"".join(page[at:end].split()))
        if begin < 0:
            break
        tag = _WHOLE_TAG.match(page, begin)
        if tag is None or page.startswith(b"<!--", begin):
            at = _after_no_tag(page, begin)
            continue
        at, name = tag.end(), tag[2].lower()
        if name == b"template":
            templates = max(0, templates + (-1 if tag[1] else 1))
        elif not tag[1] and name in _ENDS:
            found = _ENDS[name].search(page, at)
            at = found.start() if found else len(page)
        elif not (tag[1] or templates):
            _note(seen, name, tag[3])
    return seen


def _after_no_tag(page: bytes, begin: int) -> int:
    """Return where the page goes on after a `<` that begins a comment, a tag that is never closed, or nothing."""
    if page.startswith(b"<!--", begin):
        return _after_comment(page, begin)
    if _BOGUS.match(page, begin):
        end = page.find(b">", begin)
        return end + 1 if end >= 0 else len(page)
    is_tag = page.startswith(b"</", begin) or page[begin + 1 : begin + 2].isalpha()
    return len(page) if is_tag else begin + 1


def _after_comment(page: bytes, begin: int) -> int:
    """Return where the comment that begins at `begin` is over; it is the rest of the page if it is never closed."""
    for empty in (b"<!-->", b"<!--->"):
        if page.startswith(empty, begin):
            return begin + len(empty)
    end = _COMMENT_END.search(page, begin + len(b"<!--"))
    return end.end() if end else len(page)


def _note(seen: Skimmed, name: bytes, attributes: bytes) -> None:
    if name not in {b"meta", b"base"}:
        return
    values: dict[str, bytes] = {}
    for key, *value in _ATTRIBUTE.findall(attributes):
        values.setdefault(key.lower().decode("latin-1"), b"".join(value))  # the first of several counts
    if name == b"meta":
        seen.metas.append(values)
    elif seen.base is None:
        seen.base = values.get("href")

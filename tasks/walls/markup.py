"""What a page shows, read without a parser: title, headings, text, and what its scripts would fill.

A page that is no article is small and simple. So its markup is cut at its tags, in one pass, whatever is wrong with it: lxml
would cost a fetch worker 10 MB, and an enrich worker a second parse.
"""

from dataclasses import dataclass, field
from html import unescape

#: Characters of a page that are looked at. Of the walls that are known none has as many.
LONGEST = 300_000
#: Characters of a heading that count, and headings of a page that do.
LONGEST_HEADING, MOST_HEADINGS = 200, 6

#: Elements whose content is no text of the page.
_HIDDEN = frozenset({"script", "style", "svg", "template", "iframe", "textarea", "select", "option"})
_HEADINGS = frozenset({"h1", "h2"})
#: Elements after which a new line begins.
_BLOCKS = frozenset(
    {
        *("p", "div", "li", "br", "h1", "h2", "h3", "h4", "tr", "td", "section", "article", "main"),
        *("header", "footer", "nav", "ul", "ol", "button", "form", "body", "hr", "pre", "center", "noscript"),
    }
)
#: Ids of the elements that frameworks fill with an application: React, Vue, Next.js, Nuxt, Gatsby, Svelte, Angular, Ember, Quasar.
_ROOTS = frozenset(
    {
        *("root", "app", "__next", "__nuxt", "___gatsby", "svelte", "app-root", "react-root", "react-app"),
        *("main-app", "q-app", "ember-application", "mount", "app-container", "app-wrapper", "application"),
        *("reactroot", "vue-app", "__layout", "spa", "spa-root", "root-app", "appmountpoint", "app-mount"),
    }
)
#: Attributes of such elements.
_ROOT_ATTRIBUTES = ("data-reactroot", "data-v-app", "ng-app", "ng-version", "data-server-rendered", "v-cloak")
#: Characters that such an element may have and still be empty: "Loading...".
_EMPTY = 40


@dataclass(slots=True)
class Outline:
    """What a page shows before its scripts run."""

    title: str = ""
    #: The first h1 and h2.
    headings: list[str] = field(default_factory=list)
    #: All text, a line for each block; without `<noscript>`.
    text: str = ""
    noscript: str = ""
    scripts: int = 0
    #: The element that an application would fill, as `#root`, if it is empty.
    empty_root: str = ""
    has_password: bool = False


@dataclass(slots=True)
class _State:
    """Where in the page the next piece is."""

    lines: list[str] = field(default_factory=list)
    noscript: list[str] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    headings: list[list[str]] = field(default_factory=list)
    #: What must come before text counts again: the name of a closing tag, `-->`.
    until: str = ""
    in_title: bool = False
    in_heading: bool = False
    in_noscript: bool = False
    scripts: int = 0
    has_password: bool = False
    root: str = ""
    root_tag: str = ""
    root_depth: int = 0
    root_length: int = 0
    empty_root: str = ""


def outline(html: str) -> Outline:
    """Return what the page `html` shows, of its first LONGEST characters; in linear time."""
    state = _State()
    first, *pieces = html[:LONGEST].split("<")
    _add(state, first)
    for piece in pieces:
        _read(state, piece)
    return Outline(
        title=_joined(state.title)[:LONGEST_HEADING],
        headings=[
            heading[:LONGEST_HEADING] for parts in state.headings if len(heading := _joined(parts)) > 1
        ],
        text="\n".join(line for line in _lines(state.lines) if line),
        noscript=_joined(state.noscript),
        scripts=state.scripts,
        empty_root=state.empty_root,
        has_password=state.has_password,
    )


def title_of(html: str) -> str:
    """Return the title of the page `html`, '' for none, without reading the page."""
    start = _find(html, "<title", 0)
    return _content(html, start, "</title") if start >= 0 else ""


def headings_of(html: str) -> list[str]:
    """Return the first h1 and h2 of the page `html`, without reading the page."""
    found: list[str] = []
    for name in ("h1", "h2"):
        at = -1
        while len(found) < MOST_HEADINGS and (at := _find(html, f"<{name}", at + 1)) >= 0:
            found.append(_content(html, at, f"</{name}"))
    return [one for one in found if one]


def _find(html: str, tag: str, start: int) -> int:
    """Return where `tag` is, in lower or in upper case, -1 for nowhere."""
    at = html.find(tag, start, LONGEST)
    return at if at >= 0 else html.find(tag.upper(), start, LONGEST)


def _content(html: str, start: int, closing: str) -> str:
    """Return the text between the tag at `start` and the closing one, which is not far."""
    begin = html.find(">", start, start + 1000) + 1
    end = _find(html[begin : begin + 2000], closing, 0)
    if not begin or end < 0:
        return ""
    return _joined([piece.rpartition(">")[2] for piece in f">{html[begin : begin + end]}".split("<")])[
        :LONGEST_HEADING
    ]


def _read(state: _State, piece: str) -> None:
    """Read one tag, without its `<`, and the text after it."""
    tag, bracket, text = piece.partition(">")
    if state.until == "-->":
        if "-->" in piece:
            state.until = ""
            _add(state, piece.partition("-->")[2])
        return
    if not bracket:  # a `<` that begins no tag
        if not state.until:
            _add(state, f"<{piece}")
        return
    name = tag[:20].split(None, 1)[0].rstrip("/").lower() if tag and not tag[0].isspace() else ""
    if state.until:
        if name != state.until:
            return
        state.until = ""
        _add(state, text)
    elif name.startswith("!--"):
        if "-->" in piece:
            _add(state, piece.partition("-->")[2])
        else:
            state.until = "-->"
    else:
        _open_or_close(state, name, tag)
        if name in _HIDDEN and not tag.endswith("/"):
            state.until = f"/{name}"
        else:
            _add(state, text)


def _open_or_close(state: _State, name: str, tag: str) -> None:
    bare = name.removeprefix("/")
    opens = bare == name
    if bare == "title" and not (opens and state.title):
        state.in_title = opens
    elif bare in _HEADINGS:
        state.in_heading = opens and len(state.headings) < MOST_HEADINGS
        if state.in_heading:
            state.headings.append([])
    elif bare == "noscript":
        state.in_noscript = opens
    elif name == "script":
        state.scripts += 1
    elif name == "input" and "password" in tag.lower():
        state.has_password = True
    if bare in _BLOCKS and not state.in_noscript:
        state.lines.append("\n")
    _watch_root(state, name, bare, tag)


def _watch_root(state: _State, name: str, bare: str, tag: str) -> None:
    """Note the element that an application fills, and how much is in it."""
    if state.root:
        if bare == state.root_tag:
            state.root_depth += 1 if name == bare else -1
            if state.root_depth == 0:
                if state.root_length <= _EMPTY:
                    state.empty_root = state.empty_root or state.root
                state.root = ""
    elif name == bare and (found := _root_name(bare, tag)) and not tag.endswith("/"):
        state.root, state.root_tag, state.root_depth, state.root_length = found, bare, 1, 0


def _root_name(name: str, tag: str) -> str:
    """Return what the element is called if it is one that an application fills; '' for any other."""
    if name in {"html", "body", "head", "meta", "link", "script"}:
        return ""
    if "-" in name and (name.endswith(("-root", "-app")) or name.startswith("app-")):
        return f"<{name}>"
    attributes = tag[:500].lower()
    _, found, rest = attributes.partition(" id=")
    identity = (
        rest.lstrip("\"'").split()[0].rstrip("\"'/").split('"')[0].split("'")[0] if rest.strip() else ""
    )
    if found and identity in _ROOTS:
        return f"#{identity}"
    return next((f"[{one}]" for one in _ROOT_ATTRIBUTES if f" {one}" in attributes), "")


def _add(state: _State, text: str) -> None:
    if not text or state.until:
        return
    if state.in_title:
        state.title.append(text)
        return
    if state.in_noscript:
        state.noscript.append(text)
        return
    if state.in_heading:
        state.headings[-1].append(text)
    if state.root:
        state.root_length += len(text.strip())
    state.lines.append(text)


def _joined(parts: list[str]) -> str:
    return " ".join(unescape(" ".join(parts)).split())


def _lines(parts: list[str]) -> list[str]:
    """Return the lines of a text in pieces, in which only a piece that is a newline begins a new one."""
    whole = "".join(part if part == "\n" else part.replace("\n", " ") for part in parts)
    return [" ".join(line.split()) for line in unescape(whole).split("\n")]

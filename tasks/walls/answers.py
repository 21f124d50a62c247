"""Whose wall an answer is that is no page: a status of refusal, with its headers and the beginning of its body."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.walls.marks import Mark, decisive_header, mark_in_markup, mark_in_text, server_of_answer
from tasks.walls.markup import outline
from tasks.walls.phrases import Sentence, folded, hints_beside, kind_of_heading, sentences_in, unquoted

#: Statuses that walls are sent with: AWS WAF challenges with 202 and 405, Cloudflare blocks with 403, 409, 429, 503 and 530,
#: Kasada challenges with 429, ModSecurity refuses with 406, LinkedIn with 999.
STATUSES = frozenset({202, 401, 403, 405, 406, 409, 418, 429, 451, 503, 530, 999})
#: Bytes of a body that are looked at: more than any of the vendors' pages has.
BODY_BYTES = 65_536

#: Kinds of phrases (phrases.toml) that name a wall.
_WALLS = frozenset({"captcha", "denied", "region"})
#: What a page about a limit of requests says: waiting helps there.
_LIMITS = ("rate limited", "rate limit", "too many requests", "error 1015", "slow down")
#: Words beside "you have no permission" that make a wall of it: a server's own page about a file has fewer.
_HINTS = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wall behind a status."""

    #: What it is and what shows it, without the status: "Cloudflare (cf-mitigated: challenge)".
    detail: str
    #: Whether it says that there were too many requests.
    is_limit: bool


def refusal_of(headers: Mapping[str, str], body: bytes) -> Refusal | None:
    """Return the wall behind an answer with one of STATUSES; None where nothing shows one.

    `headers` have names in lower case, `body` is decompressed, the beginning is enough. That a server is a vendor's does not
    make its answer a wall: pages behind it are refused by their own servers, too.
    """
    html = body[:BODY_BYTES].decode("utf-8", "replace")
    page = outline(html)
    shown = folded(unquoted(f"{page.title}\n{page.text}"))
    server = server_of_answer(headers)
    mark = decisive_header(headers) or mark_in_markup(html, page.text) or mark_in_text(shown)
    if mark:
        return Refusal(f"{mark.vendor} ({mark.found})", _is_limit(shown))
    said = _wall_in(shown)
    if said:
        return Refusal(f"{_named(server)} (“{' … '.join(said.parts)}”)", _is_limit(shown))
    heading = kind_of_heading(page.title) or next(filter(None, map(kind_of_heading, page.headings)), None)
    if heading in {"captcha", "region"}:
        return Refusal(f"{_named(server)} (“{page.title or page.headings[0]}”)", _is_limit(shown))
    if server and _is_limit(shown):
        return Refusal(f"{server.vendor} ({server.found})", is_limit=True)
    return None


def challenge_in(headers: Mapping[str, str]) -> str | None:
    """Return whose challenge an answer is by headers that nothing else has, whatever its status; None for none."""
    mark = decisive_header(headers)
    return f"{mark.vendor} ({mark.found})" if mark else None


def _named(server: Mark | None) -> str:
    return server.vendor if server else "an unknown vendor"


def _is_limit(shown: str) -> bool:
    return any(limit in shown for limit in _LIMITS)


def _wall_in(shown: str) -> Sentence | None:
    """Return a sentence that only a wall has."""
    found = [sentence for _, sentence in sentences_in(shown) if sentence.kind in _WALLS]
    for sentence in found:
        if sentence.kind != "denied" or len(hints_beside(shown, sentence)) >= _HINTS:
            return sentence
    return None

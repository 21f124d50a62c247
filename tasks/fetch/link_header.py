"""The canonical link in a Link header, which documents without a `<head>` have (RFC 8288, RFC 6596)."""

import re
from collections.abc import Iterable

from tasks.urls import kept_url

#: A target and its parameters, up to the next target. A `<` in a parameter ends it too early: then it has no `rel`.
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r";\s*+rel\s*+=\s*+(?:\"([^\"]*)\"|([^\s\",;]++))", re.IGNORECASE)


def canonical_of(headers: Iterable[str], url: str) -> str | None:
    """Return the target of the first `rel=canonical` in the Link headers of `url`, as it would be requested.

    None for what is no http(s) URL of at most 2,048 characters.
    """
    for target, parameters in (found.groups() for header in headers for found in _LINK.finditer(header)):
        relation = _REL.search(parameters)
        if relation and "canonical" in (relation[1] or relation[2] or "").lower().split():
            return _absolute(target, url)
    return None


def _absolute(target: str, url: str) -> str | None:
    # Headers are read as Latin-1; what is not ASCII is UTF-8, as browsers take it.
    target = target.strip().encode("latin-1", "replace").decode("utf-8", "replace")
    return kept_url(target, url) if target else None

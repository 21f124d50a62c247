"""Names that anybody may have names under, such as `com`, `co.uk` and `github.io`, by the public suffix list (publicsuffix.org)."""

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def is_public(domain: str) -> bool:
    """Return whether anybody may have names under `domain`; True for any name without a dot."""
    return bool(_suffixes().is_public(domain))


def registered_domain(host: str) -> str | None:
    """Return the domain of `host` that its owner has registered: `paper.co.uk` of `m.paper.co.uk`.

    None for a public suffix. `host` is in ASCII and lower case, and no address.
    """
    domain: str | None = _suffixes().privatesuffix(host)
    return domain


def same_site(url: str, other: str) -> bool:
    """Tell whether two http(s) URLs are of one site: of one host, or of one domain that its owner has registered.

    `m.paper.co.uk` and `www.paper.co.uk` are one site, two names under `co.uk` or `github.io` are not, by the public suffix
    list.
    """
    one, two = (urlsplit(each).hostname or "" for each in (url, other))
    if one == two:
        return bool(one)
    if one[-1:].isdigit() or two[-1:].isdigit():  # addresses; no top-level domain ends with a digit
        return False
    domain = registered_domain(one) if one and two else None
    return domain is not None and domain == registered_domain(two)


@cache
def _suffixes() -> "PublicSuffixList":
    """Load the list that is in the package: 50 ms and 3 MB, for the first that asks."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415

    return PublicSuffixList()

"""Names that anybody may have names under, such as `com`, `co.uk` and `github.io`, by the public suffix list (publicsuffix.org)."""

from functools import cache
from typing import TYPE_CHECKING

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


@cache
def _suffixes() -> "PublicSuffixList":
    """Load the list that is in the package: 50 ms and 3 MB, for the first that asks."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415

    return PublicSuffixList()

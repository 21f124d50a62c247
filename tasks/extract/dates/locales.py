"""Whether the day or the month comes first in the numbers of a page's dates."""

from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

from tasks.extract.dates.parsing import Locale, numeric_orders
from tasks.extract.dates.plain_digits import LONGEST
from tasks.extract.statement import Statement

#: Top-level domains of countries that write the month first in English; and those that tell no country.
_MONTH_FIRST_HOSTS = frozenset(("us", "gov", "mil", "edu", "ph"))
_NO_COUNTRY = frozenset(
    (
        *("com", "org", "net", "info", "news", "online", "site", "press", "media", "tv", "fm", "io", "co"),
        *("me", "app", "live", "today", "world", "xyz", "blog"),
    )
)
#: Regions of English that write the month first.
_MONTH_FIRST_REGIONS = frozenset(("us", "ph"))
#: Languages that write the year first or either order: 03/04/2024 tells nothing in them.
_YEAR_FIRST = frozenset(("zh", "ja", "ko", "hu", "lt", "mn", "fil", "tl", ""))
#: Pieces of text in which a date is looked for that tells the order.
_PIECES = 3_000


def locale_of(statement: Statement) -> Locale:
    """Return what the dates of a page are read by: its declared language and its host."""
    language, *subtags = (statement.language or "").lower().split("-")
    day_first = _declared(language, {one for one in subtags if len(one) == 2}, _ending(statement.url))  # noqa: PLR2004
    return Locale(language, day_first)


def with_shown_order(locale: Locale, statement: Statement) -> Locale:
    """Return `locale` with the order that other dates of the page tell, where language and host do not."""
    return locale if locale.day_first is not None else replace(locale, day_first=_shown(statement))


def _declared(language: str, regions: set[str], ending: str) -> bool | None:
    """Return the order that language, region and host agree on."""
    if language in _YEAR_FIRST and language != "":
        return None
    if language not in {"en", ""}:
        return None if regions & {"us", "ca"} else True
    signs = set()
    if regions:
        signs.add(not regions & _MONTH_FIRST_REGIONS if regions != {"ca"} else None)
    if ending in _MONTH_FIRST_HOSTS:
        signs.add(False)
    elif ending and ending not in _NO_COUNTRY:
        signs.add(True if ending != "ca" else None)
    return next(iter(signs)) if len(signs) == 1 else None


def _shown(statement: Statement) -> bool | None:
    """Return the order of the dates of the page that tell it, where all agree."""
    orders: set[bool] = set()
    for text in islice(statement.tree.itertext(), _PIECES):
        if "/" in text or "-" in text:
            orders.update(numeric_orders(text[:LONGEST]))
    return next(iter(orders)) if len(orders) == 1 else None


def _ending(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.rpartition(".")[2] if "." in host and not host[-1].isdigit() else ""

"""How each HTTP status ends an article: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from tasks.errors import Ending, Reason, Rejected, TryLater

#: Longest Retry-After that is respected, in seconds: a day. Maintenance does not last longer.
LONGEST_RETRY_AFTER = 86_400.0

#: Redirects that are followed (RFC 9110, 15.4): the other 3xx do not name exactly one URL.
REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: 203 is a page that a proxy has changed.
PAGES = frozenset({200, 203})


@dataclass(frozen=True)
class Meaning:
    """How a status ends an article."""

    reason: Reason
    #: Put off instead of rejected.
    later: bool = False
    #: All URLs of the host wait, not this one alone.
    whole_host: bool = False


_NOT_FOUND = Meaning(Reason.NOT_FOUND)
_FORBIDDEN = Meaning(Reason.FORBIDDEN)
_BAD_STATUS = Meaning(Reason.BAD_STATUS)
_SERVER_ERROR = Meaning(Reason.SERVER_ERROR, later=True)

#: Statuses that do not end like the others of their class (4xx, 5xx).
MEANINGS: Mapping[int, Meaning] = MappingProxyType(
    {
        204: Meaning(Reason.NO_ARTICLE),  # no content
        205: Meaning(Reason.NO_ARTICLE),  # reset content, without any
        401: _FORBIDDEN,
        402: _FORBIDDEN,
        403: _FORBIDDEN,
        404: _NOT_FOUND,
        408: _SERVER_ERROR,  # request timeout: the server did not receive the request in time
        410: _NOT_FOUND,
        425: _SERVER_ERROR,  # too early
        429: Meaning(Reason.RATE_LIMITED, later=True, whole_host=True),
        451: _FORBIDDEN,
        501: _BAD_STATUS,  # not implemented: waiting does not help
        505: _BAD_STATUS,
        506: _BAD_STATUS,
        508: _BAD_STATUS,
        510: _BAD_STATUS,
        511: _BAD_STATUS,  # a captive portal asks for a login
    }
)


def meaning_of(status: int) -> Meaning | None:
    """Return what `status` means; None for a page."""
    if status in PAGES:
        return None
    # 5xx that no RFC defines (Cloudflare's 520 to 530, 529 "overloaded") are temporary errors like 500.
    return MEANINGS.get(status, _SERVER_ERROR if status // 100 == 5 else _BAD_STATUS)  # noqa: PLR2004


def ending_of(status: int, retry_after: str | None, now: float) -> Ending | None:
    """Return the exception that ends an article with a `status` that is not a redirect; None for a page.

    `retry_after` is the header as sent, `now` the time in seconds since the epoch.
    """
    meaning = meaning_of(status)
    if meaning is None:
        return None
    detail = f"The server answered with status {status}."
    if not meaning.later:
        return Rejected(meaning.reason, detail)
    after = retry_seconds(retry_after, now)
    whole_host = meaning.whole_host or (status == 503 and after is not None)  # noqa: PLR2004
    return TryLater(meaning.reason, detail, after=after, whole_host=whole_host)


def retry_seconds(header: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for, a number or a date (RFC 9110, 10.2.3).

    Between 0 and LONGEST_RETRY_AFTER; None without a header, or if it is neither.
    """
    header = (header or "").strip()
    if header.isascii() and header.isdigit():
        seconds = float(header)
    else:
        try:
            moment = parsedate_to_datetime(header)
            seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)

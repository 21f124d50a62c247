"""How a stage ends an article: `Rejected` for good, `TryLater` for now; any other exception is a bug.

The runner (workers/stages.py) turns these into ledger entries; no stage counts, logs or retries by itself.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why an article was rejected, put off or given up; the value is a metric label and a column."""

    # Rejected: settled at once, never tried again.
    #: Not an http(s) URL that may be fetched: a redirect to another scheme, a port outside the allowed ones.
    BAD_URL = "bad_url"
    #: The host resolves to an address that is not public.
    BLOCKED_ADDRESS = "blocked_address"
    #: robots.txt disallows it.
    ROBOTS = "robots"
    #: The page asks not to be read by machines, in a way that NEWSMILL_REJECT_OPT_OUTS names.
    OPTED_OUT = "opted_out"
    #: 404 or 410.
    NOT_FOUND = "not_found"
    #: 401, 402, 403, 451: the site does not want to show it.
    FORBIDDEN = "forbidden"
    #: Any other status that is neither a page, a redirect nor a passing trouble.
    BAD_STATUS = "bad_status"
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    #: A PDF, an image, a feed, an archive: what it is stands in the detail.
    NOT_HTML = "not_html"
    #: Headers, wire bytes or decoded bytes over the limit.
    TOO_LARGE = "too_large"
    #: The whole answer did not arrive within the total deadline.
    TOO_SLOW = "too_slow"
    #: No article text in the page, or less than the least length.
    NO_ARTICLE = "no_article"
    #: In none of the languages of NEWSMILL_LANGUAGES.
    LANGUAGE = "language"

    # TryLater: put off; `failed` with this reason once the deferrals are used up.
    #: A redirect leads to a host whose budget has no room for it in time.
    HOST_BUSY = "host_busy"
    #: 429.
    RATE_LIMITED = "rate_limited"
    #: 5xx.
    SERVER_ERROR = "server_error"
    #: No answer: name resolution, connection or TLS failed.
    UNREACHABLE = "unreachable"
    #: robots.txt could not be had (RFC 9309, 2.3.1.4: assume complete disallow for the time being).
    ROBOTS_UNREACHABLE = "robots_unreachable"
    #: An answer that breaks off or breaks HTTP.
    BAD_RESPONSE = "bad_response"

    # Enriched or a duplicate since an earlier time.
    #: The site says that nothing has changed since (304): the row is kept.
    UNCHANGED = "unchanged"

    # Failed by what happened in a worker, once the attempts are used up.
    #: A stage ran longer than its limit.
    TIMEOUT = "timeout"
    #: The worker process died while it held the article.
    CRASHED = "crashed"
    #: An exception nobody foresaw; its type and message stand in the detail.
    ERROR = "error"


class Ending(Exception):  # noqa: N818 - an ending is not an error
    """Base of the endings that a stage raises on purpose.

    `reason` is the bounded label, `detail` a sentence for whoever asks why.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Rejected(Ending):
    """The article is settled as `rejected(reason)` and never tried again."""


class TryLater(Ending):
    """The article goes back to the frontier.

    `after` is the least delay in seconds that the other side asked for (Retry-After), None to let the
    frontier back off by itself. `whole_host` says that the host is in trouble, not this URL alone: all its
    URLs wait. `host` names that host where it is not the article's own, but one that a redirect has led to.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        after: float | None = None,
        whole_host: bool = False,
        host: str | None = None,
    ) -> None:
        super().__init__(reason, detail)
        self.after = after
        self.whole_host = whole_host
        self.host = host

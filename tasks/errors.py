"""How a stage ends an article: `Rejected` for good, `Failed` until a person asks, `TryLater` for now; others are bugs.

The runner (workers/delivery/runner.py) records them in the ledger; no stage counts, logs or retries by itself.
"""

from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why an article was rejected, put off or given up; the value is a metric label and a column of the row."""

    # Rejected: the article is done at once and never tried again.
    #: Not a URL that may be fetched: another scheme, a port that is not allowed, an invalid host. `failed` after a redirect.
    BAD_URL = "bad_url"
    #: The host resolves to an address that is not public.
    BLOCKED_ADDRESS = "blocked_address"
    #: robots.txt disallows it.
    ROBOTS = "robots"
    #: The operator has denied the host, or the path (tasks/hosts.py).
    HOST_DENIED = "host_denied"
    #: The page has an opt-out that NEWSMILL_REJECT_OPT_OUTS names.
    OPTED_OUT = "opted_out"
    #: 404 or 410.
    NOT_FOUND = "not_found"
    #: 401, 402, 403, 451: the server does not allow it.
    FORBIDDEN = "forbidden"
    #: Any other status that is not a page, a redirect or a temporary error.
    BAD_STATUS = "bad_status"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    #: A PDF, an image, a feed, an archive; the detail names it.
    NOT_HTML = "not_html"
    #: The headers, or the body as sent or decompressed, are over the limit.
    TOO_LARGE = "too_large"
    #: The page did not arrive within the total deadline.
    TOO_SLOW = "too_slow"
    #: A text that is mostly URLs: a list to submit, and no article.
    URL_LIST = "url_list"
    #: A wall instead of the page: a challenge, a captcha, a consent or block page. It counts against the host.
    BLOCKED = "blocked"
    #: A page that says there is none, with a status that says there is: not found, gone, maintenance, parked, log in.
    SOFT_404 = "soft_404"
    #: The empty shell of an application: its text comes with JavaScript.
    NEEDS_JAVASCRIPT = "needs_javascript"
    #: No article text in the page, or less than the minimum length.
    NO_ARTICLE = "no_article"
    #: In none of the languages of NEWSMILL_LANGUAGES.
    LANGUAGE = "language"

    # Failed: the site is wrong, and may mend it. The article is tried again when a person asks for it.
    #: `rejected` where the page leads back to itself although it gets its cookies.
    REDIRECT_LOOP = "redirect_loop"

    # TryLater: the article is put off; it is `failed` with this reason when its deferrals are used up.
    #: The rate limit of the host, or of one that a redirect leads to, would make it wait too long.
    HOST_BUSY = "host_busy"
    #: The operator has paused the host.
    HOST_PAUSED = "host_paused"
    #: 429.
    RATE_LIMITED = "rate_limited"
    #: 5xx.
    SERVER_ERROR = "server_error"
    #: No response: the DNS look-up or the connection failed.
    UNREACHABLE = "unreachable"
    #: TLS failed: a certificate that is not valid for the host, no common version or cipher, an answer that is no TLS.
    TLS = "tls"
    #: robots.txt cannot be fetched (RFC 9309, 2.3.1.4: everything is disallowed meanwhile).
    ROBOTS_UNREACHABLE = "robots_unreachable"
    #: A response that breaks off, or that is not valid HTTP.
    BAD_RESPONSE = "bad_response"

    # Enriched or a duplicate before, and fetched again.
    #: The page has not changed since (304): the row is kept.
    UNCHANGED = "unchanged"

    # Failed in a worker: the attempts are used up.
    #: A stage ran longer than its time limit.
    TIMEOUT = "timeout"
    #: The worker process died while it worked on the article.
    CRASHED = "crashed"
    #: An unexpected exception; the detail has its type and message.
    ERROR = "error"
    #: The database does not take the article's row; the detail has its message.
    ROW_REFUSED = "row_refused"


class Ending(Exception):  # noqa: N818 - an ending is not an error
    """Base class of `Rejected`, `Failed` and `TryLater`.

    `reason` is one of a fixed set, `detail` a sentence for the user who asks why. `known` are fields of the article that
    its row is to have all the same.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.known: dict[str, Any] = {}


class Rejected(Ending):
    """The article ends as `rejected(reason)` and is never tried again."""


class Failed(Ending):
    """The article ends as `failed(reason)` at once: to try it again by itself is of no use, but the site may mend it.

    `newsmill dead replay` and `newsmill run --retry-failed` submit it again.
    """


class TryLater(Ending):
    """The article goes back to the frontier and is tried again.

    `after` is the delay in seconds that the server asked for (Retry-After); None means the frontier's own backoff.
    `rounds` is how many deferrals of the URL, or failures of the host in a row, are enough, if that is less than
    NEWSMILL_MAX_DEFERRALS. `whole_host` puts off all URLs of the article's own host: what fails elsewhere, after a redirect,
    never does that.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        after: float | None = None,
        rounds: int | None = None,
        whole_host: bool = False,
    ) -> None:
        super().__init__(reason, detail)
        self.after = after
        self.rounds = rounds
        self.whole_host = whole_host

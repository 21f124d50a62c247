"""From URL to URL, by redirects and by pages that only lead on: each new URL is parsed, checked and admitted like the first."""

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from tasks.errors import Failed, Reason, Rejected, TryLater
from tasks.fetch.budget import Budget
from tasks.fetch.client import Client
from tasks.fetch.cookies import CookieJar
from tasks.fetch.hops import REDIRECT, REFRESH, Trail
from tasks.fetch.response import Response
from tasks.fetch.status import REDIRECTS
from tasks.urls import host_of, request_url

_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def _no_headers(_url: str) -> Mapping[str, str]:
    return {}


def _no_refresh(_response: Response) -> None:
    return None


def follow(
    client: Client,
    url: str,
    budget: Budget,
    *,
    admit: Callable[[str], None],
    headers: Callable[[str], Mapping[str, str]] = _no_headers,
    refresh: Callable[[Response], str | None] = _no_refresh,
    trail: Trail | None = None,
) -> Response:
    """Return the first response to the request URL `url` that leads no further, to be used as a context manager.

    `admit` is called with each URL before it is requested, and raises if it must not be; its time does not count as the
    page's. `headers` returns the headers to send to a URL in addition to the client's and to the cookies that were set on
    the way. `refresh` returns the URL that a response which is no redirect leads to; one that was requested already, with
    the same cookies, ends the way, since the page only loads itself anew. `trail` gets the requests. Raises
    Rejected(BAD_STATUS) for a redirect without a Location, Failed(REDIRECT_LOOP), or Rejected where cookies do not help,
    Failed(BAD_URL) for a redirect to what may not be fetched, Rejected(TOO_MANY_REDIRECTS), and what the functions
    and `client.open` raise.
    """
    trail = trail or Trail(client.user_agent)
    way = _Way(client=client, asked=url, budget=budget, admit=admit, headers=headers, trail=trail)
    while way.count <= budget.limits.redirects:
        response = way.request(url)
        with ExitStack() as closing:
            closing.enter_context(response)
            is_redirect = response.status in REDIRECTS
            found = _requested(response, _location(response)) if is_redirect else refresh(response)
            if found is not None:
                way.jar.take(url, response.headers.get_all("set-cookie"))
            if found is None or (not is_redirect and way.has_requested(found)):
                closing.pop_all()
                return response
            trail.lead_on(REDIRECT if is_redirect else REFRESH)
            url = found
    raise Rejected(
        Reason.TOO_MANY_REDIRECTS,
        f"The page redirects more than {budget.limits.redirects} times; the next URL is {url[:200]}.",
    )


@dataclass(slots=True, kw_only=True)
class _Way:
    """The requests from one URL, `asked`, to its page."""

    client: Client
    asked: str
    budget: Budget
    admit: Callable[[str], None]
    headers: Callable[[str], Mapping[str, str]]
    trail: Trail
    jar: CookieJar = field(default_factory=CookieJar)
    #: URLs, each with its Cookie header.
    requested: set[tuple[str, str]] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.requested)

    def has_requested(self, url: str) -> bool:
        """Return whether the next request to `url` would be one that was sent before."""
        return (url, self.jar.header(url)) in self.requested

    def request(self, url: str) -> Response:
        cookies = self.jar.header(url)
        if (url, cookies) in self.requested:
            raise _loop(url, has_cookies=bool(cookies))
        self.requested.add((url, cookies))
        try:
            self.client.guard.check(url)
            with self.budget.paused():
                self.admit(url)
            headers = self.headers(url)
            sent = {**headers, "Cookie": cookies} if cookies else headers
            response = self.client.open(url, self.budget, sent)
        except TryLater as trouble:
            raise of_its_own(trouble, url, self.asked) from trouble
        except Rejected as refusal:
            if refusal.reason is Reason.BAD_URL and self.count > 1:
                raise _bad_redirect(url, refusal.detail) from refusal
            raise
        self.trail.add(url, response.status, self.jar.names(url), headers)
        return response


def _loop(url: str, *, has_cookies: bool) -> Rejected | Failed:
    detail = f"The page redirects in a loop, back to {url[:200]}"
    if has_cookies:
        # The site wants something else of a browser than its cookies: to ask once more is of no use.
        return Rejected(Reason.REDIRECT_LOOP, f"{detail}, although it gets its cookies.")
    return Failed(Reason.REDIRECT_LOOP, f"{detail}.")


def of_its_own(trouble: TryLater, url: str, asked: str) -> TryLater:
    """Return `trouble`, met at `url` on the way from `asked`, as it counts for the article.

    What fails at another host counts against this article alone. It does not put its own host off, which has answered; nor
    the other one, since anybody could silence a site then, by redirects to what fails there.
    """
    if not trouble.whole_host or host_of(url) == host_of(asked):
        return trouble
    return TryLater(
        trouble.reason,
        f"Redirected to {host_of(url)}: {trouble.detail}",
        after=trouble.after,
        rounds=trouble.rounds,
    )


def percent_encoded(url: bytes) -> str:
    """Return a URL of bytes in any charset, with those outside of ASCII percent-encoded, as browsers send them."""
    return _NOT_ASCII.sub(lambda found: b"%%%02X" % found[0][0], url).decode("ascii")


def _requested(response: Response, location: str) -> str:
    """Return the request URL that the `location` of `response` leads to."""
    try:
        return request_url(percent_encoded(location.encode("latin-1")), response.url)
    except ValueError as error:
        raise _bad_redirect(location, f"{error}.") from error


def _location(response: Response) -> str:
    location = response.headers.get("location")
    if location is None:
        raise Rejected(
            Reason.BAD_STATUS, f"The server answered with status {response.status}, but without a Location."
        )
    return location


def _bad_redirect(url: str, why: str) -> Failed:
    return Failed(Reason.BAD_URL, f"The page redirects to {url[:200]!r}: {why}")

"""Redirects: each new URL is parsed, checked and admitted like the first one."""

from collections.abc import Callable, Mapping
from urllib.parse import urljoin

from tasks.errors import Failed, Reason, Rejected, TryLater
from tasks.fetch.budget import Budget
from tasks.fetch.client import Client
from tasks.fetch.response import Response
from tasks.fetch.status import REDIRECTS
from tasks.urls import host_of, request_url


def _no_headers(_url: str) -> Mapping[str, str]:
    return {}


def follow(
    client: Client,
    url: str,
    budget: Budget,
    *,
    admit: Callable[[str], None],
    headers: Callable[[str], Mapping[str, str]] = _no_headers,
) -> Response:
    """Return the first response to the request URL `url` that is not a redirect, to be used as a context manager.

    `admit` is called with each URL before it is requested, and raises if it must not be; its time does not count as the
    page's. `headers` returns the headers to send to a URL in addition to the client's. Raises Rejected(BAD_STATUS) for a
    redirect without a Location, Failed(REDIRECT_LOOP), Failed(BAD_URL) for a redirect to what may not be fetched,
    Rejected(TOO_MANY_REDIRECTS), and what `admit` and `client.open` raise.
    """
    seen: list[str] = []
    while len(seen) <= budget.limits.redirects:
        if url in seen:
            raise Failed(Reason.REDIRECT_LOOP, f"The page redirects in a loop, back to {url[:200]}.")
        seen.append(url)
        try:
            client.guard.check(url)
            with budget.paused():
                admit(url)
            response = client.open(url, budget, headers(url))
        except TryLater as trouble:
            raise of_its_own(trouble, url, seen[0]) from trouble
        except Rejected as refusal:
            if refusal.reason is Reason.BAD_URL and len(seen) > 1:
                raise _bad_redirect(url, refusal.detail) from refusal
            raise
        if response.status not in REDIRECTS:
            return response
        with response:
            url = _requested(_location(response))
    raise Rejected(
        Reason.TOO_MANY_REDIRECTS,
        f"The page redirects more than {budget.limits.redirects} times; the next URL is {url[:200]}.",
    )


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


def _requested(url: str) -> str:
    try:
        return request_url(url)
    except ValueError as error:
        raise _bad_redirect(url, f"{error}.") from error


def _location(response: Response) -> str:
    """Return the absolute URL that `response` redirects to."""
    location = response.headers.get("location")
    if location is None:
        raise Rejected(
            Reason.BAD_STATUS, f"The server answered with status {response.status}, but without a Location."
        )
    # Headers are read as Latin-1 (RFC 9110, 5.5), but a Location outside of ASCII is UTF-8, as browsers take it.
    location = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return urljoin(response.url, location)
    except ValueError as error:
        raise _bad_redirect(location, f"{error}.") from error


def _bad_redirect(url: str, why: str) -> Failed:
    return Failed(Reason.BAD_URL, f"The page redirects to {url[:200]!r}: {why}")

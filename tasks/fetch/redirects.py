"""Follow redirects by hand: each hop is a URL like any other, to be made canonical, checked and admitted."""

from collections.abc import Callable, Mapping
from urllib.parse import urljoin

from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch.answer import Answer
from tasks.fetch.budget import Budget
from tasks.fetch.client import Client
from tasks.fetch.status import REDIRECTS
from tasks.urls import canonical_url, host_of


def _nothing(_url: str) -> Mapping[str, str]:
    return {}


def follow(
    client: Client,
    url: str,
    budget: Budget,
    *,
    admit: Callable[[str], None],
    headers: Callable[[str], Mapping[str, str]] = _nothing,
) -> Answer:
    """Return the first answer to the canonical `url` that is no redirect, to be used as a context manager.

    `admit` is called with every hop's URL before it is asked for and raises if that must not be; its time is
    not the page's. `headers` are asked for by URL, too, and sent besides the client's. Raises Rejected(BAD_URL), Rejected(REDIRECT_LOOP), Rejected(TOO_MANY_REDIRECTS), and what
    `client.open` raises.
    """
    seen: list[str] = []
    while len(seen) <= budget.limits.redirects:
        if url in seen:
            raise Rejected(Reason.REDIRECT_LOOP, f"After {len(seen)} redirects it leads back to {url[:200]}")
        seen.append(url)
        client.guard.check(url)
        try:
            with budget.paused():
                admit(url)
            answer = client.open(url, budget, headers(url))
        except TryLater as trouble:
            raise blamed(trouble, url, seen[0]) from trouble
        if answer.status not in REDIRECTS:
            return answer
        with answer:
            url = _canonical(_location(answer))
    raise Rejected(Reason.TOO_MANY_REDIRECTS, f"More than {budget.limits.redirects}; the next is {url[:200]}")


def blamed(trouble: TryLater, url: str, asked: str) -> TryLater:
    """Return the trouble that `url` made, as a trouble of the page at `asked`.

    Where a redirect has led to another host, it is that host which is in trouble, and not the one that was asked.
    """
    if not trouble.whole_host or trouble.host or host_of(url) == host_of(asked):
        return trouble
    return TryLater(
        trouble.reason,
        f"At {host_of(url)}: {trouble.detail}",
        after=trouble.after,
        whole_host=True,
        host=host_of(url),
    )


def _canonical(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError as error:
        raise Rejected(Reason.BAD_URL, f"{url[:200]!r}: {error}.") from error


def _location(answer: Answer) -> str:
    """Return where `answer` redirects to, absolute."""
    location = answer.headers.get("location")
    if location is None:
        raise Rejected(Reason.BAD_STATUS, f"Status {answer.status} without a Location.")
    # Headers arrive as Latin-1 (RFC 9110, 5.5), but who sends a URL with umlauts means UTF-8.
    location = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return urljoin(answer.url, location)
    except ValueError as error:
        raise Rejected(Reason.BAD_URL, f"Redirects to {location[:200]!r}: {error}.") from error

"""Refusals by name: a status that a wall is sent with ends as `blocked`, with whose wall it is."""

from contextlib import suppress

from tasks.errors import Ending, Reason, Rejected, TryLater
from tasks.fetch.response import Response
from tasks.walls.answers import BODY_BYTES, STATUSES, challenge_in, refusal_of
from tasks.walls.marks import names_of_decisive_headers


def named(ending: Ending, response: Response) -> Ending:
    """Return how an article ends whose `response` ends it as `ending`: by name if it is a wall.

    A wall is Rejected(BLOCKED). One that says how long to wait, or that there were too many requests, stays what it is, TryLater,
    and its detail names the vendor.
    """
    if response.status not in STATUSES:
        return ending
    body = b""
    with suppress(Ending):  # of a body that breaks off, or is too slow: the status is known
        body = response.read(BODY_BYTES)
    found = refusal_of(dict(response.headers.items()), body)
    if found is None:
        return ending
    detail = f"{ending.detail.removesuffix('.')}: a wall of {found.detail}."
    if isinstance(ending, TryLater) and (found.is_limit or ending.after is not None):
        return TryLater(
            ending.reason,
            detail,
            after=ending.after,
            rounds=ending.rounds,
            whole_host=ending.whole_host,
        )
    return _blocked(detail, response)


def check_challenge(response: Response) -> None:
    """Raise Rejected(BLOCKED) for a page whose headers say that it is a challenge."""
    if response.headers.has_any(names_of_decisive_headers()):
        challenge = challenge_in(dict(response.headers.items()))
        if challenge:
            raise _blocked(f"A challenge with status {response.status}: {challenge}.", response)


def _blocked(detail: str, response: Response) -> Rejected:
    """Return the ending, with what the row is to have: after a redirect the wall may be another site's."""
    ending = Rejected(Reason.BLOCKED, detail)
    ending.known.update(final_url=response.url, status=response.status)
    return ending

"""The fetcher of http and https URLs: robots.txt, rate limit, redirects, and the page with what its server says of it."""

import time
from collections.abc import Collection

from tasks.article import Article
from tasks.errors import Reason, Rejected, TryLater
from tasks.fetch import opt_outs as asked_for
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.clock import Clock
from tasks.fetch.conditional_get import NOT_MODIFIED, Rows, conditions, unchanged, validator
from tasks.fetch.content_type import HEAD_BYTES as SNIFFED_BYTES
from tasks.fetch.content_type import HTML, charset_of, sniff
from tasks.fetch.head import HEAD_BYTES, NO_HEAD, Head, head_of
from tasks.fetch.hops import Trail
from tasks.fetch.link_header import canonical_of
from tasks.fetch.rate_limit import RateLimit
from tasks.fetch.redirects import follow, of_its_own
from tasks.fetch.refresh import next_page
from tasks.fetch.refusals import check_challenge, named
from tasks.fetch.response import Response
from tasks.fetch.robots import Robots
from tasks.fetch.status import PAGES, ending_of
from tasks.urls import server_of


def fetch_page(
    article: Article,
    *,
    client: Client,
    robots: Robots,
    rate_limit: RateLimit,
    rows: Rows,
    opt_outs: Collection[str],
    clock: Clock = time.time,
) -> Article:
    """Return `article` with its page: `html` decompressed, and what the server says about it.

    One that is fetched `again` and has not changed is returned as its row in `rows` has it, with its outcome. A page with
    one of `opt_outs` is Rejected(OPTED_OUT). Raises Rejected, Failed and TryLater with the reasons of tasks/errors.py.
    """
    last = rows.last(article.id) if article.again else None

    def admit(url: str) -> None:
        rate_limit.acquire(article, server_of(url), robots.check(url))

    head = NO_HEAD

    def refresh(response: Response) -> str | None:
        nonlocal head
        if response.status not in PAGES:
            return None
        head = head_of(response.peek(HEAD_BYTES))
        return next_page(response) if "refresh" in response.headers or b"refresh" in head.words else None

    trail = Trail(client.user_agent)
    with (
        trail.kept(),
        follow(
            client,
            article.url,
            client.budget(),
            admit=admit,
            headers=lambda url: conditions(last, url),
            refresh=refresh,
            trail=trail,
        ) as response,
    ):
        if last and response.status == NOT_MODIFIED and conditions(last, response.url):
            return unchanged(article, last, clock())
        ending = ending_of(response.status, response.headers.get("retry-after"), time.time())
        if ending is not None:
            ending = named(ending, response)
            raise of_its_own(ending, response.url, article.url) if isinstance(ending, TryLater) else ending
        check_challenge(response)
        page = _with_page(
            article,
            response,
            head,
            limits=client.limits,
            product_token=robots.product_token,
            opt_outs=opt_outs,
        )
    return page.evolve(hops=trail.hops(), fetched_at=clock())


def _with_page(
    article: Article,
    response: Response,
    head: Head,
    *,
    limits: FetchLimits,
    product_token: str,
    opt_outs: Collection[str],
) -> Article:
    declared = response.headers.get("content-type")
    found = asked_for.of_headers(
        response.headers.get_all("x-robots-tag", ()), response.headers.get("tdm-reservation"), product_token
    )
    _check_opt_outs(found, opt_outs)
    # The type is known by the beginning: the rest of a video is never read.
    content_type = sniff(response.peek(SNIFFED_BYTES)[:SNIFFED_BYTES], declared)
    body = response.read(limits.decoded_bytes + 1)
    limits.check_size(body)
    if content_type == HTML:
        found |= asked_for.of_head(head, product_token)
        _check_opt_outs(found, opt_outs)
    return article.evolve(
        final_url=response.url,
        status=response.status,
        content_type=content_type,
        charset=charset_of(declared),
        etag=validator(response, "etag"),
        last_modified=validator(response, "last-modified"),
        opt_outs=tuple(sorted(found)),
        canonical_link=canonical_of(response.headers.get_all("link", ()), response.url),
        html=body,
    )


def _check_opt_outs(found: frozenset[str], opt_outs: Collection[str]) -> None:
    if not found.isdisjoint(opt_outs):
        names = ", ".join(sorted(found.intersection(opt_outs)))
        raise Rejected(Reason.OPTED_OUT, f"The page has the opt-out {names}.")

"""The fetch stage on the fault site: 127.0.0.2 is the public web, everything else is as on any machine."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from types import MappingProxyType, SimpleNamespace
from typing import Any

from seeds.http_site import PUBLIC_ADDRESS, Site
from tasks.article import Article
from tasks.errors import Ending
from tasks.fetch.addresses import AddressGuard, LookUp
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client
from tasks.fetch.conditional_get import NoRows, Rows
from tasks.fetch.memory import MemoryDocuments
from tasks.fetch.rate_limit import NoRateLimit, RateLimit
from tasks.fetch.robots import MemoryRobotsCache, Robots, RobotsCache
from tasks.fetch.stage import fetch

#: For tests that wait for a timeout.
SHORT_LIMITS = FetchLimits(read=0.4, total=0.8)
#: All names under .test are the site's.
ALL_OF_TEST = MappingProxyType({"test": PUBLIC_ADDRESS})


class SiteFetcher:
    """Fetches pages of a site as a worker would, without a rate limit unless one is given."""

    def __init__(
        self,
        site: Site,
        limits: FetchLimits | None = None,
        *,
        resolve: Mapping[str, str] = ALL_OF_TEST,
        look_up: LookUp | None = None,
        tls: ssl.SSLContext | None = None,
        cache: RobotsCache | None = None,
        rate_limit: RateLimit | None = None,
        rows: Rows | None = None,
        opt_outs: tuple[str, ...] = (),
    ) -> None:
        guard = AddressGuard(
            allow_networks=(ip_network(f"{PUBLIC_ADDRESS}/32"),),
            allow_ports=frozenset({80, 443, site.port}),
            resolve=resolve,
        )
        self.client = Client(
            guard=replace(guard, look_up=look_up) if look_up else guard,
            limits=limits or FetchLimits(),
            user_agent="newsmill/1 (+https://mill.example/bot)",
            tls=tls,
        )
        self.robots = Robots(self.client, cache or MemoryRobotsCache(), "newsmill")
        self.documents = MemoryDocuments()
        self.tools = SimpleNamespace(
            client=self.client,
            robots=self.robots,
            rate_limit=rate_limit or NoRateLimit(),
            rows=NoRows() if rows is None else rows,
            documents=self.documents,
            opt_outs=opt_outs,
        )

    def get(self, url: str, **fields: Any) -> Article:
        """Return the article at `url` with its page; raises as the stage does."""
        return self.fetch(Article(id="1", url=url, **fields))

    def fetch(self, article: Article) -> Article:
        """Return `article` with its page; raises as the stage does."""
        return fetch(article, tools=self.tools)

    def end(self, url: str) -> Ending | Article:
        """Return how the article at `url` ends: with its page, or with an ending."""
        try:
            return self.get(url)
        except Ending as ending:
            return ending


@contextmanager
def fetching_from(site: Site, limits: FetchLimits | None = None, **options: Any) -> Iterator[SiteFetcher]:
    """Yield a fetcher for `site`; its connections are closed at the end."""
    fetcher = SiteFetcher(site, limits, **options)
    try:
        yield fetcher
    finally:
        fetcher.client.close()

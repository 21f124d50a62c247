"""The demo's websites: news stories in many languages, and every kind of trouble that a crawler meets.

`serve` answers for all hosts on one loopback port. `demo_urls` lists the URLs to fetch, and `expected` tells how each of
them must end. The stories are in articles/*.md, the sites in sites.toml, their markup in templates/*.html, the troubles
and how they end in troubles.toml. All host names are under `.test` and `.invalid`, which never resolve (RFC 6761, 6.2
and 6.4).
"""

from seeds.demo.expectations import DEFAULT_PORT, Expected, demo_urls, differences, expected
from seeds.demo.server import Demo, serve

__all__ = ["DEFAULT_PORT", "Demo", "Expected", "demo_urls", "differences", "expected", "serve"]

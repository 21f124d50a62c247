"""The demo's own small web: news stories in many languages, and every kind of trouble that a crawler meets.

`serve` answers for all its hosts on one loopback port; `demo_urls` lists what to fetch and `expected` says how
each of those URLs must end. The stories are files (articles/*.md), the sites' markup is templates/*.html, who
publishes what is sites.toml, and the troubles with their endings are troubles.toml. All host names are under
`.test` and `.invalid`, which no resolver will ever know (RFC 6761, 6.2 and 6.4).
"""

from seeds.demo.expectations import DEFAULT_PORT, Expected, demo_urls, differences, expected
from seeds.demo.server import Demo, serve

__all__ = ["DEFAULT_PORT", "Demo", "Expected", "demo_urls", "differences", "expected", "serve"]

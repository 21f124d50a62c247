"""SSRF: inputs that lead into the private network, each tried on the fetch stage.

`python -m tests.fault_site.ssrf` prints how each of them ends. The public web is 127.0.0.2; the private network is every
other address of this machine, with one server on all of them. Names are resolved by a DNS server on loopback. Proxies in
the environment point into the private network, too. An audit hook sees every connection that the process opens, whether
anybody listens there or not.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from seeds.http_site import PUBLIC_ADDRESS, Site, answer, moved
from tasks.article import Article
from tasks.errors import Ending, Failed, Reason, Rejected
from tasks.fetch.resolver import Resolver
from tasks.urls import request_url
from tests.fault_site.dns_server import DnsServer
from tests.fault_site.site_fetcher import SHORT_LIMITS, SiteFetcher, fetching_from

#: URLs that lead into the private network; `{port}` is the port of its server.
TARGETS = (
    # Addresses as they are usually written.
    *(
        "http://127.0.0.1:{port}/",
        "http://127.255.255.254:{port}/",
        "http://0.0.0.0:{port}/",
        "http://10.0.0.1/",
    ),
    *(
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
    ),
    *("http://100.100.100.200/", "http://168.63.129.16/", "http://192.0.0.1/", "http://192.0.0.192/"),
    *(
        "http://198.18.0.1/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
    ),
    # The same in other words.
    *(
        "http://127.1:{port}/",
        "http://127.0.1:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
    ),
    *(
        "http://0x7f.1:{port}/",
        "http://0x7f.0x0.0x0.0x1:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://017700000001:{port}/",
    ),
    *(
        "http://0:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://127.0.0.01:{port}/",
        "http://4294967297:{port}/",
    ),
    *("http://127.0.0.256:{port}/", "http://1.2.3.4.5:{port}/", "http://\uff11\uff12\uff17.0.0.1:{port}/"),
    *("http://127\u30020\u30020\u30021:{port}/", "http://\u2460\u2461\u2466.0.0.1:{port}/"),
    # IPv6.
    *(
        "http://[::1]:{port}/",
        "http://[::]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::ffff:7f00:1]:{port}/",
    ),
    *(
        "http://[::127.0.0.1]:{port}/",
        "http://[0:0:0:0:0:0:0:1]:{port}/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
    ),
    *(
        "http://[2001::1]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://[ff02::1]/",
    ),
    *(
        "http://[::1%25lo]:{port}/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1",
        "http://[v1.::1]/",
    ),
    # DnsServer that mean this machine.
    *(
        "http://localhost:{port}/",
        "http://LOCALHOST.:{port}/",
        "http://a.localhost:{port}/",
        "http://loc%61lhost:{port}/",
    ),
    # Who is host, and who is user.
    *("http://news.example@127.0.0.1:{port}/",),
    *(
        "http://127.0.0.1:{port}\\@news.example/",
        "http://@127.0.0.1:{port}/",
    ),
    *(
        "http:///127.0.0.1:{port}/",
        "http://news.example%00.127.0.0.1:{port}/",
        "http://127.0.0.1%2f.news.example/",
    ),
    # Other ports, other schemes.
    *(
        "http://news.example:22/",
        "http://news.example:6379/",
        "http://news.example:0/",
        "http://news.example:65536/",
    ),
    *("http://news.example:+80/", "https://news.example:25/", "ftp://news.example/", "file:///etc/passwd"),
    *("gopher://127.0.0.1:{port}/_", "dict://127.0.0.1:{port}/", "data:text/html,x", "javascript:alert(1)"),
    *(
        "unix:///run/redis.sock",
        "ws://127.0.0.1:{port}/",
        "jar:http://127.0.0.1!/",
        "view-source:http://127.0.0.1/",
    ),
    # Line ends are removed, as in browsers: what is left must not be another host.
    *(
        "http://127.0.\r\n0.1:{port}/",
        "http://\n127.0.0.1:{port}\r/",
        "http://news.example\n@127.0.0.1:{port}/",
    ),
)
#: Submitted URLs that would write a line of their own into the request, if it kept their line ends and spaces. As browsers
#: read them they are ordinary URLs of a public host.
INJECTIONS = (
    "http://news.example:{port}/\r\nHost: 127.0.0.1/",
    "http://news.example:{port}/ HTTP/1.1\nX: y",
    "http://news.example:{port}\r\n/",
)

#: DnsServer, and the addresses that each look-up of them has.
NAMES = {
    "news.example": [(PUBLIC_ADDRESS,)],
    "private.example": [("127.0.0.1",)],
    "private6.example": [("::1",)],
    "metadata.example": [("169.254.169.254",)],
    "mapped.example": [("::ffff:127.0.0.1",)],
    "nat64.example": [("64:ff9b::7f00:1",)],
    "unspecified.example": [("0.0.0.0",)],
    "mixed.example": [(PUBLIC_ADDRESS, "127.0.0.1")],
    "mixed6.example": [(PUBLIC_ADDRESS, "::1")],
    # Public when it is looked up for robots.txt, private when it is for the page; or only its IPv6 address is.
    "rebinding.example": [(PUBLIC_ADDRESS,), ("127.0.0.1",)],
    "rebinding6.example": [(PUBLIC_ADDRESS,), ("::1",)],
}
HOSTILE_NAMES = tuple(name for name in NAMES if name != "news.example")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A hostile input, how it was given, and how it ended. `seen` counts connections to anywhere but the public web.

    A page that leads to what is no URL of the web is a page like any other: then the input was passed over.
    """

    url: str
    way: str
    reason: Reason | None
    detail: str
    seen: int
    is_passed_over: bool = False

    @property
    def held(self) -> bool:
        """Return whether the input was refused with its reason, and no connection to the private network was opened."""
        refused = self.reason in {Reason.BAD_URL, Reason.BLOCKED_ADDRESS}
        return (refused or self.is_passed_over) and self.seen == 0


@dataclass
class ConnectionAudit:
    """The addresses that this process connects to while the audit is on."""

    addresses: list[tuple[str, int]] = field(default_factory=list)
    on: bool = False

    def install(self) -> None:
        """Install the audit hook. It cannot be removed again, only switched off."""
        sys.addaudithook(self._record)

    def _record(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and event == "socket.connect" and isinstance(args[1], tuple):
            self.addresses.append((str(args[1][0]), int(args[1][1])))


AUDIT = ConnectionAudit()


@contextmanager
def audited_site() -> Iterator[tuple[Site, SiteFetcher]]:
    """Yield the site, which listens on all addresses, and a fetcher for which only 127.0.0.2 is public."""
    if not AUDIT.addresses and not AUDIT.on:
        AUDIT.install()
    with ExitStack() as stack:
        site = stack.enter_context(Site("0.0.0.0").running())
        names = stack.enter_context(DnsServer(ttl=0).running())
        names.addresses = {name: list(turns) for name, turns in NAMES.items()}
        proxy = f"http://127.0.0.1:{site.port}"
        proxies = {
            name: proxy
            for one in ("http", "https", "all")
            for name in (f"{one}_proxy", f"{one.upper()}_PROXY")
        }
        stack.enter_context(patch.dict(os.environ, proxies))
        resolver = Resolver(("127.0.0.1",), names.port)
        fetcher = stack.enter_context(fetching_from(site, SHORT_LIMITS, resolve={}, look_up=resolver))
        AUDIT.on = True
        try:
            yield site, fetcher
        finally:
            AUDIT.on = False


def attempts() -> Iterator[Attempt]:
    """Try each URL as submitted, as the target of a redirect by a public page, and as that of a page that only leads on."""
    with audited_site() as (site, fetcher):
        targets = [target.format(port=site.port) for target in TARGETS]
        targets += [f"http://{name}:{site.port}/" for name in HOSTILE_NAMES]
        # Each response closes its connection, so that the name is resolved again for the page.
        site.routes["/"] = site.routes["/robots.txt"] = lambda connection: connection.wfile.write(answer())
        for target in targets:
            yield _try(site, fetcher, target, "submitted", target)
        start = f"http://news.example:{site.port}/start"
        for target in targets:
            if "\n" not in target:  # a header cannot hold a line's end
                site.routes["/start"] = moved(target)
                yield _try(site, fetcher, target, "redirected to", start)
        for target in targets:
            page = f'<meta http-equiv="refresh" content="0; url={target}">'
            site.routes["/start"] = answer(page.encode())
            yield _try(site, fetcher, target, "led to", start)


def _try(site: Site, fetcher: SiteFetcher, target: str, way: str, url: str) -> Attempt:
    before, connections = len(AUDIT.addresses), site.private_connections
    try:
        end: Ending | Article = fetcher.end(request_url(url))
    except ValueError as error:  # refused when it is submitted, as `newsmill try` says it
        end = Rejected(Reason.BAD_URL, str(error))
    elsewhere = [one for one in AUDIT.addresses[before:] if one[0] != PUBLIC_ADDRESS]
    reason, detail = (end.reason, end.detail) if isinstance(end, Rejected | Failed) else (None, repr(end))
    is_page = way == "led to" and isinstance(end, Article) and end.final_url == url
    seen = len(elsewhere) + site.private_connections - connections
    return Attempt(target, way, reason, "passed over" if is_page else detail, seen, is_page)


def main() -> int:
    """Print the table; return 1 if anything got through."""
    tried = list(attempts())
    for one in tried:
        outcome = f"rejected({one.reason})" if one.reason else "a page" if one.held else "NOT REFUSED"
        sys.stdout.write(f"{one.url!r:52} {one.way:28} {outcome:26} {one.seen} seen  {one.detail}\n")
    held = sum(one.held for one in tried)
    sys.stdout.write(
        f"\n{len(tried)} inputs, {held} refused with their reason or passed over; connections to the private network: {sum(one.seen for one in tried)}\n"
    )
    return 0 if held == len(tried) else 1


if __name__ == "__main__":
    sys.exit(main())

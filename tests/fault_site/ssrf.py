"""Ways to the inside, each tried on the fetch stage: `python -m tests.fault_site.hostile` prints how each ends.

The public web is 127.0.0.2, names are what a DNS server on loopback says, and the inside is every other address of this
machine, with one server on all of them. Proxies in the environment point there, too. Every connection that the process
opens is seen by an audit hook, whether somebody listens there or not.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from seeds.http_site import OUTSIDE, Site, answer, moved
from tasks.article import Article
from tasks.errors import Ending, Reason, Rejected
from tasks.fetch.lookup import Resolver
from tasks.urls import canonical_url
from tests.fault_site.dns_server import Names
from tests.fault_site.visitor import HASTY, Visitor, visiting

#: URLs that lead inside; `{port}` is the inside server's.
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
    # Names that mean this machine.
    *(
        "http://localhost:{port}/",
        "http://LOCALHOST.:{port}/",
        "http://a.localhost:{port}/",
        "http://loc%61lhost:{port}/",
    ),
    # Who is host, and who is user.
    *(
        "http://news.example@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@news.example/",
        "http://a:b@news.example/",
    ),
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
    # A line of its own in the request.
    *(
        "http://news.example/\r\nHost: 127.0.0.1/",
        "http://news.example/ HTTP/1.1\nX: y",
        "http://news.example:80\r\n/",
    ),
)

#: Names, and the addresses that each look-up of them has.
NAMES = {
    "news.example": [(OUTSIDE,)],
    "private.example": [("127.0.0.1",)],
    "private6.example": [("::1",)],
    "metadata.example": [("169.254.169.254",)],
    "mapped.example": [("::ffff:127.0.0.1",)],
    "nat64.example": [("64:ff9b::7f00:1",)],
    "unspecified.example": [("0.0.0.0",)],
    "mixed.example": [(OUTSIDE, "127.0.0.1")],
    "mixed6.example": [(OUTSIDE, "::1")],
    # Public when it is looked up for robots.txt, private when it is for the page; or only its IPv6 address is.
    "rebinding.example": [(OUTSIDE,), ("127.0.0.1",)],
    "rebinding6.example": [(OUTSIDE,), ("::1",)],
}
HOSTILE_NAMES = tuple(name for name in NAMES if name != "news.example")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A hostile input, how it was given, and how it ended. `seen` are connections to anywhere but the public web."""

    url: str
    way: str
    reason: Reason | None
    detail: str
    seen: int

    @property
    def held(self) -> bool:
        """Return whether the input was refused by name, and nothing was seen of it inside."""
        return self.reason in {Reason.BAD_URL, Reason.BLOCKED_ADDRESS} and self.seen == 0


@dataclass
class Watch:
    """Every address that this process connects to while the watch is on."""

    addresses: list[tuple[str, int]] = field(default_factory=list)
    on: bool = False

    def install(self) -> None:
        """Begin; an audit hook cannot be taken away again, but be deaf."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and event == "socket.connect" and isinstance(args[1], tuple):
            self.addresses.append((str(args[1][0]), int(args[1][1])))


WATCH = Watch()


@contextmanager
def inside_watched() -> Iterator[tuple[Site, Visitor]]:
    """Yield the site, and a visitor for whom only 127.0.0.2 is public; the inside listens everywhere."""
    if not WATCH.addresses and not WATCH.on:
        WATCH.install()
    with ExitStack() as stack:
        site = stack.enter_context(Site("0.0.0.0").running())
        names = stack.enter_context(Names(ttl=0).running())
        names.addresses = {name: list(turns) for name, turns in NAMES.items()}
        proxy = f"http://127.0.0.1:{site.port}"
        proxies = {
            name: proxy
            for one in ("http", "https", "all")
            for name in (f"{one}_proxy", f"{one.upper()}_PROXY")
        }
        stack.enter_context(patch.dict(os.environ, proxies))
        resolver = Resolver(("127.0.0.1",), names.port)
        visitor = stack.enter_context(visiting(site, HASTY, resolve={}, look_up=resolver))
        WATCH.on = True
        try:
            yield site, visitor
        finally:
            WATCH.on = False


def attempts() -> Iterator[Attempt]:
    """Try all of it: each URL as it is submitted, and as where a public page redirects to."""
    with inside_watched() as (site, visitor):
        targets = [target.format(port=site.port) for target in TARGETS]
        targets += [f"http://{name}:{site.port}/" for name in HOSTILE_NAMES]
        # Each answer closes its connection, so that the page asks for the name's address once more.
        site.routes["/"] = site.routes["/robots.txt"] = lambda visit: visit.wfile.write(answer())
        for target in targets:
            yield _try(site, visitor, target, "submitted", target)
        start = f"http://news.example:{site.port}/start"
        for target in targets:
            # A header cannot hold a line's end, and without a host a URL is another path of the same one.
            if "\n" not in target and not target.startswith("http:///"):
                site.routes["/start"] = moved(target)
                yield _try(site, visitor, target, "redirected to", start)


def _try(site: Site, visitor: Visitor, target: str, way: str, url: str) -> Attempt:
    before, inside = len(WATCH.addresses), site.inside
    try:
        end: Ending | Article = visitor.end(canonical_url(url))
    except ValueError as error:  # refused when it is submitted, as `newsmill try` says it
        end = Rejected(Reason.BAD_URL, str(error))
    abroad = [one for one in WATCH.addresses[before:] if one[0] != OUTSIDE]
    reason, detail = (end.reason, end.detail) if isinstance(end, Rejected) else (None, repr(end))
    return Attempt(target, way, reason, detail, len(abroad) + site.inside - inside)


def main() -> int:
    """Print the table; 1 if anything got through."""
    tried = list(attempts())
    for one in tried:
        outcome = f"rejected({one.reason})" if one.reason else "NOT REFUSED"
        sys.stdout.write(f"{one.url!r:52} {one.way:28} {outcome:26} {one.seen} seen  {one.detail}\n")
    held = sum(one.held for one in tried)
    sys.stdout.write(
        f"\n{len(tried)} inputs, {held} refused by name; connections seen by the inside: {sum(one.seen for one in tried)}\n"
    )
    return 0 if held == len(tried) else 1


if __name__ == "__main__":
    sys.exit(main())

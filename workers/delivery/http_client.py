"""The HTTP client of the settings: its user agent, its limits, and how long a robots.txt is kept."""

from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import FetchLimits
from tasks.fetch.client import Client, Observer, unobserved
from workers.settings import Settings

#: robots.txt's product token (RFC 9309, 2.2.1): what sites write to address this crawler.
PRODUCT_TOKEN = "newsmill"  # noqa: S105 - not a password
#: Seconds that a robots.txt is kept in Redis. RFC 9309, 2.4 allows a day; a worker keeps its own copy for up to a minute
#: of that (workers/ledger/robots_cache.py, ROBOTS_AT_HAND).
ROBOTS_TTL = 24 * 3600 - 60
#: The warning before the first request to a site.
NO_CONTACT = "No contact is set, so sites that you fetch from cannot reach you. Set NEWSMILL_CONTACT."


def make_guard(settings: Settings) -> AddressGuard:
    """Return what looks up the names of hosts, and says which addresses may be connected to."""
    return AddressGuard(
        allow_networks=settings.allow_networks,
        allow_ports=frozenset(settings.allow_ports),
        resolve=settings.resolve,
    )


def make_client(settings: Settings, observe: Observer = unobserved) -> Client:
    """Return the HTTP client of the settings; `observe` is called for each of its requests."""
    limits = FetchLimits(
        connect=settings.connect_timeout,
        read=settings.read_timeout,
        total=settings.total_timeout,
        wire_bytes=settings.max_body_bytes,
        decoded_bytes=settings.max_body_bytes,
        redirects=settings.max_redirects,
    )
    contact = f" (+{settings.contact})" if settings.contact else ""
    return Client(
        limits=limits, guard=make_guard(settings), user_agent=settings.user_agent + contact, observe=observe
    )

"""TLS to PostgreSQL: who is at the other end is checked, unless the URL says that nobody is to be.

libpq by itself takes TLS where it is offered and checks no certificate (`sslmode=prefer`), and `require` checks none either
(postgresql.org/docs/current/libpq-ssl.html). So whoever answers in the server's place may read and change everything.

| the URL's `sslmode` | what is done |
|---|---|
| none | `verify-full`, but on this machine (loopback, a socket): libpq's default |
| `require` | `verify-full` |
| `verify-ca` | that, with the certificates that `sslrootcert` names; without, `verify-full` |
| `verify-full` | that |
| `disable`, `allow`, `prefer` | that: the owner has said so. newsmill doctor warns of the latter two |

Without `sslrootcert` (or libpq's PGSSLROOTCERT, or its file ~/.postgresql/root.crt) the system's certificates are trusted.
"""

import os
import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import URL

#: Modes that say that the server need not prove who it is.
UNVERIFIED = frozenset({"disable", "allow", "prefer"})


def tls_arguments(url: URL, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return libpq's parameters, beside those in the URL of a PostgreSQL, by which it checks the server."""
    mode, trusted = mode_of(url, environment), _names_certificates(url, environment)
    if mode is None or mode in UNVERIFIED or (mode == "verify-ca" and trusted):
        return {}
    return {"sslmode": "verify-full", **({} if trusted else {"sslrootcert": _system_certificates()})}


def mode_of(url: URL, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the `sslmode` that was set; without one, `verify-full` for a server elsewhere, None for one on this machine."""
    given = _parameter(url, "sslmode") or environment.get("PGSSLMODE")
    return given or ("verify-full" if is_elsewhere(url, environment) else None)


def is_elsewhere(url: URL, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the server is, or may be, on another machine."""
    return not all(map(_is_here, _hosts(url, environment)))


def _hosts(url: URL, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the hosts that libpq may connect to; a service's are unknown, so it counts as one elsewhere."""
    if _parameter(url, "service") or environment.get("PGSERVICE"):
        yield "a service"
    places = [
        url.host or _parameter(url, "host") or environment.get("PGHOST") or "",
        _parameter(url, "hostaddr") or environment.get("PGHOSTADDR") or "",
    ]
    for place in filter(None, places):
        for host in place.split(","):
            yield host if host.count(":") > 1 else host.partition(":")[0]


def _is_here(host: str) -> bool:
    if (
        not host or host == "localhost" or host.startswith(("/", "@"))
    ):  # a socket's folder, an abstract socket
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _names_certificates(url: URL, environment: Mapping[str, str]) -> bool:
    """Tell whether somebody has said which certificates to trust."""
    named = _parameter(url, "sslrootcert") or environment.get("PGSSLROOTCERT")
    return bool(named) or (Path.home() / ".postgresql" / "root.crt").exists()


def _system_certificates() -> str:
    """Return the file of the system's certificates, as Python finds it.

    libpq's own word for it, `system`, is of no use in psycopg's wheels: their OpenSSL looks into a folder of its builder's.
    """
    return ssl.get_default_verify_paths().cafile or "system"


def _parameter(url: URL, name: str) -> str:
    value = url.query.get(name, "")
    return value if isinstance(value, str) else ",".join(value)

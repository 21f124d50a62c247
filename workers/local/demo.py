"""The demo as a local run: its settings, and its web server."""

import socket
from ipaddress import ip_network
from typing import Any

from workers.errors import UserError

#: Settings that differ from a real run: a server on loopback, and short waits, since some of its pages fail.
DEMO: dict[str, Any] = {
    "allow_networks": (ip_network("127.0.0.0/8"),),
    "resolve": {"test": "127.0.0.1"},
    "host_interval": 0.05,
    "backoff_base": 0.5,
    "backoff_cap": 2.0,
    "max_deferrals": 3,
    "total_timeout": 4.0,
    "read_timeout": 2.0,
    "soft_limit": 3.0,
    "hard_limit": 6.0,
    "lease_seconds": 15.0,
}


def require_free(port: int) -> None:
    """Raise UserError if another process listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UserError(
                f"Port {port} of the demo is in use. Free it, or set NEWSMILL_DEMO_PORT."
            ) from None

"""The settings of the suite's processes, and how many there are of each kind."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from random import SystemRandom
from types import MappingProxyType
from typing import Any

#: Short leases and waits, so that a recovery takes seconds; 40 in flight, so that the faults hit a busy system.
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "allow_networks": (ip_network("127.0.0.0/8"),),
        "resolve": {"test": "127.0.0.1"},
        "max_in_flight": 40,
        "lease_seconds": 8,
        "hard_limit": 6,
        "soft_limit": 5,
        "total_timeout": 3,
        "read_timeout": 2,
        "backoff_base": 0.2,
        "backoff_cap": 1,
        "poll_interval": 0.02,
        "host_interval": 0,
        "host_concurrency": 50,
        "fetch_threads": 8,
        "enrich_processes": 2,
        "drain_seconds": 8,
        "log_level": "INFO",
    }
)

#: Ports below those that the system gives to outgoing connections (32768 on Linux): while a server is down, no client
#: that tries to connect to it can be given its port.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Layout:
    """How many processes of each kind, and the kinds of which the last process differs."""

    scheduler: int = 1
    fetch: int = 1
    enrich: int = 1
    #: Kinds whose last process reaches Redis through a proxy (redis_proxy.py).
    behind_proxy: tuple[str, ...] = ()
    #: Kinds whose last process has a clock that is ahead (clock_skew.py).
    clock_ahead: tuple[str, ...] = ()

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return each kind with its number of processes, in the order in which they start."""
        return (("scheduler", self.scheduler), ("fetch", self.fetch), ("enrich", self.enrich))


def command_of(kind: str) -> tuple[str, ...]:
    """Return the arguments of `newsmill` for a kind of process."""
    return (kind,) if kind == "scheduler" else ("worker", kind)


def unused_port() -> int:
    """Return a loopback port that nobody listens on and no outgoing connection gets."""
    while True:
        port = SystemRandom().choice(_PORTS)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

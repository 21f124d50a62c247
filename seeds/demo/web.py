"""Requests and replies between the demo's server and its routes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

#: A body as a whole, or in pieces that are generated while it is sent; after those the connection is closed.
Body = bytes | Iterator[bytes]


@dataclass(frozen=True)
class Request:
    """The parts of a request that a route needs."""

    #: The server's port, which every absolute link of the demo carries.
    port: int
    #: How many requests for this page there were, this one included.
    number: int
    #: Waits that many seconds; True as soon as the server is being stopped.
    pause: Callable[[float], bool]


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: HTTPStatus | int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = b""
    #: Content-Length to announce where it is not the body's own: the connection is closed after the body.
    announced_length: int | None = None


Route = Callable[[Request], Reply]

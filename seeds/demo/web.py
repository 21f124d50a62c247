"""What the demo's server and its pages say to each other: a visit comes in, a reply goes out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

#: A body as a whole, or one that is made while it is sent: pieces, after which the connection is closed.
Body = bytes | Iterator[bytes]


@dataclass(frozen=True)
class Visit:
    """One request, as far as a page cares."""

    #: The server's port, which every absolute link of the demo carries.
    port: int
    #: How many requests for this very page there were, this one included.
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


Route = Callable[[Visit], Reply]

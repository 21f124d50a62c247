"""The address of a Redis: a URL read into its parts, once, for redis-py and kombu alike.

    redis://user:password@host:6379/0
    rediss://...                                                    TLS
    unix://user:password@/path/of/the/socket?db=0                   redis+socket:// is the same
    sentinel://user:password@host:26379,host:26379/0?master=name    sentinels:// with TLS

With TLS, certificate and host name are checked: against the system's certificates, and those of `ssl_ca_certs=FILE`.
`ssl_cert_reqs=none` checks nothing, `ssl_check_hostname=false` not the name. `ssl_certfile`, `ssl_keyfile` and `ssl_password` are
for a certificate of the client's own.

In user, password and path whatever is not a letter or a digit may be percent-encoded, and `/?#@:%` have to be. No error here
repeats a part of the URL that may be a piece of a password.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from workers.masking import masked

_TCP, _TLS = ("redis", "sentinel"), ("rediss", "sentinels")
_SOCKET = ("unix", "redis+socket")
_SENTINEL = ("sentinel", "sentinels")
#: Ports where a URL has none: Redis's, and Sentinel's.
_PORT, _SENTINEL_PORT = 6379, 26379
_LAST_PORT = 65535

_URL = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<user>[^/?#\s]*)@)?(?P<nodes>[^/?#@]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?"
)
_NODE = re.compile(r"(?:(?P<name>[\w.-]*)|\[(?P<six>[0-9a-fA-F:.]+(?:%[\w.-]+)?)\])(?::(?P<port>\d{1,5}))?")
#: Which certificates are accepted, as redis-py and Celery spell it.
_CHECKS = {"none": "none", "optional": "optional", "required": "required"}
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
#: Parameters of a URL that are handed on to redis-py as they are.
_FILES = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password")
_LOGIN = ("username", "password", "db")
_OF_SENTINEL = ("master", "sentinel_username", "sentinel_password")

HOW = "Write redis://user:password@host:6379/0, with /?#@:% in the password percent-encoded (@ is %40)."


@dataclass(frozen=True, slots=True, repr=False)
class RedisAddress:
    """Where a Redis is, and how to log in there. Its text has `***` in place of each password."""

    #: The URL, and the same with its passwords masked.
    url: str
    shown: str
    #: Host and port: of the server, or of each sentinel. None for a socket.
    nodes: tuple[tuple[str, int], ...] = ()
    #: The path of the socket.
    socket: str | None = None
    db: int = 0
    username: str | None = None
    password: str | None = None
    #: The name of the master that the sentinels watch.
    master: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    #: redis-py's arguments for TLS (`ssl_...`), None without TLS.
    tls: dict[str, Any] | None = field(default=None, hash=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Read a URL. Raises ValueError, in words for its owner and without a password."""
        # kombu's spelling has the scheme before each sentinel.
        found = _URL.fullmatch(re.sub("([,;])sentinels?://", r"\1", url))
        scheme = found["scheme"] if found else ""
        if found is None or scheme not in (*_TCP, *_TLS, *_SOCKET):
            raise ValueError(
                f"must begin with redis://, rediss://, unix:// or sentinel://. {HOW}"
                if found
                else f"is not a Redis URL. {HOW}"
            )
        given = _parameters(found["query"] or "", scheme)
        user, colon, password = (found["user"] or "").partition(":")
        path = found["path"] or ""
        tls = _tls(given) if scheme in _TLS else None
        if scheme in _SENTINEL and not given.get("master"):
            raise ValueError("needs the name of the master: sentinel://host:26379,host:26379/0?master=name")
        return cls(
            url=url,
            shown=masked(url),
            nodes=() if scheme in _SOCKET else _nodes(found["nodes"], scheme),
            socket=_socket(found["nodes"], path) if scheme in _SOCKET else None,
            db=_db(given["db"] if "db" in given else "" if scheme in _SOCKET else path.removeprefix("/")),
            username=unquote(user) or given.get("username") or None,
            password=unquote(password) if colon and password else given.get("password") or None,
            master=given.get("master"),
            sentinel_username=given.get("sentinel_username") or None,
            sentinel_password=given.get("sentinel_password") or None,
            tls=tls,
        )

    def __repr__(self) -> str:
        """Return the URL with its passwords masked."""
        return self.shown

    @property
    def is_verified(self) -> bool:
        """Tell whether the server has to prove who it is: True also without TLS, where it cannot."""
        return self.tls is None or (
            self.tls["ssl_cert_reqs"] == "required" and self.tls["ssl_check_hostname"]
        )

    def server(self) -> dict[str, Any]:
        """Return redis-py's arguments for a connection to the server; without host and port for one behind sentinels."""
        place: dict[str, Any] = {"path": self.socket} if self.socket else {}
        if self.nodes and not self.master:
            place = dict(zip(("host", "port"), self.nodes[0], strict=True))
        return {
            **place,
            "db": self.db,
            "username": self.username,
            "password": self.password,
            **(self.tls or {}),
        }

    def sentinel(self) -> dict[str, Any]:
        """Return redis-py's arguments for a connection to a sentinel, without host and port."""
        tls = {"ssl": True, **self.tls} if self.tls else {}
        return {"username": self.sentinel_username, "password": self.sentinel_password, **tls}


def _parameters(query: str, scheme: str) -> dict[str, str]:
    allowed = {
        *_LOGIN,
        *((*_FILES, "ssl_cert_reqs", "ssl_check_hostname") if scheme in _TLS else ()),
        *(_OF_SENTINEL if scheme in _SENTINEL else ()),
    }
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        known = "master" if name == "master_name" else name
        if known not in allowed:
            if known.startswith("ssl_"):
                raise ValueError(f"{known[:30]} needs TLS: a URL that begins with rediss:// or sentinels://")
            raise ValueError(f"has a parameter that is not one of {', '.join(sorted(allowed))}. {HOW}")
        given[known] = value
    return given


def _tls(given: dict[str, str]) -> dict[str, Any]:
    checks = given.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
    check_name = given.get("ssl_check_hostname", "true").lower()
    if checks not in _CHECKS or check_name not in _YES_NO:
        raise ValueError("ssl_cert_reqs is required or none, ssl_check_hostname is true or false")
    options: dict[str, Any] = {name: given[name] for name in _FILES if given.get(name)}
    name = checks == "required" and _YES_NO[check_name]
    return {**options, "ssl_cert_reqs": checks, "ssl_check_hostname": name}


def _nodes(text: str, scheme: str) -> tuple[tuple[str, int], ...]:
    several, usual = scheme in _SENTINEL, _SENTINEL_PORT if scheme in _SENTINEL else _PORT
    nodes = []
    for one in re.split("[,;]", text) if several else [text]:
        found = _NODE.fullmatch(one.strip())
        port = int(found["port"] or usual) if found else 0
        if found is None or not 0 < port <= _LAST_PORT:
            raise ValueError(f"has no host and port. {HOW}")
        nodes.append((found["six"] or found["name"] or "localhost", port))
    return tuple(nodes)


def _socket(host: str, path: str) -> str:
    if host or path in {"", "/"}:
        raise ValueError("needs the whole path of the socket: unix:///path/of/the/socket?db=0")
    return unquote(path)


def _db(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ValueError(f"has no number of a database after the host. {HOW}")
    return int(text)

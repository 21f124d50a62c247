"""Whether a message is one that newsmill's tasks can work with. Nothing of it reaches Celery before.

Celery takes the envelope of a message for what its own publishers make: one of another shape ends the worker, and stays in
the queue for the next one. So everything that a worker, kombu or Celery reads of it is checked here, strictly.
"""

import base64
import binascii
from collections.abc import Container
from typing import Annotated, Any, Literal

import msgspec

from tasks.article import Article, is_article_id
from workers.delivery.messages import VERSION, VERSION_HEADER

#: Bytes of the largest message that is read at all. newsmill's own are under 4 KB; 1 MB takes 10 ms to read.
LARGEST = 1024 * 1024
#: Kinds of faults: labels of a metric.
FAULTS = ("too_large", "envelope", "task", "body", "arguments", "unexpected")

#: The largest token: 2^63 - 1, a bigint in PostgreSQL.
_Token = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Name = Annotated[str, msgspec.Meta(max_length=255)]
_Nothing = Annotated[list[Any], msgspec.Meta(max_length=0)] | None


class _DeliveryInfo(msgspec.Struct):
    exchange: _Name
    routing_key: _Name


class _Properties(msgspec.Struct):
    delivery_tag: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    delivery_info: _DeliveryInfo
    body_encoding: Literal["base64"]
    priority: int | None = None
    correlation_id: _Name | None = None
    reply_to: _Name | None = None


class _Headers(msgspec.Struct, rename={"version": VERSION_HEADER}):
    task: _Name
    id: _Name
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31)] | None = None
    published: float | None = None
    root_id: _Name | None = None
    parent_id: _Name | None = None
    argsrepr: str | None = None
    kwargsrepr: str | None = None
    origin: str | None = None
    retries: int = 0
    ignore_result: bool | None = None
    replaced_task_nesting: int | None = None
    stamped_headers: _Nothing = None
    stamps: dict[str, Any] | None = None
    # A worker would keep the message until then, run it for as long as it says, show it under another name, or unpack it
    # without a limit. newsmill never publishes such messages.
    eta: None = None
    expires: None = None
    shadow: None = None
    compression: None = None
    timelimit: tuple[None, None] | None = None
    group: None = None


class _Envelope(
    msgspec.Struct, rename={"content_type": "content-type", "content_encoding": "content-encoding"}
):
    body: str
    content_type: Literal["application/json"]
    content_encoding: Literal["utf-8"]
    headers: _Headers
    properties: _Properties


class _LinkOptions(msgspec.Struct):
    queue: _Name
    task_id: _Name


class _Link(msgspec.Struct):
    task: _Name
    options: _LinkOptions


class _Embedded(msgspec.Struct):
    chain: Annotated[list[_Link], msgspec.Meta(max_length=100)] | None = None
    callbacks: _Nothing = None
    errbacks: _Nothing = None
    chord: None = None


class _Bare(msgspec.Struct):
    """What a message of a newer version has, too."""

    id: str
    url: str
    token: _Token


_Keywords = Annotated[dict[str, Any], msgspec.Meta(max_length=0)]
_Body = tuple[tuple[msgspec.Raw], _Keywords, _Embedded]

_envelope = msgspec.json.Decoder(_Envelope)
_body = msgspec.json.Decoder(_Body)
_article = msgspec.json.Decoder(Article)
_bare = msgspec.json.Decoder(_Bare)
_url = msgspec.json.Decoder(str)

#: What decoding may raise for input of any kind.
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, binascii.Error)


class InvalidMessageError(Exception):
    """A message that no task can work with; its kind of fault is one of FAULTS."""

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault
        self.detail = detail


def check_message(item: bytes, tasks: Container[str]) -> None:
    """Raise InvalidMessageError unless an item of a queue is a message for one of `tasks`.

    That is one of Celery's protocol 2 with a record or a URL as its only argument, and plain names in its chain.
    """
    if len(item) > LARGEST:
        raise InvalidMessageError("too_large", f"{len(item):,} bytes, more than {LARGEST:,}")
    envelope = _decoded(_envelope, item, "envelope")
    headers = envelope.headers
    if headers.task not in tasks:
        raise InvalidMessageError("task", f"no task is named {headers.task!r}")
    try:
        text = base64.b64decode(envelope.body)
    except _UNREADABLE as error:
        raise InvalidMessageError("body", f"not base64: {error}") from error
    (argument,), _, _ = _decoded(_body, text, "body")
    _check_argument(bytes(argument), newer=(headers.version or 1) > VERSION)


def _check_argument(argument: bytes, *, newer: bool) -> None:
    if argument.startswith(b'"'):
        _decoded(_url, argument, "arguments")
        return
    record = _decoded(_bare, argument, "arguments")
    if not newer:
        _decoded(_article, argument, "arguments")
    if not is_article_id(record.id):
        raise InvalidMessageError("arguments", f"{record.id[:40]!r} is not the id of an article")


def _decoded(decoder: msgspec.json.Decoder[Any], text: bytes, fault: str) -> Any:
    try:
        return decoder.decode(text)
    except _UNREADABLE as error:
        raise InvalidMessageError(fault, str(error)) from error

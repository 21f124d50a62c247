"""Messages that no task can work with, of every kind: made from one that is right."""

import base64
import bz2
import json
from collections.abc import Iterator, Mapping
from typing import Any

#: What somebody may push into a queue, or write into a hash of the ledger.
RUBBISH: Mapping[str, bytes] = {
    "nothing": b"",
    "a zero byte": b"\0",
    "no UTF-8": b"\xff\xfe{",
    "no JSON": b"{",
    "a number": b"7",
    "a huge number": b"9" * 5000,
    "nothing in JSON": b"null",
    "an empty list": b"[]",
    "an empty object": b"{}",
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "3 MB": b'{"body": "' + b"A" * 3_000_000 + b'"}',
}


class _Good:
    """A good message, and copies of it with something else in it."""

    def __init__(self, item: bytes) -> None:
        self.parts: dict[str, Any] = json.loads(item)
        self.record, self.keywords, self.embedded = self._body()

    def _body(self) -> tuple[Any, Any, Any]:
        (record,), keywords, embedded = json.loads(base64.b64decode(self.parts["body"]))
        return record, keywords, embedded

    def with_parts(self, **parts: Any) -> bytes:
        """Return it with other parts."""
        named = {name.replace("_", "-"): value for name, value in parts.items()}
        return json.dumps({**self.parts, **named}).encode()

    def with_in(self, part: str, **values: Any) -> bytes:
        """Return it with other values in its headers or properties."""
        return self.with_parts(**{part: {**self.parts[part], **values}})

    def without_in(self, part: str, name: str) -> bytes:
        """Return it without one of its headers or properties."""
        return self.with_parts(**{part: {key: one for key, one in self.parts[part].items() if key != name}})

    def with_body(self, value: Any) -> bytes:
        """Return it with another body: bytes, or what becomes JSON."""
        text = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.with_parts(body=base64.b64encode(text).decode())


def _envelopes(good: _Good) -> Iterator[tuple[str, bytes]]:
    for name in good.parts:
        yield (
            f"without its {name}",
            json.dumps({key: one for key, one in good.parts.items() if key != name}).encode(),
        )
        for odd in (None, 7, [], {"a": 1}):
            yield f"with {odd} as its {name}", json.dumps({**good.parts, name: odd}).encode()
    needed = {"properties": ("delivery_tag", "delivery_info", "body_encoding"), "headers": ("task", "id")}
    for part, names in needed.items():
        for name in names:
            yield f"without {name}", good.without_in(part, name)
            yield f"with a list as {name}", good.with_in(part, **{name: []})
    yield "with an unknown encoding of its body", good.with_in("properties", body_encoding="rot13")
    yield "a pickle", good.with_parts(content_type="application/x-python-serialize")
    yield "an unknown content type", good.with_parts(content_type="text/x-poison")
    yield "an unknown character set", good.with_parts(content_encoding="klingon")
    yield "not base64", good.with_parts(body="%%%")
    yield "no ASCII", good.with_parts(body="\u00e9\u00e9\u00e9\u00e9")


def _headers(good: _Good) -> Iterator[tuple[str, bytes]]:
    for name, odd in {
        "a foreign task": {"task": "no.such.task"},
        "a task of Celery's": {"task": "celery.backend_cleanup"},
        "kept until the year 9999": {"eta": "9999-01-01T00:00:00"},
        "with an odd eta": {"eta": "soon"},
        "expired": {"expires": "1999-01-01T00:00:00"},
        "without a time limit": {"timelimit": [1e9, 1e9]},
        "with an odd time limit": {"timelimit": 7},
        "with a word as its version": {"newsmill_version": "one"},
    }.items():
        yield name, good.with_in("headers", **odd)
    packed = base64.b64encode(bz2.compress(bytes(50_000_000))).decode()
    yield (
        "a bomb",
        good.with_parts(body=packed, headers={**good.parts["headers"], "compression": "bzip2"}),
    )


def _bodies(good: _Good) -> Iterator[tuple[str, bytes]]:
    record, keywords, embedded = good.record, good.keywords, good.embedded
    for name, text in RUBBISH.items():
        if text:
            yield f"a body of {name}", good.with_body(text)
    yield "no arguments", good.with_body([[], keywords, embedded])
    yield "two arguments", good.with_body([[record, record], keywords, embedded])
    yield "keyword arguments", good.with_body([[record], {"message": record}, embedded])
    yield "no embedded part", good.with_body([[record], keywords])
    for odd in (None, 7, [], {}, True, [record]):
        yield f"{odd} as its record", good.with_body([[odd], keywords, embedded])
    fields = {"id": "x", "url": 7, "token": "1", "submitted_at": "now", "topics": {}, "source": []}
    for name, odd in {**fields, "versions": 10**100}.items():
        yield (
            f"a record with {odd!r} as {name}",
            good.with_body([[{**record, name: odd}], keywords, embedded]),
        )
    yield "a token of 100 digits", good.with_body([[{**record, "token": 10**100}], keywords, embedded])
    for odd in (7, {}, [7], [{}], [{"task": "tasks.extract"}], [{"task": 7, "options": {}}]):
        yield f"{odd} as its chain", good.with_body([[record], keywords, {**embedded, "chain": odd}])
    foreign = {"task": "no.such.task", "args": [], "kwargs": {}, "options": {}, "subtask_type": None}
    for name in ("callbacks", "errbacks"):
        yield (
            f"a foreign task in {name}",
            good.with_body([[record], keywords, {**embedded, name: [foreign]}]),
        )
    yield "a chord", good.with_body([[record], keywords, {**embedded, "chord": foreign}])


def poison(item: bytes) -> dict[str, bytes]:
    """Return messages that no task can work with, by what is wrong with them, given a good one."""
    good = _Good(item)
    found = {f"rubbish: {name}": text for name, text in RUBBISH.items()}
    for kinds in (_envelopes, _headers, _bodies):
        found.update(kinds(good))
    return found

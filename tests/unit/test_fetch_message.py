"""A response of HTTP/1: what a line that is no header costs, and how its body ends."""

import io
import time

import pytest

from tasks.fetch.headers import Headers, parse_headers
from tasks.fetch.message import Message, MessageError

OK = b"HTTP/1.1 200 OK\r\n"


def message(sent: bytes) -> Message:
    return Message(io.BytesIO(sent))


def headers(*lines: bytes) -> Headers:
    return parse_headers(lines)


def test_names_are_found_in_any_case_and_values_lose_their_blanks() -> None:
    fields = headers(b"Set-Cookie: a=b ", b"SET-COOKIE:\tc=d", b"X:", b"Y: \xe4")
    assert fields.get_all("set-Cookie") == ["a=b", "c=d"]
    assert (fields.get("Set-Cookie"), fields.get("x"), fields.get("y")) == ("a=b", "", "\u00e4")
    assert (fields.get("z"), fields.get("z", "-"), fields.get_all("z")) == (None, "-", ())
    assert ("X" in fields, "z" in fields, fields.is_sound) == (True, False, True)
    assert list(fields.items())[-1] == ("y", "\u00e4")


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"a b: c",
        b": c",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK: x",
        b"a\0: b",
        b"a: b\0",
        b"a: b\rETag: forged",
        b"\xe4: b",
        b"{}: b",
        b"\x01",
    ],
)
def test_a_line_that_is_no_header_costs_itself_alone(line: bytes) -> None:
    fields = headers(b"First: 1", line, b"Last: 2")
    assert dict(fields.items()) == {"first": "1", "last": "2"}
    assert not fields.is_sound
    sent = OK + line + b"\r\nContent-Length: 4\r\n\r\nbody"
    one = message(sent)
    assert (one.read(99), one.bytes_left, one.ends_connection) == (b"body", 0, True)


def test_a_blank_before_the_colon_does_no_harm() -> None:
    assert headers(b"Content-Length \t: 4").get("content-length") == "4"


def test_a_folded_value_is_one_value() -> None:
    fields = headers(b"A: 1", b"  2", b"\t3 ", b" ", b"B:", b" 4")
    assert dict(fields.items()) == {"a": "1 2 3", "b": "4"}
    assert fields.is_sound


def test_what_is_folded_under_no_header_belongs_to_none() -> None:
    fields = headers(b" 0", b"A: 1", b"garbage", b" 2", b"B: 3", b" \0")
    assert dict(fields.items()) == {"a": "1", "b": "3"}
    assert not fields.is_sound


@pytest.mark.parametrize("lines", [[b"a:"] + [b" b"] * 100_000, [b"a: b"] * 100_000, [b"a"] * 100_000])
def test_any_number_of_lines_takes_linear_time(lines: list[bytes]) -> None:
    began = time.process_time()
    parse_headers(lines)
    assert time.process_time() - began < 1


def test_lists_of_several_fields_are_one_list() -> None:
    fields = headers(b"Content-Encoding: gzip, ", b"content-encoding: BR")
    assert fields.tokens("content-encoding") == ["gzip", "br"]


def test_more_headers_than_anybody_sends_are_read() -> None:
    one = message(OK + b"X: y\r\n" * 10_000 + b"Content-Length: 2\r\n\r\nab")
    assert (len(one.headers.get_all("x")), one.read(9)) == (10_000, b"ab")


@pytest.mark.parametrize(
    "line",
    [b"", b"SSH-2.0", b"HTTP/2 200", b"HTTP/1.1 two", b"HTTP/1.1 20", b"HTTP/1.1 099", b"HTTP/1.1 2000"],
)
def test_what_has_no_status_line_is_no_response(line: bytes) -> None:
    with pytest.raises(MessageError, match="status line"):
        message(line + b"\r\n\r\n")


@pytest.mark.parametrize(
    "line", [b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.0 200 \xe4", b"HTTP/1.1  200 OK\r"]
)
def test_the_reason_of_a_status_may_be_anything(line: bytes) -> None:
    assert message(line + b"\r\n\r\n").status == 200


def test_interim_responses_are_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    one = message(hints * 3 + b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
    assert (one.status, one.headers.get("link"), one.bytes_left) == (404, None, 0)


@pytest.mark.parametrize(
    ("lines", "bytes_left", "is_chunked", "ends_connection"),
    [
        (b"Content-Length: 7\r\n", 7, False, False),
        (b"Content-Length: 7\r\nContent-Length: 7\r\n", 7, False, False),
        (b"Content-Length: 7, 7\r\n", 7, False, False),
        (b"Content-Length: 0\r\n", 0, False, False),
        (b"Content-Length: 7\r\nConnection: x, Close\r\n", 7, False, True),
        (b"Transfer-Encoding: Chunked\r\n", None, True, False),
        (b"Transfer-Encoding: gzip, chunked\r\n", None, True, False),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 7\r\n", None, True, True),
        (b"", None, False, True),
        (b"Content-Length: -7\r\n", None, False, True),
        (b"Content-Length: +7\r\n", None, False, True),
        (b"Content-Length: 7_0\r\n", None, False, True),
        (b"Content-Length: \xb2\r\n", None, False, True),
        (b"Content-Length: \x0b7\r\n", None, False, True),
        (b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 7\r\n", 7, False, False),
        (b"Transfer-Encoding: xchunked\r\nContent-Length: 7\r\n", 7, False, False),
        (b"Content-Length: 7\r\n 0\r\n", None, False, True),
    ],
)
def test_the_headers_tell_how_the_body_ends(
    lines: bytes, bytes_left: int | None, is_chunked: bool, ends_connection: bool
) -> None:
    one = message(OK + lines + b"\r\n")
    assert (one.bytes_left, one.is_chunked, one.ends_connection) == (bytes_left, is_chunked, ends_connection)


@pytest.mark.parametrize(
    ("sent", "ends_connection"),
    [
        (b"HTTP/1.1 304 N\r\n\r\n", False),
        (b"HTTP/1.1 304 N\r\nContent-Length: 7\r\n\r\n", True),
        (b"HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"HTTP/1.0 304 N\r\n\r\n", True),
        (b"HTTP/1.0 304 N\r\nConnection: Keep-Alive\r\n\r\n", False),
    ],
)
def test_some_statuses_have_no_body(sent: bytes, ends_connection: bool) -> None:
    one = message(sent)
    assert (one.read(9), one.bytes_left, one.ends_connection) == (b"", 0, ends_connection)


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n",
    ],
)
def test_lengths_that_contradict_each_other_are_an_error(lines: bytes) -> None:
    with pytest.raises(MessageError, match="Content-Length"):
        message(OK + lines + b"\r\n")


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "body",
    [
        b"3\r\nabc\r\n0003 ;x=y\r\ndef\r\n0\r\n\r\n",
        b"3\nabc\n3\ndef\n0\n\n",
        b"6\r\nabcdef\r\n0\r\nTrailer: x\r\n\r\n",
        b"6\r\nabcdef\r\n0\r\n",
        b"6\r\nabcdef\r\n0\r\nTrai",
    ],
)
def test_chunks_are_joined(body: bytes, size: int) -> None:
    one = message(CHUNKED + body)
    pieces = [*iter(lambda: one.read(size), b"")]
    assert b"".join(pieces) == b"abcdef"
    assert all(len(piece) == size for piece in pieces[:-1])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"3\r\nabc\r\n",
        b"3\r\nab",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"zz\r\n",
        b"-3\r\nabc\r\n",
        b"+3\r\nabc\r\n",
        b"0x3\r\nabc\r\n",
        b"1_0\r\nabc\r\n",
        b"\r\nabc\r\n",
        b"f" * 16 + b"\r\nabc",
        b"3;" + b"x" * 70_000 + b"\r\nabc\r\n0\r\n\r\n",
        b"0\r\nx: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_chunks_that_are_wrong_or_missing_are_an_error(body: bytes) -> None:
    with pytest.raises(MessageError):
        message(CHUNKED + body).read(99)

"""What is left of a page's seconds and bytes; which connections are kept."""

import socket

import pytest

from tasks.errors import Reason, Rejected
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import Budget, FetchLimits
from tasks.fetch.connection import GuardedConnection
from tasks.fetch.idle import IdleConnections, Origin

NEWS = Origin("http", "news.test", 80)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_wait_takes_no_longer_than_what_is_left() -> None:
    clock = Clock()
    budget = Budget(FetchLimits(total=30), clock)
    assert budget.seconds(10) == 10
    clock.now += 25
    assert budget.seconds(10) == 5
    clock.now += 5
    with pytest.raises(Rejected) as refused:
        budget.seconds(10)
    assert refused.value.reason is Reason.TOO_SLOW


def test_a_pause_does_not_use_up_the_time() -> None:
    clock = Clock()
    budget = Budget(FetchLimits(total=30), clock)
    with budget.paused():
        clock.now += 100
    assert budget.seconds(99) == 30


def test_each_part_has_its_own_bytes() -> None:
    budget = Budget(FetchLimits())
    budget.allow(10, "headers")
    budget.receive(10)
    budget.check_bytes()
    budget.receive(1)
    with pytest.raises(Rejected, match="headers") as refused:
        budget.check_bytes()
    assert refused.value.reason is Reason.TOO_LARGE
    budget.allow(10, "body")
    budget.check_bytes()


def _connection() -> GuardedConnection:
    connection = GuardedConnection("news.test", 80, guard=AddressGuard(), budget=Budget(FetchLimits()))
    connection.sock, peer = socket.socketpair()
    connection.peer = peer  # type: ignore[attr-defined]
    return connection


def _close(*connections: GuardedConnection) -> None:
    for connection in connections:
        connection.close()
        connection.peer.close()  # type: ignore[attr-defined]


def test_the_latest_connection_to_the_origin_is_taken_and_taken_once() -> None:
    idle = IdleConnections(Clock())
    first, second = _connection(), _connection()
    idle.put(NEWS, first)
    idle.put(NEWS, second)
    assert idle.take(NEWS._replace(scheme="https")) is None
    assert [idle.take(NEWS) for _ in range(3)] == [second, first, None]
    _close(first, second)


def test_a_connection_that_the_server_closed_or_wrote_to_is_not_taken() -> None:
    idle = IdleConnections(Clock())
    closed, written = _connection(), _connection()
    closed.peer.close()  # type: ignore[attr-defined]
    written.peer.send(b"HTTP/1.1 200 OK")  # type: ignore[attr-defined]
    idle.put(NEWS, closed)
    idle.put(NEWS, written)
    assert idle.take(NEWS) is None
    assert closed.is_closed
    assert written.is_closed
    _close(closed, written)


def test_a_connection_is_kept_for_half_a_minute() -> None:
    clock = Clock()
    idle = IdleConnections(clock)
    connection = _connection()
    idle.put(NEWS, connection)
    clock.now += 31
    assert idle.take(NEWS) is None
    assert connection.is_closed
    _close(connection)


def test_no_more_than_64_are_kept() -> None:
    idle = IdleConnections(Clock())
    connections = [_connection() for _ in range(66)]
    for connection in connections:
        idle.put(NEWS, connection)
    assert [connection.is_closed for connection in connections] == [True] * 2 + [False] * 64
    idle.close()
    assert all(connection.is_closed for connection in connections)
    _close(*connections)

"""What is left of a page's seconds and bytes; which connections are kept."""

import socket

import pytest

from tasks.errors import Reason, Rejected
from tasks.fetch.addresses import AddressGuard
from tasks.fetch.budget import Budget, FetchLimits
from tasks.fetch.connection import GuardedConnection
from tasks.fetch.connection_pool import ConnectionPool, Origin

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
    pool = ConnectionPool(Clock())
    first, second = _connection(), _connection()
    pool.put(NEWS, first)
    pool.put(NEWS, second)
    assert pool.take(NEWS._replace(scheme="https")) is None
    assert [pool.take(NEWS) for _ in range(3)] == [second, first, None]
    _close(first, second)


def test_a_connection_that_the_server_closed_or_wrote_to_is_not_taken() -> None:
    pool = ConnectionPool(Clock())
    closed, written = _connection(), _connection()
    closed.peer.close()  # type: ignore[attr-defined]
    written.peer.send(b"HTTP/1.1 200 OK")  # type: ignore[attr-defined]
    pool.put(NEWS, closed)
    pool.put(NEWS, written)
    assert pool.take(NEWS) is None
    assert closed.is_closed
    assert written.is_closed
    _close(closed, written)


def test_a_connection_is_kept_for_half_a_minute() -> None:
    clock = Clock()
    pool = ConnectionPool(clock)
    connection = _connection()
    pool.put(NEWS, connection)
    clock.now += 31
    assert pool.take(NEWS) is None
    assert connection.is_closed
    _close(connection)


def test_no_more_than_64_are_kept() -> None:
    pool = ConnectionPool(Clock())
    connections = [_connection() for _ in range(66)]
    for connection in connections:
        pool.put(NEWS, connection)
    assert [connection.is_closed for connection in connections] == [True] * 2 + [False] * 64
    pool.close()
    assert all(connection.is_closed for connection in connections)
    _close(*connections)

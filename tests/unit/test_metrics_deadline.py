"""A server that hangs delays nobody for longer than the patience, and is never asked twice at once."""

import threading
import time

import pytest

from monitoring.deadline import WithDeadline


def test_an_answer_is_given_and_asked_for_anew_each_time() -> None:
    answers = iter([1, 2])
    ask = WithDeadline(lambda: next(answers))
    assert [ask(), ask()] == [1, 2]


def test_an_error_is_no_answer() -> None:
    def fail() -> int:
        raise ConnectionError("gone")

    assert WithDeadline(fail)() is None


def test_who_hangs_is_given_up_and_not_asked_again_meanwhile() -> None:
    go_on, asked = threading.Event(), []

    def hang() -> int:
        asked.append(1)
        go_on.wait(30)
        return 7

    ask = WithDeadline(hang, patience=0.05)
    began = time.monotonic()
    assert [ask(), ask()] == [None, None]
    assert time.monotonic() - began < 5
    assert len(asked) == 1
    go_on.set()


@pytest.mark.parametrize("answer", [0, "", None])
def test_an_empty_answer_is_an_answer(answer: object) -> None:
    assert WithDeadline(lambda: answer)() == answer

"""Unexpected errors: counted by loop, logged once of a kind."""

import pytest

from monitoring import unexpected as module
from monitoring.unexpected import LOOPS, UnexpectedErrors, unexpected


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged; nothing was before."""
    said: list[str] = []
    monkeypatch.setattr(module, "_said", set())
    monkeypatch.setattr(module, "_counts", dict.fromkeys(LOOPS, 0))

    class Log:
        def error(self, _: str, **values: object) -> None:
            said.append(f"{values['loop']}: {values['error']}")

    monkeypatch.setattr(module, "log", Log())
    return said


def counts() -> dict[str, float]:
    (metric,) = UnexpectedErrors().collect()
    return {sample.labels["loop"]: sample.value for sample in metric.samples}


def test_each_is_counted_and_each_kind_is_logged_once(logged: list[str]) -> None:
    for number in range(3):
        unexpected("scheduler", ValueError(f"number {number}"))
    unexpected("scheduler", KeyError("a"))
    unexpected("heartbeat", ValueError("b"))
    assert logged == [
        "scheduler: ValueError: number 0",
        "scheduler: KeyError: 'a'",
        "heartbeat: ValueError: b",
    ]
    assert (counts()["scheduler"], counts()["heartbeat"]) == (4, 1)


def test_every_loop_is_served_as_0_from_the_start(logged: list[str]) -> None:
    assert counts() == dict.fromkeys(LOOPS, 0.0)
    assert logged == []

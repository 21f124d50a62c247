"""A run says once what keeps it from working, and when that is over."""

import io
from types import SimpleNamespace
from typing import Any

from workers.local.telling import LOOK_EVERY, Telling
from workers.output.terminal import Terminal

FULL = "database or disk is full \x1b[31m"


class OneFrontier:
    """A frontier whose store is away for a reason, or is not."""

    why: str | None = None
    host_rules = SimpleNamespace(trouble=lambda: None)

    def store_trouble(self) -> str | None:
        return self.why

    def persistence(self) -> dict[str, str]:
        return {}


def test_a_trouble_is_said_when_it_begins_and_when_it_is_over() -> None:
    frontier: Any = OneFrontier()
    now = [0.0]
    terminal = Terminal(file=io.StringIO(), width=200)
    telling = Telling(terminal, clock=lambda: now[0])

    def said_after(why: str | None) -> str:
        frontier.why = why
        now[0] += LOOK_EVERY
        before = terminal.file.tell()
        telling.look(frontier)
        terminal.file.seek(before)
        return terminal.file.read()

    assert said_after(None) == ""
    assert "The database takes no rows: database or disk is full \\x1b[31m." in said_after(FULL)
    assert said_after(FULL) == ""
    assert said_after(None) == "That is over, and the run goes on.\n"
    assert said_after(None) == ""
    assert "full" in said_after(FULL)
    frontier.why = None
    telling.look(frontier)
    assert telling._told, "not asked again at once"

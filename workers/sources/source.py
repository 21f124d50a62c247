"""What a source is, and what it yields."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class ListedUrl(NamedTuple):
    """A URL as it was found, not looked at yet. `place` says where (`file:line`), `extras` what else stands there."""

    place: str
    url: str
    extras: dict[str, Any]


class LocalDocument(NamedTuple):
    """A page or a text that lies on this machine."""

    path: Path


class Refusal(NamedTuple):
    """What no URL can be had from, and why."""

    place: str
    reason: str
    text: str


Item = ListedUrl | LocalDocument | Refusal


class Source(Protocol):
    """Yields what is to be submitted. Read from one thread.

    What was submitted once is not queued again, so a source may yield the same URL as often as it likes.
    """

    @property
    def name(self) -> str:
        """What its position is kept under: the same source has the same name in every run."""

    @property
    def poll_seconds(self) -> float | None:
        """In how many seconds it should be read again, None for one that is read once."""

    @property
    def keeps_position(self) -> bool:
        """Whether the next reading, of another run even, begins where this one ends."""

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield what came after `position`, which is what `position_after` returned last; None for all there is.

        Raises UserError where it cannot be read.
        """

    def position_after(self) -> str:
        """Return the position after what `read` has yielded; asked of a source that keeps one.

        It is kept in the store once all of that was submitted: after a crash the source is read again from the position
        before.
        """

    def size(self) -> int | None:
        """Return about how many items it will yield, None where that cannot be told. For progress bars."""


class ReadOnce:
    """The part of a source that is read once, as a whole: no position and nothing to poll."""

    poll_seconds: float | None = None
    keeps_position = False

    def position_after(self) -> str:
        """Return no position."""
        return ""

    def size(self) -> int | None:
        """Not know."""
        return None

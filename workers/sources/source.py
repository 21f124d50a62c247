"""What a source is, and what it yields."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from workers.sources.reading import BY_ITSELF, Reading


class Argument(NamedTuple):
    """What the user has named, and how it is to be read."""

    text: str
    #: Its position on the command line, from 1.
    number: int = 1
    reading: Reading = BY_ITSELF
    #: Whether a .txt is the text of an article, even if it might be a list.
    texts_are_documents: bool = False


class ListedUrl(NamedTuple):
    """A URL as it was found, not checked yet. `place` is where (`file:line`), `extras` the other columns or keys."""

    place: str
    url: str
    extras: dict[str, Any]


class LocalDocument(NamedTuple):
    """A page or a text on this machine; `folder` is the one in which it was found, if it was not named itself."""

    path: Path
    folder: Path | None = None


class Refusal(NamedTuple):
    """An item without a valid URL, and the reason: one of a few sentences, without any part of the item."""

    place: str
    reason: str
    text: str


class Skipped(NamedTuple):
    """A file in a folder that is no document, and its kind: `.jpg`, `hidden`."""

    path: Path
    kind: str


class Note(NamedTuple):
    """What a source has decided for the user, in a sentence: which column has the URLs, which encoding was guessed."""

    text: str


Item = ListedUrl | LocalDocument | Refusal | Skipped | Note


class Source(Protocol):
    """Yields what to submit. It is read by one thread.

    A URL is queued only once, so a source may yield it any number of times.
    """

    @property
    def name(self) -> str:
        """The key that its position is stored under: the same source has the same name in every run."""

    @property
    def poll_seconds(self) -> float | None:
        """Seconds until it should be read again, None if it is read once."""

    @property
    def keeps_position(self) -> bool:
        """Whether the next reading, even in another run, begins where this one ends."""

    def read(self, position: str | None) -> Iterator[Item]:
        """Yield the items after `position`, the last value of `position_after`; all items for None.

        Raises UserError or OSError if it cannot be read. `newsmill submit` ends with the message then; a run that polls
        the source shows it, and reads again when the source is due.
        """

    def position_after(self) -> str:
        """Return the position after the items that `read` has yielded; called if the source keeps a position.

        The store keeps it once all of these items were submitted. After a crash the source is read again from the last
        stored position.
        """

    def size(self) -> int | None:
        """Return about how many items it will yield, None if that is unknown. For progress bars."""


class ReadOnce:
    """Base class of sources that are read once, as a whole: they have no position and are not polled."""

    #: It keeps no position, so it needs no name to keep one under.
    name = ""
    poll_seconds: float | None = None
    keeps_position = False

    def position_after(self) -> str:
        """Return no position."""
        return ""

    def size(self) -> int | None:
        """Return None: the number of items is unknown."""
        return None

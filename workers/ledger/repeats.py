"""Which URLs a list has more than once. The ledger knows them too, but not whether from this list or from an earlier one."""

from array import array
from collections.abc import Iterable

from workers.ledger.entries import SETTLED, Submission

#: URLs that are noted, 8 bytes each: 64 MB. A longer list may have more repeated URLs than are counted.
MOST_NOTED = 8_000_000
#: What the ledger said of a URL is in the lowest bits of its mark; the others are of its id. Two of 8,000,000 URLs have
#: the same by chance once in 100,000 lists.
_STATE_BITS, _STATE_MASK = 2, 0b11
_NEW, _IN_PROGRESS, _SETTLED = 0, 1, 2
_STATES = {
    **dict.fromkeys("nu", _NEW),
    **dict.fromkeys("wfl", _IN_PROGRESS),
    **dict.fromkeys(SETTLED, _SETTLED),
}
#: Marks that are sorted as Python's own integers.
_FEW = 100_000


class Repeats:
    """Counts repeated URLs: after the end of a list, since a table of what was seen would take ten times the memory."""

    def __init__(self) -> None:
        self._marks = array("Q")

    def note(self, batch: Iterable[Submission], letters: str) -> None:
        """Note what the ledger said of the URLs of a batch, a letter for each (Frontier.submit)."""
        if len(self._marks) < MOST_NOTED:
            self._marks.extend(
                int(one.id[:16], 16) >> _STATE_BITS << _STATE_BITS | _STATES[letter]
                for one, letter in zip(batch, letters, strict=True)
            )

    def counted(self) -> tuple[int, int]:
        """Return how many of the URLs that were in progress, and of those settled, stand in the list before."""
        states, before = [0] * len(_STATES), -1
        # Of the marks with the same id the first one is that of the new URL, if there is one.
        for mark in self._sorted():
            id_ = mark >> _STATE_BITS
            states[mark & _STATE_MASK] += id_ == before
            before = id_
        return states[_IN_PROGRESS], states[_SETTLED]

    def _sorted(self) -> Iterable[int]:
        if len(self._marks) < _FEW:
            return sorted(self._marks)
        import numpy as np  # noqa: PLC0415 - takes 0.1 s; sorted() would take 40 bytes for each mark

        return np.sort(np.frombuffer(self._marks, dtype=np.uint64)).data

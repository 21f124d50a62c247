"""What a submission says besides its counts: why lines were refused, which files were skipped, what was decided."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from workers.sources.source import Note, Refusal, Skipped

#: Refused lines that are shown; all are counted by their reasons.
SHOWN = 5
#: Most reasons, and most kinds of files, that are told apart: a source of somebody else's may invent any number.
_MOST_KINDS = 100
_OTHERS = "others"


@dataclass(slots=True)
class Refused:
    """How many items were refused for one reason, and the place of the first."""

    count: int
    first: str


@dataclass(slots=True)
class Report:
    """Counts what a submission does not take."""

    #: Called with each of the first SHOWN refusals, and with every note.
    show: Callable[[Refusal | Note], object] = lambda _: None
    #: Called with every refusal.
    write: Callable[[Refusal], object] = lambda _: None
    #: By reason.
    refused: dict[str, Refused] = field(default_factory=dict)
    #: How many files are no documents, by kind.
    skipped: Counter[str] = field(default_factory=Counter)
    #: How many URLs lost some of their other columns (extras.py).
    shortened: int = 0

    def took_nothing(self, taken: int) -> bool:
        """Tell whether there was something to submit, and nothing was: `taken` items were not refused."""
        return not taken and bool(self.refused or self.skipped)

    @property
    def refusals(self) -> int:
        """How many items were refused."""
        return sum(one.count for one in self.refused.values())

    def refuse(self, refusal: Refusal) -> None:
        """Count an item that cannot be submitted."""
        if self.refusals < SHOWN:
            self.show(refusal)
        self.write(refusal)
        reason = refusal.reason if _is_known(refusal.reason, self.refused) else _OTHERS
        self.refused.setdefault(reason, Refused(0, refusal.place)).count += 1

    def skip(self, skipped: Skipped) -> None:
        """Count a file that is no document."""
        self.skipped[skipped.kind if _is_known(skipped.kind, self.skipped) else _OTHERS] += 1


def _is_known(kind: str, counted: dict[str, Refused] | Counter[str]) -> bool:
    return kind in counted or len(counted) < _MOST_KINDS

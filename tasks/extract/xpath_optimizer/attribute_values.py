"""The distinct values that a page has of an attribute, and which of them contain given substrings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator


class AttributeValues:
    """The values of one attribute on a page."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take all `values` of the page; repeated ones count once."""
        self._by_line = defaultdict[str, list[str]](list)
        for value in set(values):
            self._by_line[value.lower().replace("\n", " ")].append(value)
        #: All values in lower case, a line each, so that one search goes through all of them.
        self._lines = "\n".join(("", *self._by_line, ""))

    def containing(self, substrings: tuple[str, ...] | None) -> Iterator[str]:
        r"""Yield the values that contain one of `substrings`, some of them twice; all values for None.

        Substrings are in lower case; `\n` in one stands for the start or the end of the value.
        """
        if substrings is None:
            for values in self._by_line.values():
                yield from values
            return
        for one in substrings:
            at = self._lines.find(one)
            while at >= 0:
                start = self._lines.rfind("\n", 0, at + 1) + 1
                end = self._lines.find("\n", start)
                yield from self._by_line[self._lines[start:end]]
                at = self._lines.find(one, end)

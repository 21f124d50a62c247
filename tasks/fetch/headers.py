"""The header section of a response, line by line: a line that is no header takes no other line away."""

import re
from collections.abc import Iterable, Mapping, Sequence

#: A field line (RFC 9112, 5). Browsers take a blank before the colon, and so does this. NUL and a bare CR are in no value
#: (RFC 9110, 5.5).
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++)[ \t]*+:([^\0\r]*+)")
#: What may go on the line before (RFC 9112, 5.2, obs-fold).
_FOLDED = re.compile(rb"[ \t]([^\0\r]*+)")
_BLANKS = b" \t"


class Headers:
    """The fields of a response by their names, in any case; values as Latin-1 (RFC 9110, 5.5)."""

    __slots__ = ("_fields", "is_sound")

    def __init__(self, fields: Mapping[str, Sequence[str]], *, is_sound: bool = True) -> None:
        #: By names in lower case, in the order of the lines.
        self._fields = fields
        #: Whether each line was a header. One that was not has been left out.
        self.is_sound = is_sound

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the value of the first field of that name."""
        values = self._fields.get(name.lower())
        return values[0] if values else default

    def get_all(self, name: str, default: Sequence[str] = ()) -> Sequence[str]:
        """Return the values of all fields of that name."""
        return self._fields.get(name.lower(), default)

    def items(self) -> Iterable[tuple[str, str]]:
        """Yield name and value of each field; names in lower case."""
        return ((name, value) for name, values in self._fields.items() for value in values)

    def tokens(self, name: str) -> list[str]:
        """Return the members of all fields of that name, lists separated by commas, in lower case."""
        values = self._fields.get(name.lower())
        if not values:
            return []
        # Blanks only: what else str.strip takes off would make a coding of what is none to others, `\x0bchunked`.
        return [token for part in ",".join(values).lower().split(",") if (token := part.strip(" \t"))]

    def has_any(self, names: frozenset[str]) -> bool:
        """Return whether there is a field with one of `names`, which are in lower case."""
        return not names.isdisjoint(self._fields)

    def __contains__(self, name: str) -> bool:
        """Return whether there is a field of that name."""
        return name.lower() in self._fields


def parse_headers(lines: Iterable[bytes]) -> Headers:
    """Return the fields in `lines`, the lines of a header section without their ends.

    A line without a colon, with a name that is no token, with NUL or a bare CR is left out, and so is what is folded
    under it.
    """
    fields: dict[str, list[str]] = {}
    is_sound = True
    values: list[str] | None = None
    folded: list[bytes] = []
    for line in lines:
        found = _FIELD.fullmatch(line)
        if folded and (found or line[0] not in _BLANKS):
            _unfold(values, folded)
        if found:
            values = fields.setdefault(found[1].lower().decode("ascii"), [])
            values.append(found[2].strip(_BLANKS).decode("latin-1"))
        elif line[0] not in _BLANKS:
            values, is_sound = None, False
        elif values is not None and (more := _FOLDED.fullmatch(line)):
            folded.append(more[1])
        else:
            is_sound = False
    _unfold(values, folded)
    return Headers(fields, is_sound=is_sound)


def _unfold(values: list[str] | None, folded: list[bytes]) -> None:
    """Join the last of `values` with what is folded under it, each line once: 20,000 of them are not copied 20,000 times."""
    if values and folded:
        lines = (line.strip(_BLANKS).decode("latin-1") for line in folded)
        values[-1] = " ".join((values[-1], *lines)).strip(" \t")
        folded.clear()

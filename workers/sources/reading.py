"""How the lists of a command are read: what the user has said about them."""

from dataclasses import dataclass
from typing import Self

from workers.errors import UserError
from workers.sources.encodings import codec_of

#: Names of the column or key with the URL, in lower case; the first one that is there has it.
URL_NAMES = ("url", "link", "href")
#: Names of delimiters that are awkward to type.
_WORDS = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
#: Characters that cannot separate columns: they begin a cell in quotes, or end a row.
_NO_DELIMITERS = frozenset('"\r\n\0')


@dataclass(frozen=True, slots=True)
class Reading:
    """Options of lists; None for what each list shows by itself."""

    #: Python's name of the encoding of lists that are not UTF-8.
    encoding: str | None = None
    #: The name of the column or key with the URL, or the column's number from 1 in tables without a header.
    column: str | int | None = None
    #: The character between two columns.
    delimiter: str | None = None
    #: Whether `example.com/story` means `https://example.com/story`.
    assume_https: bool = False

    @classmethod
    def of(
        cls,
        *,
        encoding: str | None = None,
        column: str | None = None,
        delimiter: str | None = None,
        assume_https: bool = False,
    ) -> Self:
        """Return these options as a user writes them. Raises UserError for one that means nothing."""
        return cls(
            encoding=codec_of(encoding) if encoding is not None else None,
            column=_column(column) if column is not None else None,
            delimiter=_delimiter(delimiter) if delimiter is not None else None,
            assume_https=assume_https,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the column or key with the URL may have, in lower case."""
        return (self.column.casefold(),) if isinstance(self.column, str) else URL_NAMES

    @property
    def is_table(self) -> bool:
        """Whether the options say that a list has columns."""
        return self.column is not None or self.delimiter is not None


#: Nothing is said: each list shows by itself how it is read.
BY_ITSELF = Reading()


def _column(text: str) -> str | int:
    name = text.strip()
    if name.isascii() and name.isdigit() and len(name) < 10:  # noqa: PLR2004 - of any table
        if int(name) == 0:
            raise UserError("Columns are counted from 1: the first one is --column 1.")
        return int(name)
    if not name:
        raise UserError("--column needs the name of a column, or its number from 1.")
    return name


def _delimiter(text: str) -> str:
    delimiter = _WORDS.get(text.lower(), text)
    if len(delimiter) != 1 or delimiter in _NO_DELIMITERS:
        raise UserError(f"--delimiter needs one character, or the word tab; {text[:40]!r} is neither.")
    return delimiter

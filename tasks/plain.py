"""Texts that are ASCII but for their typography: most English ones, and several times as fast to take apart."""

from collections.abc import Callable

#: What typography has in place of ASCII: quotes, dashes, dots, a space. None of it is part of a word.
_TYPOGRAPHY = "‘’‚“”„«»–—…•·\u00a0"  # noqa: RUF001


def as_ascii(text: str) -> bytes | None:
    """Return `text` in ASCII, a space for each mark of typography in it; None where it has other characters."""
    if not text.isascii():
        for mark in _TYPOGRAPHY:
            text = text.replace(mark, " ")
        if not text.isascii():
            return None
    return text.encode("ascii")


def lower_case(kept: Callable[[str], bool]) -> bytes:
    """Return the table by which `ascii_words` keeps the characters `kept`, in lower case; the others are spaces."""
    return bytes(code if kept(chr(code)) else 32 for code in range(128)).lower() + bytes(128)


def ascii_words(text: str, table: bytes) -> list[str] | None:
    """Return the words of `text` in order, by a table of `lower_case`; None where `as_ascii` has nothing."""
    plain = as_ascii(text)
    return None if plain is None else plain.translate(table).decode("ascii").split()

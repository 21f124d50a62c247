"""The lines of a list, one at a time, whatever is in them: bytes that are not UTF-8, a line of gigabytes, any line end."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator

from workers.sources.bounds import EXAMINED_LINES, LONGEST_LINE

#: Bytes of lines that are not UTF-8 which make a guess of their encoding sure. It takes a few milliseconds.
_SAMPLE = 10_000


class NotUtf8(str):
    """A line that is not UTF-8: each byte that is invalid is a surrogate (`surrogateescape`)."""

    __slots__ = ()


class TooLong(str):
    """The beginning of a line that is longer than LONGEST_LINE."""

    __slots__ = ()


class Lines:
    """The lines of a list, with their line ends.

    `blocks` is the list in UTF-8 as far as it is (encodings.py). A line is a `str` unless it is `NotUtf8` or `TooLong`.
    Raises what `blocks` raises, after the last whole line.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._whole = _whole_lines(blocks)
        self._block: list[bytes] = []
        #: How many lines have been read, up to the end of the current block.
        self.number = 0
        #: The encoding of the lines that are not UTF-8.
        self.guess = Guess()

    def head(self) -> list[str]:
        """Return the first lines, EXAMINED_LINES at most. Iterating begins with them all the same."""
        self._block = self._block or next(self._whole, [])
        return self._texts(self._block[:EXAMINED_LINES])

    def __iter__(self) -> Iterator[str]:
        self._block = self._block or next(self._whole, [])
        while self._block:
            self.number += len(self._block)
            yield from self._texts(self._block)
            self._block = next(self._whole, [])

    def readable(self, cells: Iterable[str]) -> list[str]:
        """Return parts of a line that is `NotUtf8` as they read."""
        return [cell if cell.isascii() else self.guess.decoded(cell) for cell in cells]

    def _texts(self, lines: list[bytes]) -> list[str]:
        try:
            texts = list(map(bytes.decode, lines))
        except UnicodeDecodeError:
            self.guess.see(self._block)
            texts = list(map(_text, lines))
        # A block is shorter than LONGEST_LINE: only a line that began before it can be longer.
        if lines and len(lines[0]) > LONGEST_LINE:
            texts[0] = TooLong(texts[0])
        return texts


class Guess:
    """The encoding of what is not UTF-8, from a sample of lines that are not."""

    def __init__(self) -> None:
        self._sample = b""
        self._seen: list[bytes] | None = None
        #: Python's name of the encoding; None while every line was UTF-8.
        self.encoding: str | None = None

    def see(self, block: list[bytes]) -> None:
        """Take the lines of a block that are not UTF-8 into the sample, until it is large enough."""
        if block is self._seen or len(self._sample) >= _SAMPLE:
            return
        from tasks.extract.encoding.guess import guess  # noqa: PLC0415 - few lists need it

        self._seen = block
        for line in block:
            if len(self._sample) < _SAMPLE and not _is_utf8(line):
                self._sample += line[:_SAMPLE]
        self.encoding = guess(self._sample)

    def decoded(self, text: str) -> str:
        """Return a part of a line that is not UTF-8 as it reads: as UTF-8 if that part is, else by the guess."""
        raw = text.encode(errors="surrogateescape")
        return raw.decode("utf-8" if _is_utf8(raw) else self.encoding or "cp1252", "replace")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return NotUtf8(line.decode(errors="surrogateescape"))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    r"""Yield the lines of each block, the first with what the block before had of it. Lines end with \n, \r\n or \r."""
    rest = b""
    for block in blocks:
        if len(rest) > LONGEST_LINE and not rest.endswith(b"\r"):
            block = block[_line_end(block) :]  # noqa: PLW2901 - the line is cut
            if not block:
                continue
        data = rest + block
        lines, rest = data.splitlines(keepends=True), b""
        if lines and not lines[-1].endswith(b"\n"):  # a \r may be half of \r\n
            rest = lines.pop()
            if len(rest) > LONGEST_LINE and not rest.endswith(b"\r"):
                rest = rest[: LONGEST_LINE + 1]
        if BOM_UTF8 in data:  # of lists that were concatenated
            lines = [line.removeprefix(BOM_UTF8) for line in lines]
        if lines:
            lines[0] = lines[0][: LONGEST_LINE + 1]
            yield lines
    if rest:
        yield [rest.removeprefix(BOM_UTF8)]


def _line_end(block: bytes) -> int:
    """Return the index of the first line end, the length of the block if there is none."""
    ends = (block.find(b"\n"), block.find(b"\r"))
    return min((end for end in ends if end >= 0), default=len(block))

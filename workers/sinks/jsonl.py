"""JSON lines: one object per line."""

from collections.abc import Sequence
from typing import IO

import msgspec

from workers.sinks.sink import SettledArticle


class JsonLinesSink:
    """Writes one JSON object per line, in UTF-8."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encoder = msgspec.json.Encoder()

    def write(self, batch: Sequence[SettledArticle]) -> None:
        """Write the batch."""
        for one in batch:
            self._file.write(self._encoder.encode(one.fields) + b"\n")

    def close(self) -> None:
        """Do nothing: nothing is buffered."""

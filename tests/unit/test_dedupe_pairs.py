"""The scores on pairs of articles, where NEWSMILL_DATA names the folder that has them (docs/duplicates.md)."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.dedupe.minhash import NEAR, signature, similar

PAIRS = Path(os.environ.get("NEWSMILL_DATA", "/nowhere")) / "dedupe" / "pairs.jsonl.gz"

pytestmark = pytest.mark.skipif(not PAIRS.exists(), reason="NEWSMILL_DATA has no dedupe/pairs.jsonl.gz")


def pairs() -> Iterator[dict[str, Any]]:
    with gzip.open(PAIRS, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_edited_articles_are_found_and_others_are_not() -> None:
    told = [
        (pair["duplicate"], similar(signature(pair["a"]), signature(pair["b"])) >= NEAR) for pair in pairs()
    ]
    right = told.count((True, True))
    precision = right / (right + told.count((False, True)))
    recall = right / (right + told.count((True, False)))
    assert precision >= 0.99
    assert 2 * precision * recall / (precision + recall) >= 0.98

"""The fourth stage: which articles have the same content, or nearly so."""

from tasks.dedupe.minhash import NEAR, VERSION, Signature, signature, similar
from tasks.dedupe.stage import ContentIndex, MemoryContentIndex, Original, dedupe
from tasks.dedupe.text import content_id, normalise

__all__ = [
    "NEAR",
    "VERSION",
    "ContentIndex",
    "MemoryContentIndex",
    "Original",
    "Signature",
    "content_id",
    "dedupe",
    "normalise",
    "signature",
    "similar",
]

"""The data file `topics.zip`: what the build script found out, and what the tagger reads.

Members: `about.json` (an `About`), `concepts.json` (a list of `Concept`), and the linear model: `model.json`,
`features.txt` (one a line, in row order), `weights.bin` and `rarities.bin` (see `LinearModel`). A zip, because
`unzip -p` shows what is in it.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from tasks.topics.gazetteer import Concept
from tasks.topics.linear import LinearModel


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data comes from, how it was made, and how good it is."""

    #: Whose work it is derived from, and on which terms; NOTICE says the same.
    attribution: tuple[str, ...]
    #: Name and release of the vocabulary.
    taxonomy: str
    #: Seed of the held-out choice and of the order of training.
    seed: int
    #: What the build measured (build.py says how), by name.
    measured: dict[str, float]


@dataclass(frozen=True, slots=True)
class Archive:
    """The content of a data file."""

    about: About
    concepts: tuple[Concept, ...]
    model: LinearModel


class _Shape(msgspec.Struct, frozen=True):
    topics: tuple[str, ...]
    weight_step: float
    rarity_step: float


def read_archive(data: bytes) -> Archive:
    """Return what `write_archive` packed; KeyError, zipfile or msgspec errors where it is something else."""
    members = _unpack(data)
    shape = msgspec.json.decode(members["model.json"], type=_Shape)
    model = LinearModel(
        topics=shape.topics,
        rows={feature: row for row, feature in enumerate(members["features.txt"].decode().split("\n"))},
        weights=memoryview(members["weights.bin"]).cast("b"),
        rarities=members["rarities.bin"],
        weight_step=shape.weight_step,
        rarity_step=shape.rarity_step,
    )
    about = msgspec.json.decode(members["about.json"], type=About)
    return Archive(about, msgspec.json.decode(members["concepts.json"], type=tuple[Concept, ...]), model)


def write_archive(archive: Archive) -> bytes:
    """Return the bytes of a data file; the same bytes for the same content."""
    model = archive.model
    shape = _Shape(model.topics, model.weight_step, model.rarity_step)
    return _pack(
        {
            "about.json": msgspec.json.format(msgspec.json.encode(archive.about), indent=2),
            "concepts.json": msgspec.json.encode(archive.concepts),
            "model.json": msgspec.json.encode(shape),
            "features.txt": "\n".join(model.rows).encode(),
            "weights.bin": model.weights.tobytes(),
            "rarities.bin": model.rarities,
        }
    )


def digest(data: bytes) -> str:
    """Return 8 hex digits that change with anything in the data file that can change a topic."""
    members = _unpack(data)
    del members["about.json"]
    return blake2b(b"\0".join(members.values()), digest_size=4).hexdigest()


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _pack(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in members.items():
            # A ZipInfo of its own dates from 1980 and not from now.
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()

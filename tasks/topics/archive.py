"""The data file `topics.zip`, which build.py writes and the taggers read.

Members: `about.json` (an `About`), `concepts.json` (a list of `Concept`), `shape.json`, and the weights of the
classifiers as `.npy` with 16 bits a number. `unzip -p` shows the JSON.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np

from tasks.topics.gazetteer import Concept
from tasks.topics.probe import Matrix, Probe


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data is from, how it was made, and what was measured."""

    #: Works that it is derived from, with their terms; the same as in NOTICE.
    attribution: tuple[str, ...]
    #: Name of the vocabulary, and its release.
    taxonomy: str
    release: str
    #: The encoder whose vectors the classifiers were trained on.
    encoder: str
    #: blake2b-16 of each file that was trained on, in hex, by the file's name.
    data: dict[str, str]
    #: Texts trained on, by kind.
    trained_on: dict[str, int]
    #: Seed of the choice of held-out texts.
    seed: int
    #: Results of the build's measurements, by name.
    measured: dict[str, float]


class Zeroshot(msgspec.Struct, frozen=True):
    """Turns the similarity of a text and a topic's description into a probability (Platt's sigmoid)."""

    #: Per unit of cosine above the average text's.
    slope: float
    offset: float


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """The content of a data file."""

    about: About
    concepts: tuple[Concept, ...]
    #: Top-level topics, from the encoder's vector.
    top: Probe
    #: The same in languages that the encoder does not know.
    elsewhere: Probe
    #: Concepts of the second level, from the encoder's vector.
    below: Probe
    zeroshot: Zeroshot
    #: Mean vector of the headlines: the average text.
    usual: Matrix


class _Shape(msgspec.Struct, frozen=True):
    topics: tuple[str, ...]
    below: tuple[str, ...]
    zeroshot: Zeroshot


def read_archive(data: bytes) -> Archive:
    """Return the archive that `write_archive` wrote; KeyError, zipfile or msgspec errors for other data."""
    members = _unpack(data)
    shape = msgspec.json.decode(members["shape.json"], type=_Shape)
    return Archive(
        about=msgspec.json.decode(members["about.json"], type=About),
        concepts=msgspec.json.decode(members["concepts.json"], type=tuple[Concept, ...]),
        top=Probe(shape.topics, _array(members["top.npy"])),
        elsewhere=Probe(shape.topics, _array(members["elsewhere.npy"])),
        below=Probe(shape.below, _array(members["below.npy"])),
        zeroshot=shape.zeroshot,
        usual=_array(members["usual.npy"]),
    )


def write_archive(archive: Archive) -> bytes:
    """Return the bytes of a data file, the same for the same content."""
    shape = _Shape(archive.top.labels, archive.below.labels, archive.zeroshot)
    return _pack(
        {
            "about.json": msgspec.json.format(msgspec.json.encode(archive.about), indent=2),
            "concepts.json": msgspec.json.encode(archive.concepts),
            "shape.json": msgspec.json.encode(shape),
            "top.npy": _bytes(archive.top.weights),
            "elsewhere.npy": _bytes(archive.elsewhere.weights),
            "below.npy": _bytes(archive.below.weights),
            "usual.npy": _bytes(archive.usual),
        }
    )


def digest(data: bytes, *beside: object) -> str:
    """Return 8 hex digits that change with `beside`, and with all in the data file that can change a topic."""
    members = _unpack(data)
    del members["about.json"]
    return blake2b(b"\0".join([*members.values(), repr(beside).encode()]), digest_size=4).hexdigest()


def _array(member: bytes) -> Matrix:
    loaded: Any = np.load(io.BytesIO(member), allow_pickle=False)
    return np.ascontiguousarray(loaded, dtype=np.float32)


def _bytes(array: Matrix) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array.astype(np.float16), allow_pickle=False)
    return buffer.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _pack(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in members.items():
            # A ZipInfo of our own has a date in 1980, not the current one.
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()

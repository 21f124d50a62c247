"""Sidecars: a JSON file beside a saved page, which says where the page is from: page.html.json or page.json for page.html."""

import os
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tasks.fetch.fetchers import document_suffixes
from workers.sources.regular_files import NotRegularError, Open, opener_in
from workers.sources.unpacked import PACKED, without_packing

_SUFFIX = ".json"
#: Largest sidecar, in bytes: its keys are kept with the article up to 1 KB (submit.py).
_LARGEST = 256 * 1024


class SidecarError(ValueError):
    """A sidecar cannot be read."""


class StrangeSidecarError(SidecarError):
    """A sidecar is no regular file, or a link that leads out of the folder."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path = path


def sidecar_of(document: Path, folder: Path | None = None) -> dict[str, Any]:
    """Return what the document's sidecar says of it, if that has a text under `url`; nothing otherwise.

    It has to be inside of `folder`, the document's own if None: nobody has named it. Raises SidecarError for a sidecar that
    cannot be read, is not a JSON object, or is larger than 256 KB.
    """
    for path in _sidecars(document):
        if os.path.lexists(path) and not path.is_dir():
            value = _read(path, opener_in(folder or document.parent))
            return value if isinstance(value.get("url"), str) else {}
    return {}


def is_sidecar(name: str, names: Container[str]) -> bool:
    """Tell whether `name` is the sidecar of a document in its folder, which has files with these `names`.

    All are in lower case.
    """
    if not name.endswith(_SUFFIX):
        return False
    stem = name.removesuffix(_SUFFIX)
    pages = [stem + suffix for suffix in document_suffixes()]
    if without_packing(Path(stem)).suffix in document_suffixes():
        pages.append(stem)
    return any(page + packed in names for page in pages for packed in ("", *PACKED))


def _sidecars(document: Path) -> Iterator[Path]:
    plain = without_packing(document)
    for path in dict.fromkeys((document, plain, plain.with_suffix(""))):
        yield path.with_name(path.name + _SUFFIX)


def _read(path: Path, opened: Open) -> dict[str, Any]:
    try:
        with opened(path) as file:
            body = file.read(_LARGEST + 1)
        value = msgspec.json.decode(body) if len(body) <= _LARGEST else None
    except NotRegularError as error:
        raise StrangeSidecarError(path, str(error)) from error
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        raise SidecarError(str(error)) from error
    if not isinstance(value, dict):
        raise SidecarError("is not a JSON object")
    return value

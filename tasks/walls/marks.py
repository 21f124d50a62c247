"""Whose wall a page or an answer is: strings in the markup, and headers, by vendor (marks.toml)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Vendor:
    """What shows that a wall is this vendor's."""

    name: str
    markup: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    server: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a vendor that was found, and where, as a sentence for people has it."""

    vendor: str
    found: str


@cache
def vendors() -> tuple[Vendor, ...]:
    """Return the vendors of marks.toml, read once: 3 ms."""
    tables = tomllib.loads(Path(__file__).with_name("marks.toml").read_text("utf-8"))
    return tuple(
        Vendor(
            name,
            tuple(table.get("markup", ())),
            tuple(table.get("text", ())),
            tuple((header, value) for header, value in table.get("headers", ())),
            tuple((header, value) for header, value in table.get("server", ())),
        )
        for name, table in tables.items()
    )


@cache
def names_of_decisive_headers() -> frozenset[str]:
    """Return the headers that only challenges and blocks have, in lower case."""
    return frozenset(header for vendor in vendors() for header, _ in vendor.headers)


def mark_in_markup(html: str, shown: str = "") -> Mark | None:
    """Return the first mark of a vendor in the page `html`, unless the page shows it as text (`shown`)."""
    for vendor in vendors():
        for mark in vendor.markup:
            if mark in html and mark not in shown:
                return Mark(vendor.name, f"{mark} in its markup")
    return None


def mark_in_text(text: str) -> Mark | None:
    """Return the first mark of a vendor in the folded `text` of a page."""
    for vendor in vendors():
        for mark in vendor.text:
            if mark in text:
                return Mark(vendor.name, f"“{mark}”")
    return None


def decisive_header(headers: Mapping[str, str]) -> Mark | None:
    """Return the mark of a challenge or a block among `headers`, whose names are lower case; None for none."""
    return _header(headers, decisive=True)


def server_of_answer(headers: Mapping[str, str]) -> Mark | None:
    """Return whose server has answered, by `headers`, whose names are lower case; None for nobody's that is known."""
    return _header(headers, decisive=False)


def _header(headers: Mapping[str, str], *, decisive: bool) -> Mark | None:
    for vendor in vendors():
        for name, value in vendor.headers if decisive else vendor.server:
            if name in headers and value in headers[name].lower():
                return Mark(vendor.name, f"{name}: {headers[name][:60]}")
    return None

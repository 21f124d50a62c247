"""The program itself: its settings, its packages."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from workers.inspect.doctor.finding import Finding, ok, trouble, warning
from workers.settings import Settings
from workers.unknown_settings import warnings

_PROGRAM = "newsmill"


def variables(_: Settings) -> Iterator[Finding]:
    """Find variables that look like settings and are none."""
    unknown = list(warnings(os.environ, Path(".env")))
    for line in unknown:
        found, advice = f"{line} ".split(". ", 1)
        yield warning("settings", found, advice.strip())
    if not unknown:
        yield ok("settings", "all variables are known")


def contact(settings: Settings) -> Iterator[Finding]:
    """Find a missing contact."""
    if settings.contact:
        yield ok("contact", settings.contact)
    else:
        yield warning(
            "contact", "not set: sites that you fetch from cannot reach you", "Set NEWSMILL_CONTACT."
        )


def packages(_: Settings) -> Iterator[Finding]:
    """Find a Python or packages that this version of newsmill is not made for; it uses private parts of some."""
    try:
        wanted = metadata(_PROGRAM)
    except PackageNotFoundError:
        yield warning(
            "packages",
            "newsmill is not installed as a package, so its requirements are unknown",
            "Use pip install.",
        )
        return
    unfit = list(filter(None, map(_unfit, wanted.get_all("Requires-Dist") or ())))
    python, needed = platform.python_version(), wanted["Requires-Python"]
    if not SpecifierSet(needed).contains(python, prereleases=True):
        unfit.append(f"Python {python} (needed: {needed})")
    if unfit:
        yield trouble("packages", ", ".join(unfit), "Install newsmill again, in an environment of its own.")
    else:
        yield ok("packages", f"{_PROGRAM} {version(_PROGRAM)}, Python {python}; all packages fit")


def _unfit(line: str) -> str | None:
    """Return what is wrong with an installed package, None if it fits or is not needed here."""
    wanted = Requirement(line)
    if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
        return None
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is missing"
    fits = wanted.specifier.contains(found, prereleases=True)
    return None if fits else f"{wanted.name} {found} (needed: {wanted.specifier})"

"""`newsmill settings`: every setting, its value, where the value comes from, and its meaning, as a file `.env`.

A setting that has its default is commented out, so that the whole list can be `.env` and changes nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource
from rich.console import RenderableType
from rich.text import Text

from workers.masking import masked
from workers.output.blocks import Paragraph
from workers.output.printable import printable
from workers.settings import PREFIX, Settings, as_variable

#: What a line of `.env` may have without quotes: all but white space, quotes, #, $ and the backslash.
_PLAIN = re.compile(r"[^\s'\"#$\\\x00-\x1f]*")
#: What stands before an origin; `by` before an option.
_PLACES = {"environment": "in the", ".env": "in"}


class Setting(NamedTuple):
    """One setting; `value` has JSON types, and masked secrets."""

    variable: str
    value: Any
    origin: str
    description: str
    #: Whether the value has a password, which is hidden.
    masked: bool = False

    def line(self) -> str:
        """Return it as a line of `.env`; a comment if it has its default, or is masked."""
        line = f"{self.variable}={_quoted(as_variable(self.value))}"
        return f"# {line}" if self.origin == "default" or self.masked else line


def describe(settings: Settings, options: Mapping[str, str] | None = None) -> list[Setting]:
    """Return all settings; `origin` is `environment`, `.env`, `default`, or the option in `options` that set the field."""
    values, hidden = _masked_values(settings)
    origins = {
        **dict.fromkeys(DotEnvSettingsSource(Settings)(), ".env"),
        **dict.fromkeys(EnvSettingsSource(Settings)(), "environment"),
        **(options or {}),
    }
    return [
        Setting(
            variable=PREFIX + name.upper(),
            value=values[name],
            origin=origins.get(name, "default"),
            description=field.description or "",
            masked=name in hidden,
        )
        for name, field in Settings.model_fields.items()
    ]


def _masked_values(settings: Settings) -> tuple[dict[str, Any], set[str]]:
    """Return the values as JSON types, with passwords masked, and the names of those that had one."""
    secret: dict[str, Any] = {
        name: getattr(settings, name).get_secret_value() for name in ("redis_url", "database_url")
    }
    secret["content_redis_urls"] = [one.get_secret_value() for one in settings.content_redis_urls]
    safe = {
        name: [masked(one) for one in value] if isinstance(value, list) else masked(value)
        for name, value in secret.items()
    }
    return settings.model_dump(mode="json") | safe, {name for name in safe if safe[name] != secret[name]}


def settings_list(settings: list[Setting]) -> Iterator[RenderableType]:
    """Yield the lines: each setting, and its meaning as a comment below."""
    for one in settings:
        style = "" if one.origin == "default" else "bold"
        yield Text(printable(one.line()), style, no_wrap=True, overflow="ignore")
        origin = "" if one.origin == "default" else f"Set {_PLACES.get(one.origin, 'by')} {one.origin}. "
        hidden = "Its password is hidden. " if one.masked else ""
        yield Paragraph(Text(f"{origin}{hidden}{one.description}", "dim"), "    # ")


def _quoted(value: str) -> str:
    """Return a value as `.env` takes it. `${:-$}` stands for a dollar sign, since `${` begins the name of a variable."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "${:-$}{")
    return f"'{escaped}'"

"""`newsmill settings`: every setting, its value, where the value comes from, and its meaning."""

from typing import Any, NamedTuple

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from workers.settings import PREFIX, Settings, masked


class Setting(NamedTuple):
    """One setting; `value` has JSON types, and masked secrets."""

    variable: str
    value: Any
    origin: str
    description: str


def describe(settings: Settings) -> list[Setting]:
    """Return all settings; `origin` is `environment`, `.env` or `default`."""
    values = settings.model_dump(mode="json")
    values |= {
        name: masked(getattr(settings, name).get_secret_value()) for name in ("redis_url", "database_url")
    }
    values["content_redis_urls"] = [masked(one.get_secret_value()) for one in settings.content_redis_urls]
    environment, dotenv = EnvSettingsSource(Settings)(), DotEnvSettingsSource(Settings)()
    return [
        Setting(
            variable=PREFIX + name.upper(),
            value=values[name],
            origin="environment" if name in environment else ".env" if name in dotenv else "default",
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def settings_table(settings: list[Setting]) -> RenderableType:
    """Return the settings as a table."""
    table = Table("variable", "value", "from", "meaning", show_lines=False, pad_edge=False)
    table.columns[0].no_wrap = True
    for column in table.columns:
        column.overflow = "fold"
    for one in settings:
        style = "" if one.origin == "default" else "bold"
        value = "" if one.value is None else str(one.value)
        table.add_row(one.variable, escape(value), one.origin, escape(one.description), style=style)
    note = "Set them in the environment or in the file .env of the working folder. The environment has precedence."
    return Group(table, note)

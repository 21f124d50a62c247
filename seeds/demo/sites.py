"""The sites of the demo (sites.toml): name, template, charset, robots.txt."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One host that publishes stories."""

    #: Host name without port.
    host: str
    name: str
    #: File in templates/.
    template: str
    #: How the site writes a day in its byline, for strftime.
    day: str
    #: Charset of the bytes.
    encoding: str = "utf-8"
    #: Value of the Content-Type header; one site sends no charset, as old servers do.
    content_type: str = "text/html; charset=utf-8"
    #: Paths that its robots.txt disallows.
    disallow: tuple[str, ...] = ()


@cache
def load_sites() -> dict[str, Site]:
    """Return the sites by host; msgspec.ValidationError names a wrong entry."""
    text = Path(__file__).with_name("sites.toml").read_text(encoding="utf-8")
    sites = msgspec.convert(tomllib.loads(text)["site"], list[Site])
    return {site.host: site for site in sites}

"""`newsmill export`: the articles as a file."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from datetime import datetime
from pathlib import Path
from typing import Annotated

from workers.cli.common import read_settings
from workers.cli.options import (
    HostOption,
    LimitOption,
    OutcomeName,
    ReasonOption,
    StageOption,
    choice,
    filter_of,
    option,
    some_of,
)
from workers.sinks.sink import FILE_SINKS
from workers.times import moment


def _formats() -> list[str]:
    return list(FILE_SINKS)


def _format(name: str) -> str:
    """Return the name of a format; ValueError for an unknown one."""
    if name not in FILE_SINKS:
        raise ValueError(f"{name!r} is not one of {', '.join(FILE_SINKS)}")
    return name


def export(
    *,
    format_: Annotated[
        str | None,
        option(
            "Format of the output. By default the ending of --output decides, else JSON lines.",
            "--format",
            parser=_format,
            metavar="|".join(FILE_SINKS),
            autocompletion=some_of(_formats),
        ),
    ] = None,
    output: Annotated[
        Path | None, option("File to write to, instead of standard output.", "--output", "-o", metavar="file")
    ] = None,
    outcome: Annotated[OutcomeName | None, choice("Only articles with this outcome.", OutcomeName)] = None,
    reason: ReasonOption = None,
    stage: StageOption = None,
    language: Annotated[
        str | None, option("Only articles in this language, e.g. de.", metavar="language")
    ] = None,
    topic: Annotated[
        str | None,
        option("Only articles with this topic: its id, or the beginning of its label.", metavar="topic"),
    ] = None,
    host: HostOption = None,
    since: Annotated[
        datetime | None,
        option(
            "Only articles settled at this time or later, e.g. 2025-04-16 or 2h.",
            parser=moment,
            metavar="time",
        ),
    ] = None,
    until: Annotated[
        datetime | None, option("Only articles settled before this time.", parser=moment, metavar="time")
    ] = None,
    made_by: Annotated[
        str | None,
        option(
            "Only articles for which a stage had this version, or one that begins with it.",
            "--made-by",
            metavar="version",
        ),
    ] = None,
    not_made_by: Annotated[
        str | None,
        option(
            "Only articles for which no stage had this version, or one that begins with it.",
            "--not-made-by",
            metavar="version",
        ),
    ] = None,
    limit: LimitOption = None,
) -> None:
    """Write the articles, one flat object each, in the order in which they were settled.

    --made-by and --not-made-by compare the fields extractor, detector, deduper, tagger and taxonomy.

    Example: `newsmill export --outcome enriched --since 2h | jq .title`

    Example: `newsmill export --outcome enriched --not-made-by minhash-1 | jq -r .url`
    """
    from workers.inspect.connections import open_rows
    from workers.inspect.export import export as write

    filter_ = filter_of(
        outcome=outcome,
        reason=reason,
        stage=stage,
        language=language,
        topic=topic,
        host=host,
        since=since,
        until=until,
        made_by=made_by,
        not_made_by=not_made_by,
    )
    with open_rows(read_settings()) as store:
        write(store, filter_, format_=format_, output=output, limit=limit)

"""`newsmill run`: the whole system on this machine."""
# ruff: noqa: PLC0415 - modules are imported when a command is called, so that `--help` is fast

from typing import Annotated

import typer

from workers.cli.common import read_settings
from workers.cli.options import (
    AgainOption,
    AssumeHttpsOption,
    ColumnOption,
    DelimiterOption,
    EncodingOption,
    JsonOption,
    PriorityOption,
    ReasonOption,
    RefusedOption,
    SourcesArgument,
    TakeOverOption,
    filter_of,
    option,
    priority_of,
)
from workers.cli.streams import notes, print_json


def run(
    sources: SourcesArgument = None,
    *,
    demo: Annotated[
        bool, option("Process the demo's URLs, from the demo's own web server.", "--demo")
    ] = False,
    priority: PriorityOption = "normal",
    again: AgainOption = False,
    take_over: TakeOverOption = False,
    retry_failed: Annotated[
        bool, option("Process failed articles again, all or those with --reason.", "--retry-failed")
    ] = False,
    reason: ReasonOption = None,
    encoding: EncodingOption = None,
    column: ColumnOption = None,
    delimiter: DelimiterOption = None,
    assume_https: AssumeHttpsOption = False,
    refused: RefusedOption = None,
    json: JsonOption = False,
) -> None:
    """Process URLs on this machine until all are done. It starts a Redis, the scheduler and the workers.

    Without sources it continues an earlier run. You can stop it at any time; the next run continues. `newsmill submit
    --help` says what sources there are. The exit code is 1 if nothing of the sources was taken, 130 if Ctrl-C has stopped
    it, 143 if SIGTERM has. JSON has the counts at the end.

    Example: `newsmill run urls.txt`

    Example: `newsmill run --retry-failed --reason unreachable`
    """
    from workers.local.run import LocalRun
    from workers.output.terminal import Terminal
    from workers.sources.reading import Reading

    if demo and sources:
        raise typer.BadParameter("--demo has its own URLs. Process your own without it")
    if reason and not retry_failed:
        raise typer.BadParameter("--reason needs --retry-failed")
    local = LocalRun(
        read_settings(),
        sources or (),
        notes(),
        results=None if json else Terminal(),
        on_end=print_json if json else None,
        demo=demo,
        again=again,
        priority=priority_of(priority),
        take_over=take_over,
        retry=filter_of(reason=reason) if retry_failed else None,
        reading=Reading.of(encoding=encoding, column=column, delimiter=delimiter, assume_https=assume_https),
        refused_to=refused,
    )
    raise typer.Exit(local.run())

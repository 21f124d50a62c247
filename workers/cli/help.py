"""The help of a command: how it is called, what it does, its options and commands, in a terminal of any width.

The types of options are words (`number`, `file`), which each option has as its `metavar`. typer's own help shows the names
of Python's types, and breaks words in a narrow terminal.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from workers.output.blocks import Block, Paragraph

#: Characters that everything below a heading is moved to the right.
_INDENT = 2
_CODE = re.compile("`([^`]*)`")
#: The end of the first sentence, which is a command's line in the list of commands.
_SENTENCE = re.compile(r"\.(?:\s|$)")


def help_of(ctx: Any) -> Iterator[RenderableType]:
    """Yield the parts of the help of a context's command."""
    command = ctx.command
    yield Paragraph(Text.assemble(("Usage: ", "bold"), usage(ctx)))
    for part in (command.help or "").split("\n\n"):
        yield Text()
        yield Paragraph(_words(part), " " * _INDENT)
    for heading, found in _by_panel(getattr(command, "commands", {}).values(), "Commands"):
        yield from _section(heading, [(Text(one.name, "bold cyan"), _first_sentence(one)) for one in found])
    parameters = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    for heading, found in _by_panel(parameters, "Options"):
        yield from _section(heading, [(_name(one), _words(one.help or "")) for one in found])


def usage(ctx: Any) -> str:
    """Return how the command of a context is called: `newsmill why [options] article`."""
    command = ctx.command
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    more = ["command ..."] if hasattr(command, "commands") else map(_place, arguments)
    return " ".join((ctx.command_path, "[options]", *more))


def _place(argument: Any) -> str:
    name = argument.metavar or argument.name
    return (name if argument.required else f"[{name}]") + (" ..." if argument.nargs != 1 else "")


def _by_panel(found: Any, other: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield the headings, in the order in which they come up first, with what stands below each."""

    def heading(one: Any) -> str:
        default = "Arguments" if getattr(one, "param_type_name", "") == "argument" else other
        return getattr(one, "rich_help_panel", None) or default

    found = list(found)
    headings = list(dict.fromkeys(map(heading, found)))
    for name, group in groupby(sorted(found, key=lambda one: headings.index(heading(one))), heading):
        yield name, list(group)


def _section(heading: str, rows: Sequence[tuple[Text, Text]]) -> Iterator[RenderableType]:
    yield Text()
    yield Text(heading, "bold")
    yield Block(rows, _INDENT)


def _name(parameter: Any) -> Text:
    if parameter.param_type_name == "argument":
        return Text(_place(parameter), "bold cyan")
    name = Text(", ".join(sorted(parameter.opts, key=len, reverse=True)), "bold cyan")
    return name if parameter.is_flag else name.append(f" {parameter.metavar}", "yellow not bold")


def _words(text: str) -> Text:
    """Return a paragraph of a docstring: on one line, with `code` in bold."""
    words = Text()
    for number, part in enumerate(_CODE.split(" ".join(text.split()))):
        words.append(f"`{part}`" if number % 2 else part, "bold" if number % 2 else "")
    return words


def _first_sentence(command: Any) -> Text:
    text = " ".join((command.help or "").split())
    end = _SENTENCE.search(text)
    return _words(text[: end.start() + 1] if end else text)

"""What a stage is: a plain function from Article to Article, and all that the system has to know about it.

A stage's package exports one `Stage`, named `STAGE`; tasks/pipeline.py lists them. Everything else follows from
there: the Celery tasks, what a worker loads before it forks, the columns of an export, the versions in a row.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pkgutil import resolve_name
from typing import Any, get_type_hints

import msgspec

from tasks.article import Article

#: A parameter of this name gets the tools object itself (`call`).
_ALL_TOOLS = "tools"

#: What a row has beside the fields of `Article`: no stage may have these names (workers/store/schema.py, workers/sinks/columns.py).
ROW = frozenset(
    (
        *("host", "detail", "stage", "attempts", "deferrals", "settled_at", "history", "record"),
        "day",
    )
)

#: What a stage is to whoever runs it: the next state of the article.
Step = Callable[[Article], Article]


class Pool(StrEnum):
    """How a worker runs many articles at once; the value is Celery's name of the pool."""

    #: For a stage that waits for the network, and keeps its own deadlines: threads know no time limits.
    THREADS = "threads"
    #: For a stage that computes: a page that crashes or never ends takes its process with it, and nothing else.
    PROCESSES = "prefork"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage. Its Celery task is `tasks.<name>`."""

    #: In task names, timings, rows, metric labels and `NEWSMILL_QUEUES`.
    name: str
    #: The function, or `module:function` of one that is imported when it runs first: a fetch worker has no use for
    #: parsers and models. It takes the article; its keyword-only parameters name the tools that it works with.
    run: Callable[..., Article] | str
    #: Default queue. A stage on its predecessor's queue runs in place, in the same process.
    queue: str
    pool: Pool = Pool.PROCESSES
    #: What to load before a worker forks, besides the module of `run`: a function, or `module:function`, whose
    #: keyword-only parameters name tools. Tools that connect to something are not for here.
    load: Callable[..., object] | str | None = None
    #: Fields that the stage adds: names of Article's own, or a struct with those that only this stage knows
    #: (`Article.with_added`).
    adds: tuple[str, ...] | type[msgspec.Struct] = ()
    #: Version of a stage whose results depend on its code alone; it stands in each row under the stage's name.
    version: str = ""
    #: Names under which the function itself notes versions, in `Article.versions` or in a field.
    notes: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        """Return the name of the Celery task: a wire contract, kept for a release when it changes."""
        return f"tasks.{self.name}"

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the type of each field that the stage adds, by its name."""
        if isinstance(self.adds, tuple):
            types = get_type_hints(Article, include_extras=True)
            return {name: types[name] for name in self.adds}
        return get_type_hints(self.adds, include_extras=True)

    @property
    def version_names(self) -> tuple[str, ...]:
        """Return the names under which a row has the versions of what made it."""
        return (self.name, *self.notes) if self.version else self.notes

    def bind(self, tools: object) -> Step:
        """Return the stage's function, working with `tools`; it is imported when the step is taken first."""

        def step(article: Article) -> Article:
            done: Article = call(self.run, tools, article)
            if self.version:
                done = done.evolve(versions={**done.versions, self.name: self.version})
            return done

        return step

    def load_before_fork(self, tools: object) -> None:
        """Load what forked processes share: the function's module, and what `load` says."""
        _resolved(self.run)
        if self.load is not None:
            call(self.load, tools)


def check(stages: Sequence[Stage]) -> None:
    """Raise ValueError where two stages, or a stage and the row of an article, share a name.

    A row has each field and each version under its name alone: one of the two would be lost.
    """
    taken = {field.encode_name for field in msgspec.structs.fields(Article)} | ROW
    for stage in stages:
        if not stage.name.isidentifier():
            raise ValueError(f"The stage {stage.name!r} needs a name of letters, digits and underscores.")
        added = [] if isinstance(stage.adds, tuple) else list(stage.fields)
        noted = [name for name in stage.version_names if name not in stage.fields]
        for name in (*added, *noted):
            if name in taken:
                raise ValueError(f"The stage {stage.name} adds {name!r}, but a row has that name already.")
            taken.add(name)
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names):
        raise ValueError(f"Two stages have one name: {', '.join(sorted(names))}.")


def call(function: Callable[..., Any] | str, tools: object, *args: Any) -> Any:
    """Call a function, or `module:function`, with the tools that its keyword-only parameters name.

    Each is an attribute of `tools`; AttributeError where it has none. A parameter with a default is left alone
    where there is no such tool. One that is named `tools` gets them all, for a function that calls others with them.
    """
    function = _resolved(function)
    chosen = {
        name: tools if name == _ALL_TOOLS else getattr(tools, name)
        for name, required in _tools_of(function).items()
        if required or hasattr(tools, name)
    }
    return function(*args, **chosen)


def tools_of(function: Callable[..., Any] | str) -> tuple[str, ...]:
    """Return the names of the tools that a function, or `module:function`, must be given."""
    named = _tools_of(_resolved(function)).items()
    return tuple(name for name, required in named if required and name != _ALL_TOOLS)


def _resolved(function: Callable[..., Any] | str) -> Callable[..., Any]:
    return _imported(function) if isinstance(function, str) else function


@cache
def _imported(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = resolve_name(name)
    return function


@cache
def _tools_of(function: Callable[..., Any]) -> dict[str, bool]:
    """Return the names of the keyword-only parameters, and whether each has to be given."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name: one.default is one.empty for one in parameters if one.kind is one.KEYWORD_ONLY}

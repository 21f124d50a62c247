"""`newsmill doctor`: looks at everything that newsmill needs, and says what is wrong and what to do.

Nothing is created or changed. All checks run at once, each in a thread, so that a server that hangs delays none of the
others. A new check is a function (finding.py, `Check`) and a line in CHECKS.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from workers.inspect.doctor import (
    database_checks,
    machine_checks,
    pair_checks,
    program_checks,
    redis_checks,
)
from workers.inspect.doctor.finding import Check, Finding, Level, told, trouble
from workers.settings import Settings

#: Seconds until a check counts as having found no answer. Every connection has a limit of its own (PATIENCE); a look-up of
#: a server's name has none.
DEADLINE = 10.0

#: Every check, in the order in which they are shown.
CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "settings": program_checks.variables,
        "contact": program_checks.contact,
        "packages": program_checks.packages,
        "Redis": redis_checks.redis,
        "content Redis": redis_checks.content_servers,
        "database": database_checks.database,
        "rows": pair_checks.rows,
        "identity": pair_checks.identity,
        "tracking parameters": pair_checks.url_keys,
        "processes": pair_checks.processes,
        "messages": redis_checks.messages,
        "clock": pair_checks.clocks,
        "disk": machine_checks.disk,
        "DNS": machine_checks.dns,
        "port": machine_checks.ports,
    }
)
#: Those that ask the ledger.
OF_LEDGER = frozenset({"Redis", "rows", "identity", "tracking parameters", "processes", "messages", "clock"})


def examine(
    settings: Settings, checks: Mapping[str, Check] = CHECKS, deadline: float = DEADLINE
) -> list[Finding]:
    """Return what all checks have found, in their order, within `deadline` seconds."""
    answers: dict[str, Sequence[Finding]] = {}
    threads = [
        threading.Thread(target=_run, args=(name, check, settings, answers), daemon=True)
        for name, check in checks.items()
    ]
    for thread in threads:
        thread.start()
    gives_up = time.monotonic() + deadline
    for thread in threads:
        thread.join(max(gives_up - time.monotonic(), 0))
    return [one for name in checks for one in answers.get(name, [_no_answer(name, deadline)])]


def _run(name: str, check: Check, settings: Settings, answers: dict[str, Sequence[Finding]]) -> None:
    try:
        answers[name] = list(check(settings))
    except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
        answers[name] = [trouble(name, f"cannot be checked: {told(error)}", "Please report this.")]


def _no_answer(name: str, deadline: float) -> Finding:
    return trouble(name, f"no answer within {deadline:g} s", "Check the network, and the names in the URLs.")


__all__ = ["CHECKS", "OF_LEDGER", "Check", "Finding", "Level", "examine"]

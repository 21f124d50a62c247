"""What Celery's worker is told for each queue."""

import os
from typing import Any

import pytest

from workers.delivery.service import worker_arguments
from workers.errors import UserError
from workers.settings import load_settings


def option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1]


def arguments_for(queue: str, **settings: Any) -> list[str]:
    return worker_arguments(load_settings(_env_file=None, **settings), queue)


def test_the_queue_that_fetches_is_worked_on_by_threads() -> None:
    arguments = arguments_for("fetch", fetch_threads=7)
    assert (option(arguments, "--queues"), option(arguments, "--pool")) == ("fetch", "threads")
    assert option(arguments, "--concurrency") == "7"


@pytest.mark.parametrize(("processes", "size"), [(3, "3"), (None, str(os.cpu_count()))])
def test_any_other_queue_is_worked_on_by_processes(processes: int | None, size: str) -> None:
    arguments = arguments_for("enrich", enrich_processes=processes)
    assert (option(arguments, "--pool"), option(arguments, "--concurrency")) == ("prefork", size)


def test_a_queue_of_its_own_for_a_stage_is_a_queue_like_others() -> None:
    assert option(arguments_for("topics", queues={"tag_topics": "topics"}), "--pool") == "prefork"
    assert option(arguments_for("pages", queues={"fetch": "pages"}), "--pool") == "threads"
    with pytest.raises(UserError, match="The queues are: enrich, fetch"):
        arguments_for("topics")


def test_two_workers_on_one_machine_have_names_of_their_own() -> None:
    assert option(arguments_for("fetch"), "--hostname").endswith(f"-{os.getpid()}")
    assert option(arguments_for("fetch"), "--hostname").startswith("fetch@")


def test_task_events_are_sent_only_if_they_are_asked_for() -> None:
    assert "--task-events" not in arguments_for("fetch")
    assert "--task-events" in arguments_for("fetch", task_events=True)

"""What the settings make of the fetch stage's tools."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from tasks.fetch.conditional_get import NoRows
from workers.delivery.http_client import NO_CONTACT, make_client
from workers.delivery.runtime import Runtime
from workers.settings import Settings, SettingsError, load_settings


def settings(**changes: Any) -> Settings:
    return load_settings(_env_file=None, **changes)


@pytest.mark.parametrize(("contact", "warned"), [("", [NO_CONTACT]), ("mailto:bot@mill.example", [])])
def test_a_worker_that_sends_without_a_contact_says_so_once(contact: str, warned: list[str]) -> None:
    runtime = Runtime(settings(contact=contact))
    with capture_logs() as logs:
        for _ in range(2):
            assert runtime.client
    assert [line["event"] for line in logs] == warned


def test_the_user_agent_names_the_project_and_the_contact() -> None:
    client = make_client(settings(contact="https://mill.example/bot"))
    assert b"User-Agent: newsmill/0.1 (+https://mill.example/bot)\r\n" in client._headers


def test_opt_outs_that_nobody_knows_are_no_setting() -> None:
    assert settings(reject_opt_outs="noai, tdm-reservation").reject_opt_outs == ("noai", "tdm-reservation")
    with pytest.raises(SettingsError, match="NEWSMILL_REJECT_OPT_OUTS: unknown opt-out: noia"):
        settings(reject_opt_outs="noia")


def test_rows_are_not_asked_for_where_every_page_is_to_be_made_anew() -> None:
    assert isinstance(Runtime(settings(keep_unchanged=False)).rows, NoRows)


def test_a_child_process_gets_the_opt_outs_as_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings(reject_opt_outs=("noai", "tdm-reservation"))
    for name, value in chosen.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings(_env_file=None).reject_opt_outs == ("noai", "tdm-reservation")

"""What an operator says of hosts: whose rules count, and what they do to a URL."""

from typing import Any

import pytest

from tasks.errors import Reason, Rejected, TryLater
from tasks.hosts import HostList, HostRule, names_of

DENY, PAUSE = HostRule(deny=True), HostRule(pause=True)


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("a.b.test", ["a.b.test", "b.test", "test"]),
        ("a.test:8080", ["a.test:8080", "a.test", "test"]),
        ("localhost", ["localhost"]),
        ("127.0.0.1", ["127.0.0.1"]),
        ("127.0.0.1:80", ["127.0.0.1:80", "127.0.0.1"]),
        ("[::1]:80", ["[::1]:80", "[::1]"]),
        ("[::1]", ["[::1]"]),
        ("", [""]),
    ],
)
def test_a_rule_is_for_a_host_and_those_below_it(host: str, names: list[str]) -> None:
    assert list(names_of(host)) == names


def ending(hosts: HostList, url: str) -> Reason | None:
    try:
        hosts.check(url)
    except (Rejected, TryLater) as found:
        return found.reason
    return None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.test/x", Reason.HOST_DENIED),
        ("https://www.a.test/x", Reason.HOST_DENIED),
        ("https://www.a.test:8443/x", Reason.HOST_DENIED),
        ("http://nota.test/x", None),
        ("http://b.test/x", Reason.HOST_PAUSED),
        ("http://c.test:81/", Reason.HOST_DENIED),
        ("http://c.test/", None),
        ("file:///a.html", None),
    ],
)
def test_what_is_denied_and_what_waits(url: str, reason: Reason | None) -> None:
    rules = {"a.test": DENY, "b.test": PAUSE, "c.test:81": DENY}
    assert ending(HostList(rules), url) is reason
    assert ending(HostList({}, rules), url) is reason
    assert ending(HostList(), url) is None


@pytest.mark.parametrize(
    ("commands", "file", "reason"),
    [
        ({"a.test": DENY}, {"www.a.test": HostRule(deny=False)}, None),
        ({"a.test": DENY}, {"www.a.test": HostRule(interval=5)}, Reason.HOST_DENIED),
        ({"www.a.test": PAUSE}, {"www.a.test": DENY}, Reason.HOST_DENIED),
        ({"www.a.test": HostRule(deny=False)}, {"www.a.test": DENY}, None),
        ({"www.a.test": HostRule(pause=True, deny=True)}, {}, Reason.HOST_DENIED),
    ],
)
def test_of_each_field_the_longest_name_counts_and_commands_before_the_file(
    commands: dict[str, HostRule], file: dict[str, HostRule], reason: Reason | None
) -> None:
    assert ending(HostList(commands, file), "http://www.a.test/x") is reason


@pytest.mark.parametrize(
    ("path", "denied"),
    [
        ("/archive/1", True),
        ("/news/1", False),
        ("/news/1?print=1", True),
        ("/caf%C3%A9", True),
        ("/robots.txt", False),
    ],
)
def test_paths_are_denied_as_in_robots_txt(path: str, denied: bool) -> None:
    hosts = HostList({}, {"a.test": HostRule(paths=("/archive/", "/*?print=", "/caf\u00e9"))})
    assert (ending(hosts, f"http://a.test{path}") is Reason.HOST_DENIED) is denied


def test_the_detail_says_who_has_said_so_and_why() -> None:
    with pytest.raises(Rejected) as denied:
        HostList({"a.test": HostRule(deny=True, note="they wrote")}).check("http://www.a.test/")
    assert denied.value.detail == "a.test is denied by `newsmill hosts deny` (they wrote)."
    with pytest.raises(TryLater) as paused:
        HostList({}, {"a.test": PAUSE}).check("http://a.test/")
    assert paused.value.detail == "a.test is paused by the file of hosts."
    assert paused.value.after
    assert not paused.value.whole_host


def test_json_has_null_for_what_is_not_said() -> None:
    (said,) = HostList({}, {"a.test": HostRule(paths=("/a",))})
    shown: dict[str, Any] = said.as_json()
    assert (shown["host"], shown["paths"], shown["from"]) == ("a.test", ["/a"], "file")
    assert {key for key, value in shown.items() if value is None} == {
        "deny",
        "pause",
        "interval",
        "concurrency",
        "note",
    }

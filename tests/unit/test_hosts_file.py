"""NEWSMILL_HOSTS_FILE: what is read, and what is refused with a line that says where."""

from pathlib import Path

import pytest

from tasks.hosts import HostRule
from workers.errors import UserError
from workers.hosts_file import LARGEST, MOST_NAMES, host_name, read_hosts_file

FILE = """
["Example.com"]
deny = true
note = "asked us to stop"

["news.example.org:8080"]
interval = 30
concurrency = 2
paths = ["/archive/", "*print"]
pause = false
"""


def read(tmp_path: Path, text: str | bytes) -> dict[str, HostRule]:
    path = tmp_path / "hosts.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_hosts_file(path)[0]


def test_a_file_has_a_table_for_each_name(tmp_path: Path) -> None:
    assert read(tmp_path, FILE) == {
        "example.com": HostRule(deny=True, note="asked us to stop"),
        "news.example.org:8080": HostRule(
            interval=30, concurrency=2, paths=("/archive/", "*print"), pause=False
        ),
    }
    assert read(tmp_path, "") == {}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text('["a.test"]\ndeny = true\n', encoding="utf-8-sig")
    assert read_hosts_file(tmp_path / "hosts.toml")[0] == {"a.test": HostRule(deny=True)}


def test_the_digest_is_that_of_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    digests = []
    for text in (FILE, FILE, FILE + "\n"):
        path.write_text(text)
        digests.append(read_hosts_file(path)[1])
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = [", "is not TOML"),
        (b"\xff", "is not TOML"),
        ("deny = true", "a rule is a table"),
        ('["a.test"]\ndney = true', "dney means nothing; known are deny"),
        ('["a.test"]\nsince = 1', "since means nothing"),
        ('["a.test"]\ndeny = "yes"', "Expected `bool"),
        ('["a.test"]\ninterval = -1', "interval is 0 to"),
        ('["a.test"]\ninterval = nan', "interval is 0 to"),
        ('["a.test"]\ninterval = inf', "interval is 0 to"),
        ('["a.test"]\nconcurrency = 0', "concurrency is 1 to"),
        ('["a.test"]\nconcurrency = 1.5', "Expected `int"),
        ('["a.test"]\npaths = ["archive"]', "is not a path"),
        ('["a.test"]\npaths = ["/a\\nAllow: /"]', "is not a path"),
        ('["a.test"]\npaths = "/a"', "Expected `array"),
        (f'["a.test"]\nnote = "{"x" * 201}"', "note has more than 200 characters"),
        ('["a b"]\ndeny = true', "has an invalid host name"),
        ('["a.test/x"]\ndeny = true', "is not a host"),
        ('["a.test"]\ndeny = true\n["A.test"]\npause = true', "a.test stands there twice"),
        ("#" * (LARGEST + 1), "has more than 1,000,000 bytes"),
        ("".join(f"a{n}={{}}\n" for n in range(MOST_NAMES + 1)), "has more than 20,000 names"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str | bytes, why: str) -> None:
    with pytest.raises(UserError, match=why) as told:
        read(tmp_path, text)
    assert str(tmp_path) in str(told.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_hosts_file(tmp_path / "hosts.toml")
    with pytest.raises(UserError, match="directory"):
        read_hosts_file(tmp_path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.COM", "example.com"),
        (" example.com. ", "example.com"),
        ("*.example.com", "example.com"),
        (".example.com", "example.com"),
        ("example.com:8080", "example.com:8080"),
        ("example.com:80", "example.com"),
        ("example.com:443", "example.com"),
        ("[::1]:443", "[::1]"),
        ("http://example.com:443/", "example.com"),
        ("https://www.example.com/a/story?x=1", "www.example.com"),
        ("https://example.com:443/", "example.com"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("[::1]:8080", "[::1]:8080"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_name_is_written_as_people_write_it(text: str, name: str) -> None:
    assert host_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "a b", "a.test/x", "ftp://a.test/", "http://", "a.test?x", "u:p@a.test", "256.0.0.1"]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"has|is|contains"):
        host_name(text)

"""Passwords are masked in URLs, wherever these stand."""

import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.masking import masked, masked_in


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:secret@host/0", "redis://:***@host/0"),
        ("redis://user:se:cr/e@t@host/0", "redis://user:***@host/0"),
        ("redis://:se cr?e#t@host/0", "redis://:***@host/0"),
        ("redis://us/er:secret@host/0", "redis://us/er:***@host/0"),
        ("redis://secret@host/0", "redis://***@host/0"),
        ("unix://:secret@/r.sock", "unix://:***@/r.sock"),
        ("redis+socket://:secret@/r.sock", "redis+socket://:***@/r.sock"),
        ("REDISS://:secret@host", "REDISS://:***@host"),
        ("sentinel://:secret@a:1,b:2/0?master=m", "sentinel://:***@a:1,b:2/0?master=m"),
        ("redis://:secret@a,redis://:secret@b", "redis://:***@b"),
        ("redis://host/0?password=secret&db=1", "redis://host/0?password=***&db=1"),
        ("redis://host/0?password=se cret&db=1", "redis://host/0?password=***&db=1"),
        ("redis://host/0?p%61ssword=secret", "redis://host/0?p%61ssword=***"),
        ("rediss://host/0?ssl_password=secret", "rediss://host/0?ssl_password=***"),
        ("sentinel://h/0?sentinel_password=secret&db=1", "sentinel://h/0?sentinel_password=***&db=1"),
        ("postgresql://u:secret@h/n?sslpassword=secret", "postgresql://u:***@h/n?sslpassword=***"),
        ("postgresql+psycopg://u:sec/r@et@h/n", "postgresql+psycopg://u:***@h/n"),
        ("postgresql://u@h/n?SSLPASSWORD=secret", "postgresql://u@h/n?SSLPASSWORD=***"),
        ("postgresql://u@h/n?passfile=/home/me/.pgpass", "postgresql://u@h/n?passfile=/home/me/.pgpass"),
        ("postgresql://u@h/n?passwor=secret", "postgresql://u@h/n?passwor=***"),
        ("postgresql://u@h/n?oauth_client_secret=secret", "postgresql://u@h/n?oauth_client_secret=***"),
        ("amqp://u:secret@h", "amqp://u:***@h"),
        ("sqlite:////tmp/a:b@c.db", "sqlite:////tmp/a:b@c.db"),
        ("http://host:8080/@me?page=2", "http://host:8080/@me?page=2"),
    ],
)
def test_a_password_is_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no answer at redis://:secret@h: refused", "no answer at redis://:***@h: refused"),
        ("host=h password='se cret\\'s' dbname=n", "host=h password=*** dbname=n"),
        (
            "redis://127.0.0.1:7/0 belongs to postgresql://me:secret@h/n of me@example.org",
            "redis://127.0.0.1:7/0 belongs to postgresql://me:***@h/n of me@example.org",
        ),
        ("'redis://:secret@a','redis://:secret@b'", "'redis://:***@b'"),
        ("ssl_password=secret, and p%61ss=secret", "ssl_password=*** and p%61ss=***"),
    ],
)
def test_a_text_keeps_all_but_the_passwords(text: str, shown: str) -> None:
    assert masked_in(text) == shown


@given(st.text(min_size=1), st.sampled_from(["redis", "rediss", "sentinel", "postgresql"]))
def test_whatever_its_characters(password: str, scheme: str) -> None:
    secret = f"MARK{password}MARK"
    for written in (quote(secret, safe=""), secret.replace("\n", "")):
        assert "MARK" not in masked(f"{scheme}://me:{written}@host/0")


@pytest.mark.parametrize(
    "piece", ["x", "redis://a:", "://a:", "a=", "a='", "=", "%", "a.", "redis://a@", "x@redis://a:", "\\'"]
)
def test_no_text_of_a_log_takes_more_than_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        return min(timed(text) for _ in range(3))

    def timed(text: str) -> float:
        began = time.thread_time()
        masked_in(text)
        return time.thread_time() - began

    # Four times the length takes some four times as long, and 16 where the time is quadratic. Below a millisecond
    # nothing is wrong: quadratic, 20,000 characters took a second.
    short, long = seconds(20_000), seconds(80_000)
    assert short < 0.001 or long / short < 10

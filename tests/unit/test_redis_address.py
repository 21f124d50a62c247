"""A Redis's address: what each part of a URL means, and that no error tells a password."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.redis_address import RedisAddress


def test_a_url_has_user_password_host_port_and_database() -> None:
    address = RedisAddress.of("redis://me:secret@example.org:6380/3")
    assert address.server() == {
        "host": "example.org",
        "port": 6380,
        "db": 3,
        "username": "me",
        "password": "secret",
    }


@pytest.mark.parametrize(
    ("url", "node"),
    [
        ("redis://", ("localhost", 6379)),
        ("redis:///1", ("localhost", 6379)),
        ("redis://host", ("host", 6379)),
        ("redis://[::1]:7/0", ("::1", 7)),
        ("redis://redis_1.local:7", ("redis_1.local", 7)),
    ],
)
def test_what_is_not_said_is_redis_s_default(url: str, node: tuple[str, int]) -> None:
    address = RedisAddress.of(url)
    assert address.nodes == (node,)
    assert (address.username, address.password) == (None, None)


@pytest.mark.parametrize("scheme", ["unix", "redis+socket"])
def test_a_socket_has_a_path_and_may_have_user_and_password(scheme: str) -> None:
    address = RedisAddress.of(f"{scheme}://me:p%40ss@/run/my%20redis/r.sock?db=2")
    assert address.server() == {
        "path": "/run/my redis/r.sock",
        "db": 2,
        "username": "me",
        "password": "p@ss",
    }
    assert RedisAddress.of(f"{scheme}:///r.sock?username=me&password=p%40ss").password == "p@ss"


def test_behind_sentinels_the_server_is_known_by_the_master_s_name() -> None:
    address = RedisAddress.of(
        "sentinel://me:secret@one:1,two,[::1]:3/4?master=news&sentinel_username=s&sentinel_password=t"
    )
    assert address.nodes == (("one", 1), ("two", 26379), ("::1", 3))
    assert address.master == "news"
    assert address.server() == {"db": 4, "username": "me", "password": "secret"}
    assert address.sentinel() == {"username": "s", "password": "t"}


def test_sentinels_may_be_written_as_kombu_has_them() -> None:
    address = RedisAddress.of("sentinel://one:1;sentinel://two:2/0?master_name=news")
    assert address.nodes == (("one", 1), ("two", 2))
    assert address.master == "news"


@given(st.text(min_size=1), st.text(min_size=1))
def test_user_and_password_may_have_any_character_percent_encoded(user: str, password: str) -> None:
    encoded = f"{quote(user, safe='')}:{quote(password, safe='')}"
    for url in (
        f"redis://{encoded}@host",
        f"unix://{encoded}@/r.sock",
        f"sentinel://{encoded}@h/0?master=m",
        f"redis://host/0?username={quote(user, safe='')}&password={quote(password, safe='')}",
    ):
        address = RedisAddress.of(url)
        assert (address.username, address.password) == (user, password)


@pytest.mark.parametrize("scheme", ["rediss", "sentinels"])
def test_tls_checks_certificate_and_name_unless_the_url_says_otherwise(scheme: str) -> None:
    master = "&master=m" if scheme == "sentinels" else ""
    strict = RedisAddress.of(f"{scheme}://host/0?{master}")
    assert strict.tls == {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    assert strict.is_verified
    for parameter in ("ssl_cert_reqs=none", "ssl_cert_reqs=CERT_NONE", "ssl_check_hostname=false"):
        assert not RedisAddress.of(f"{scheme}://host/0?{parameter}{master}").is_verified


def test_the_sentinels_themselves_are_spoken_to_by_tls_as_well() -> None:
    address = RedisAddress.of("sentinels://host/0?master=m&ssl_ca_certs=/ca.pem")
    assert address.sentinel()["ssl"] is True
    assert address.sentinel()["ssl_ca_certs"] == address.server()["ssl_ca_certs"] == "/ca.pem"


@pytest.mark.parametrize(
    "url",
    [
        "http://:hunter2@host",
        "redis://:hunter2/x@host:6379/0",
        "redis://:hunter2?x@host:6379/0",
        "redis://:hunter2#x@host:6379/0",
        "redis://:12/hunter2@host:6379/0",
        "redis://:12?hunter2=1@host:6379/0",
        "redis://host:6379/hunter2",
        "redis://:hunter2 x@host:6379/0",
        "redis://host:65536",
        "redis://host:0",
        "redis://ho st",
        "redis://host/0?hunter2=1",
        "redis://host/0#hunter2",
        "redis://host/0?ssl_cert_reqs=none",
        "rediss://host/0?ssl_cert_reqs=hunter2",
        "rediss://host/0?ssl_check_hostname=hunter2",
        "redis://one:1,two:2/0",
        "unix://",
        "unix://host/r.sock",
        "sentinel://host:26379/0",
        "sentinel://h1,hunter2@h2/0",
        "",
        "hunter2",
    ],
)
def test_what_is_no_address_is_refused_without_telling_a_piece_of_it(url: str) -> None:
    with pytest.raises(ValueError, match=r".+") as raised:
        RedisAddress.of(url)
    assert "hunter2" not in str(raised.value)


def test_its_text_has_no_password() -> None:
    address = RedisAddress.of("sentinel://me:secret@h/0?master=m&sentinel_password=secret")
    assert "secret" not in f"{address} {address!r} {[address]}"

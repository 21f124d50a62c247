"""Settings: what a wrong value says, what a child process is given, and which limits must fit together."""

import os
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import make_url

from tasks.pipeline import STAGES
from workers.settings import PREFIX, Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_settings() -> None:
    settings = load_settings()
    assert settings.redis_url.get_secret_value() == "redis://127.0.0.1:6379/0"
    assert settings.allow_networks == ()
    assert settings.allow_ports == (80, 443)


def test_every_setting_is_described_in_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith((".", "--resolve.")), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "http://127.0.0.1"),
        ("DATABASE_URL", "mysql://root@localhost/news"),
        ("DATABASE_URL", "newsmill.db"),
        ("DATABASE_URL", "postgresql://me:pass@word@host/news"),
        ("DATABASE_URL", "postgresql://me:12/word@word@host/news"),
        ("DATABASE_URL", "postgresql://me:12?word@word@host/news"),
        ("DATABASE_URL", "postgresql://me@host:port/news"),
        ("DATABASE_URL", "postgresql://me:pass word@host/news"),
        ("REDIS_URL", "redis://:pass/word@host"),
        ("REDIS_URL", "sentinel://host:26379/0"),
        ("CONTENT_REDIS_URLS", "redis://a,redis://b:port"),
        ("MAX_IN_FLIGHT", "0"),
        ("MAX_IN_FLIGHT", "many"),
        ("MAX_IN_FLIGHT", ""),
        ("LEASE_SECONDS", "-1"),
        ("MAX_ATTEMPTS", "1.5"),
        ("MAX_DEFERRALS", "-1"),
        ("HOST_INTERVAL", "soon"),
        ("HOST_CONCURRENCY", "0"),
        ("BODY_TTL", "59"),
        ("USER_AGENT", ""),
        ("ALLOW_NETWORKS", "127.0.0.0/8,localhost"),
        ("ALLOW_NETWORKS", "10.1.2.3/8"),
        ("ALLOW_PORTS", "80,https"),
        ("LANGUAGES", "english"),
        ("LANGUAGES", "en,FR"),
        ("RESOLVE", "test=127.0.0.1"),
        ("RESOLVE", '["test"]'),
        ("QUEUES", "{"),
        ("QUEUES", '{"tag_topics": 5}'),
        ("QUEUES", '{"tagging": "topics"}'),
        ("ENRICH_PROCESSES", "0"),
        ("CHILD_MEMORY_MB", "99"),
        ("LOG_LEVEL", "chatty"),
        ("LOG_JSON", "perhaps"),
        ("METRICS_PORT", "65536"),
        ("DEMO_PORT", "0"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=f"{PREFIX}{name}: .+") as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{PREFIX}{name}: ") for line in lines)
    assert "Value error" not in str(caught.value)


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_MAX_IN_FLIGHT", "0")
    monkeypatch.setenv("NEWSMILL_LOG_LEVEL", "chatty")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "NEWSMILL_MAX_IN_FLIGHT",
        "NEWSMILL_LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "http://:hunter2@host"),
        ("REDIS_URL", "redis://:hunter2/x@host"),
        ("CONTENT_REDIS_URLS", "redis://a,redis://:x/hunter2@b"),
        ("DATABASE_URL", "mysql://me:hunter2@host/n"),
        ("DATABASE_URL", "postgresql://me:x@hunter2@host/n"),
        ("DATABASE_URL", "postgresql://me:[x@hunter2]@host/n"),
    ],
)
def test_an_error_does_not_tell_a_password(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_a_password_of_the_database_may_have_any_character_percent_encoded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    password = "p@:/%41#?&=+ 'é漢"
    url = f"postgresql://me:{quote(password, safe='')}@host/n"
    assert make_url(load_settings(database_url=url).database_url.get_secret_value()).password == password
    (tmp_path / "password").write_text(f"{password}\n", "utf-8")
    monkeypatch.setenv("NEWSMILL_DATABASE_PASSWORD_FILE", "password")
    read = load_settings(database_url="postgresql://me@host/n").database_url.get_secret_value()
    assert make_url(read).password == password


def test_servers_of_contents_behind_sentinels_have_commas_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urls = ["sentinel://a:1,b:2/0?master=m", "redis://:p,w@c", "unix:///r,s"]
    monkeypatch.setenv("NEWSMILL_CONTENT_REDIS_URLS", ", ".join(urls))
    settings = load_settings()
    assert [one.get_secret_value() for one in settings.content_redis_urls] == urls
    monkeypatch.setenv("NEWSMILL_CONTENT_REDIS_URLS", settings.environment()["NEWSMILL_CONTENT_REDIS_URLS"])
    assert load_settings() == settings


def test_settings_do_not_print_their_passwords() -> None:
    settings = load_settings(redis_url="redis://:hunter2@host", database_url="postgresql://me:hunter2@host/n")
    assert "hunter2" not in f"{settings!r}{settings}{settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ({"soft_limit": 90, "hard_limit": 90}, "NEWSMILL_SOFT_LIMIT"),
        ({"hard_limit": 120}, "NEWSMILL_LEASE_SECONDS"),
        ({"lease_seconds": 60}, "NEWSMILL_LEASE_SECONDS"),
        ({"soft_limit": 5, "hard_limit": 10, "lease_seconds": 20}, "NEWSMILL_TOTAL_TIMEOUT"),
    ],
)
def test_a_lease_outlives_whatever_may_be_done_under_it(limits: dict[str, float], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(**limits)


def test_a_child_process_is_given_the_very_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(
        redis_url="redis://:secret@10.0.0.1/3",
        database_url="postgresql://me:secret@db/news",
        allow_networks=(ip_network("127.0.0.0/8"), ip_network("fd00::/8")),
        allow_ports=(80, 8088),
        resolve={"test": "127.0.0.1"},
        queues={"tag_topics": "topics"},
        contact="news@example.org, desk",
        host_interval=0.05,
        enrich_processes=3,
        metrics_port=9100,
        log_json=True,
        data_dir=Path("/var/lib/news mill"),
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_what_is_not_set_is_not_given_to_a_child_process() -> None:
    assert "NEWSMILL_METRICS_PORT" not in load_settings().environment()


def test_the_version_before_can_read_what_is_empty() -> None:
    assert load_settings().environment()["NEWSMILL_QUEUES"] == "{}"


@pytest.mark.parametrize(
    ("url", "completed"),
    [
        ("postgresql://me@db/news", "postgresql://me:p%2F%40%20ss%3A@db/news"),
        (
            "postgresql+psycopg://me@db:5433/news?x=a@b",
            "postgresql+psycopg://me:p%2F%40%20ss%3A@db:5433/news?x=a@b",
        ),
        ("postgresql://me:own@db/news", "postgresql://me:own@db/news"),
        ("postgresql://db/news", "postgresql://db/news"),
        ("sqlite:///news@home.db", "sqlite:///news@home.db"),
    ],
)
def test_a_file_gives_the_password_that_the_database_s_url_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, completed: str
) -> None:
    (tmp_path / "password").write_text("p/@ ss:\n")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", url)
    monkeypatch.setenv("NEWSMILL_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    settings = load_settings()
    assert settings.database_url.get_secret_value() == completed
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_a_password_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(
        SettingsError,
        match=r"^NEWSMILL_DATABASE_URL: cannot read the password in /no/such/file: No such file",
    ):
        load_settings(database_url="postgresql://me@db/news", database_password_file="/no/such/file")


def test_a_file_named_env_is_read_and_the_environment_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("NEWSMILL_MAX_IN_FLIGHT=7\nNEWSMILL_MAX_ATTEMPTS=4\nOTHER=x\n")
    monkeypatch.setenv("NEWSMILL_MAX_ATTEMPTS", "5")
    settings = load_settings()
    assert (settings.max_in_flight, settings.max_attempts) == (7, 5)


def test_a_wrong_value_in_the_file_names_its_variable_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEWSMILL_QUEUES={\n")
    with pytest.raises(SettingsError, match=r"^NEWSMILL_QUEUES: is not JSON"):
        load_settings()


def test_a_list_may_have_blanks_and_be_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_ALLOW_PORTS", " 80, 8088 ,")
    monkeypatch.setenv("NEWSMILL_ALLOW_NETWORKS", "")
    settings = load_settings()
    assert (settings.allow_ports, settings.allow_networks) == ((80, 8088), ())


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().max_in_flight = 5


def test_a_stage_has_its_own_queue_only_if_it_is_named() -> None:
    settings = load_settings(queues={"tag_topics": "topics"})
    queues = {stage.name: settings.queue_of(stage.name) for stage in STAGES}
    assert queues == {**{stage.name: stage.queue for stage in STAGES}, "tag_topics": "topics"}


def test_languages_are_a_list_with_commas_and_reach_a_child_process_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSMILL_LANGUAGES", "en, zh-tw,und")
    settings = load_settings()
    assert settings.languages == ("en", "zh-tw", "und")
    assert settings.environment()["NEWSMILL_LANGUAGES"] == "en,zh-tw,und"

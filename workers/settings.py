"""Every setting: its default and its meaning. Settings are read once, at entry points, from `NEWSMILL_*` variables and `.env`.

`newsmill settings` prints them, and where each value came from.
"""

import json
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tasks.pipeline import STAGES
from tasks.url_keys import UrlKeys
from workers.errors import UserError
from workers.redis_address import RedisAddress

PREFIX = "NEWSMILL_"
#: Name of the SQLite database in the data folder.
DATABASE_FILE = "newsmill.db"

#: The URL of a PostgreSQL as SQLAlchemy reads it, without what it would take for a host that has an end of the password.
_POSTGRESQL = re.compile(
    r"postgresql(\+psycopg)?://([^:/@\s]*(:[^@\s]*)?@|(?!.*@))(\[[0-9a-fA-F:.]+\]|[^\s/:@?#\[\]]*)(:\d+)?(/[^?@]*)?(\?.*)?"
)

#: A list in an environment variable: values separated by commas. An object there: JSON, empty for an empty one.
CommaList = Json = NoDecode


class SettingsError(UserError):
    """Settings have invalid values; the message has a line for each, which names its variable."""


class Settings(BaseSettings):
    """All settings of newsmill. Each field is the variable `NEWSMILL_<FIELD>` of the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    # Where things live. The default of database_url follows from data_dir, so that comes first.
    data_dir: Path = Field(
        Path("data"), description="Folder of the SQLite database, and of the Redis of `newsmill run`."
    )
    database_password_file: Path | None = Field(
        None,
        description="File with the password of NEWSMILL_DATABASE_URL, if that URL has a user but no password.",
    )
    database_url: SecretStr = Field(
        default_factory=lambda given: sqlite_in(given["data_dir"]),
        description="Database of the rows: sqlite:///path or postgresql://user:password@host/name "
        "(docs/connections.md). Default: newsmill.db in the folder NEWSMILL_DATA_DIR.",
    )
    redis_password_file: Path | None = Field(
        None, description="File with the password of NEWSMILL_REDIS_URL, if that URL has none."
    )
    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Redis for the queues, the frontier and the bodies of pages; rediss:// with TLS, unix:// and "
        "sentinel:// as well (docs/connections.md).",
    )
    content_redis_urls: Annotated[tuple[SecretStr, ...], CommaList] = Field(
        (),
        description="Redis servers to spread the index of contents over, separated by commas, in the same "
        "order for all processes. Empty: the index is in NEWSMILL_REDIS_URL.",
    )
    key_prefix: str = Field(
        "newsmill:", description="Prefix of every Redis key, so that others can use the same Redis."
    )

    # The ledger.
    max_in_flight: int = Field(
        200, ge=1, description="Maximum number of articles in flight. It limits the memory of Redis."
    )
    lease_seconds: float = Field(
        120,
        gt=0,
        description="Seconds after which the article of a worker that does not respond is put back.",
    )
    max_attempts: int = Field(
        3, ge=1, description="Maximum number of attempts, after which an article is failed."
    )
    max_deferrals: int = Field(
        10, ge=0, description="Maximum number of deferrals of a URL, and of failures of a host in a row."
    )
    backoff_base: float = Field(
        10, gt=0, description="Seconds of the first deferral; each further one is twice as long."
    )
    backoff_cap: float = Field(
        3600, gt=0, description="Longest deferral in seconds, unless the site asks for a longer one."
    )
    body_ttl: int = Field(
        3600, ge=60, description="Seconds that the body of a page is kept in Redis between queues."
    )
    poll_interval: float = Field(0.05, gt=0, description="Seconds that an idle scheduler sleeps.")

    # Politeness.
    host_interval: float = Field(
        1, ge=0, description="Seconds between two requests to one host, over all workers."
    )
    host_concurrency: int = Field(
        1, ge=1, description="Maximum number of articles of one host in flight, over all workers."
    )
    hosts_file: Path | None = Field(
        None,
        description="TOML file of a scheduler with rules for hosts: interval, concurrency, deny, pause, paths (docs/hosts.md). It "
        "is read again when it changes.",
    )
    max_crawl_delay: float = Field(
        6 * 3600,
        ge=0,
        le=24 * 3600,
        description="Longest Crawl-delay of a robots.txt that is kept, in seconds. A longer one counts as this.",
    )
    reject_opt_outs: Annotated[tuple[str, ...], CommaList] = Field(
        (),
        description="Opt-outs for which a page is rejected, such as noai,tdm-reservation. The record has all "
        "of a page's opt-outs.",
    )
    keep_unchanged: bool = Field(
        default=True,
        description="With --again, keep the row of a page that has not changed (304). false: fetch and "
        "enrich every page in full.",
    )
    tracking_parameters: Annotated[tuple[str, ...], CommaList] = Field(
        (),
        description="Query parameters that make no other article, besides those that newsmill knows: names, -name for one "
        "that does, such as partner,mynews_*,-spm. A scheduler gives URLs their new ids when it starts.",
    )
    user_agent: str = Field("newsmill/0.1", min_length=1, description="User-Agent of every request.")
    contact: str = Field(
        "",
        description="URL or address where the owner of a site can reach you. It is added to the User-Agent.",
    )

    # Fetch.
    connect_timeout: float = Field(5, gt=0, description="Seconds to connect, and for TLS.")
    read_timeout: float = Field(10, gt=0, description="Seconds that a server may send nothing.")
    total_timeout: float = Field(30, gt=0, description="Seconds for the whole page, with redirects.")
    max_body_bytes: int = Field(
        3_000_000,
        ge=1,
        description="Maximum size of a page in bytes, as sent and decompressed; a larger one is rejected as "
        "too_large.",
    )
    max_redirects: int = Field(5, ge=0, description="Maximum number of redirects from one URL.")
    allow_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], CommaList] = Field(
        (), description="Networks that may be fetched from although they are not public, such as 127.0.0.0/8."
    )
    allow_ports: Annotated[tuple[int, ...], CommaList] = Field(
        (80, 443), description="Ports that may be fetched from."
    )
    resolve: Annotated[dict[str, str], Json] = Field(
        {}, description='Addresses of hosts or suffixes, as JSON: {"test": "127.0.0.1"}. Like curl --resolve.'
    )

    # Enrich.
    min_chars: int = Field(
        150, ge=0, description="Minimum number of characters of text; a page with fewer is no article."
    )
    languages: Annotated[tuple[str, ...], CommaList] = Field(
        (),
        description="Languages of the articles to keep, such as en,fr; zh is zh-cn and zh-tw, und is an "
        "unknown language. Empty: keep all.",
    )
    tagger: str = Field(
        "encoder", description="Name of the tagger. encoder is the one that comes with newsmill."
    )
    taxonomy: Path | None = Field(
        None, description="YAML file with topics of your own instead of IPTC Media Topics (docs/topics.md)."
    )
    soft_limit: float = Field(60, gt=0, description="Seconds after which an enrich task is told to stop.")
    hard_limit: float = Field(
        90, gt=0, description="Seconds after which the process of an enrich task is killed."
    )

    # Workers.
    queues: Annotated[dict[str, str], Json] = Field(
        {},
        description='Queues of stages that do not use their default queue, as JSON: {"tag_topics": "topics"}.',
    )
    fetch_threads: int = Field(32, ge=1, description="Threads of a fetch worker.")
    enrich_processes: int | None = Field(
        None, ge=1, description="Processes of an enrich worker. Empty: one per core."
    )
    tasks_per_child: int = Field(500, ge=1, description="Tasks after which an enrich process is replaced.")
    child_memory_mb: int = Field(
        800, ge=100, description="Resident memory in MB at which an enrich process is replaced."
    )
    drain_seconds: float = Field(
        25, ge=0, description="Seconds that running tasks have to end after SIGTERM."
    )
    task_events: bool = Field(default=False, description="Send Celery's task events, for Flower. Costs CPU.")

    # Logs and metrics.
    log_level: str = Field(
        "INFO", pattern="(?i)^(debug|info|warning|error)$", description="Lowest level that is logged."
    )
    log_json: bool = Field(default=False, description="Log JSON lines instead of console lines.")
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of Prometheus's /metrics. Empty: workers and the scheduler serve no metrics, and "
        "`newsmill run` uses a free port.",
    )
    metrics_address: str = Field("127.0.0.1", description="Address that /metrics is served on.")
    demo_port: int = Field(8088, ge=1, le=65535, description="Port of the demo's web server.")

    @field_validator(
        *("allow_networks", "allow_ports", "reject_opt_outs", "languages", "content_redis_urls"),
        "tracking_parameters",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any, info: ValidationInfo) -> Any:
        # A URL may have commas, between sentinels: the next one begins where a scheme does.
        comma = r",(?=\s*[a-z+]+://)" if info.field_name == "content_redis_urls" else ","
        return (
            [part.strip(", ") for part in re.split(comma, value) if part.strip(", ")]
            if isinstance(value, str)
            else value
        )

    @field_validator("resolve", "queues", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value.strip() else {}
        except ValueError:
            raise ValueError('is not JSON, like {"name": "value"}') from None

    @field_validator(
        *("database_password_file", "redis_password_file", "hosts_file", "taxonomy", "enrich_processes"),
        "metrics_port",
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr) -> SecretStr:
        RedisAddress.of(value.get_secret_value())
        return value

    @field_validator("redis_url")
    @classmethod
    def _with_redis_password(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """Add the password to the URL, from the file of the field before this one."""
        file, url = info.data.get("redis_password_file"), value.get_secret_value()
        if file is None or RedisAddress.of(url).password is not None:
            return value
        parts = urlsplit(url)
        user, _, server = parts.netloc.rpartition("@")
        netloc = f"{user}:{quote(_password_in(file), safe='')}@{server}"
        return SecretStr(parts._replace(netloc=netloc).geturl())

    @field_validator("content_redis_urls")
    @classmethod
    def _are_redis(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        return tuple(cls._is_redis(one) for one in value)

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if not url.startswith("sqlite:") and not _POSTGRESQL.fullmatch(url):
            raise ValueError(
                "is not the URL of a PostgreSQL. Write postgresql://user:password@host:5432/name, with /?#@:% in the "
                "password percent-encoded (@ is %40)."
            )
        return value

    @field_validator("database_url")
    @classmethod
    def _with_password(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """Add the password to the URL, from the file of the field before this one."""
        file, url = info.data.get("database_password_file"), value.get_secret_value()
        parts = urlsplit(url)
        if file is None or parts.username is None or parts.password is not None:
            return value
        return SecretStr(url.replace("@", f":{quote(_password_in(file), safe='')}@", 1))

    @field_validator("user_agent", "contact")
    @classmethod
    def _is_for_a_header(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable()):
            raise ValueError("must be printable ASCII: it is sent with each request")
        return value

    @field_validator("reject_opt_outs")
    @classmethod
    def _are_opt_outs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = set(value) - opt_outs() if value else ()
        if unknown:
            raise ValueError(
                f"unknown opt-out: {', '.join(sorted(unknown))}; the opt-outs are {', '.join(sorted(opt_outs()))}"
            )
        return value

    @field_validator("tracking_parameters")
    @classmethod
    def _are_parameters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        UrlKeys.changed(value)
        return value

    @field_validator("languages")
    @classmethod
    def _are_codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [code for code in value if not re.fullmatch("[a-z]{2,3}|zh-(cn|tw)", code)]
        if wrong:
            raise ValueError(f"not a language code: {', '.join(wrong)}; codes are, for example, en and fr")
        return value

    @field_validator("tagger")
    @classmethod
    def _is_tagger(cls, value: str) -> str:
        from tasks.topics.taggers import TAGGERS  # noqa: PLC0415 - most commands do not need it

        if value not in TAGGERS:
            raise ValueError(f"unknown tagger: {value}; the taggers are {', '.join(sorted(TAGGERS))}")
        return value

    @field_validator("queues")
    @classmethod
    def _stages_exist(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = value.keys() - default_queues().keys() if value else ()
        if unknown:
            raise ValueError(f"unknown stage: {', '.join(sorted(unknown))}")
        return value

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if not self.soft_limit < self.hard_limit < self.lease_seconds:
            raise ValueError(
                "NEWSMILL_SOFT_LIMIT < NEWSMILL_HARD_LIMIT < NEWSMILL_LEASE_SECONDS must hold, or a lease "
                "expires while its article is still processed"
            )
        if not self.total_timeout < self.lease_seconds:
            raise ValueError("NEWSMILL_TOTAL_TIMEOUT must be less than NEWSMILL_LEASE_SECONDS")
        return self

    @property
    def has_database(self) -> bool:
        """Tell whether the database was set, and is not the default."""
        return "database_url" in self.model_fields_set

    @property
    def has_redis(self) -> bool:
        """Tell whether the Redis was set, and is not the default."""
        return "redis_url" in self.model_fields_set

    @property
    def url_keys(self) -> UrlKeys:
        """Return what gives URLs their ids."""
        return UrlKeys.changed(self.tracking_parameters)

    def redis_address(self, url: str | None = None) -> RedisAddress:
        """Return the address of the ledger's Redis, or of the one at `url`. Raises ValueError for a `url` that is none."""
        return RedisAddress.of(url or self.redis_url.get_secret_value())

    def queue_of(self, stage: str) -> str:
        """Return the queue that `stage` is delivered on."""
        return self.queues.get(stage) or default_queues()[stage]

    def environment(self) -> dict[str, str]:
        """Return the variables that give a child process, of the version before too, the same settings."""
        dump = self.model_dump(mode="json", exclude_none=True)
        dump |= {
            "redis_url": self.redis_url.get_secret_value(),
            "content_redis_urls": [one.get_secret_value() for one in self.content_redis_urls],
            "database_url": self.database_url.get_secret_value(),
        }
        # An empty text is no JSON to the version before.
        return {
            PREFIX + name.upper(): "{}" if value == {} else as_variable(value) for name, value in dump.items()
        }


def _password_in(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise ValueError(f"cannot read the password in {file}: {error.strerror}") from None


def sqlite_in(folder: Path) -> SecretStr:
    """Return the URL of the SQLite database in a data folder, whatever characters its path has in it."""
    return SecretStr("sqlite:///" + str(folder / DATABASE_FILE).replace("%", "%25").replace("?", "%3F"))


def default_queues() -> dict[str, str]:
    """Return the default queue of each stage."""
    return {stage.name: stage.queue for stage in STAGES}


def opt_outs() -> frozenset[str]:
    """Return the opt-outs that a page can have."""
    from tasks.fetch.opt_outs import OPT_OUTS  # noqa: PLC0415 - loads the fetch stage, which most commands do not need it

    return OPT_OUTS


def as_variable(value: Any) -> str:
    """Return a setting's value, as JSON types, in the form in which a variable takes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def load_settings(**overrides: Any) -> Settings:
    """Return the settings of this process. Raises SettingsError, which names the variable, for an invalid value."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(map(_explain, error.errors()))) from None


def _explain(problem: Any) -> str:
    message: str = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    return f"{PREFIX}{str(problem['loc'][0]).upper()}: {message}"

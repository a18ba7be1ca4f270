"""Settings: one typed, frozen object built from `JIFEN_*` variables or a `.env` file, and passed in."""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from base.sealing import Keyring

PREFIX = "JIFEN_"
# A program that a test starts inherits the test suite's own variables (tests/conftest.py), so they are not reported as unknown.
TEST_PREFIX = "JIFEN_TEST_"


DEMO_OA_APP_ID: Final = "wx0d3a000000000a01"
DEMO_MINIAPP_APP_ID: Final = "wx0d3a000000000b02"


class SettingsError(Exception):
    """Settings are missing, wrong or unknown: one Chinese sentence per problem, each naming its variable."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def _url(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        parts = urlsplit(url)
        port_is_readable = parts.port is None or parts.port > 0
        is_complete = port_is_readable and bool(parts.netloc or parts.path)
        if parts.scheme not in schemes or not is_complete or re.search(r"[\x00-\x20\x7f]", url):
            raise ValueError("not a URL of these schemes")
        return url

    return AfterValidator(check)


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("not the address of a web server")
    return url.rstrip("/")


def _secret(pattern: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, secret.get_secret_value()):
            raise ValueError("wrong form")
        return secret

    return AfterValidator(check)


APP_ID_WORDS = "公众平台给出的 AppID（字母和数字）"
APP_KEY_WORDS = "公众平台给出的 AppSecret（不含空格）"
AES_KEY_WORDS = "43 位英文字母或数字（公众平台“消息加解密密钥”）"
WEB_WORDS = "http:// 或 https:// 开头的网址"

AppId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AppSecret = Annotated[SecretStr, _secret(r"[!-~]{1,128}")]
# EncodingAESKey is 43 characters of a-z, A-Z, 0-9. — WeChat docs: 消息加解密说明
AesKey = Annotated[SecretStr, _secret(r"[A-Za-z0-9]{43}")]
Port = Annotated[int, Field(ge=1, le=65535, description="1 到 65535 之间的整数")]
WebAddress = Annotated[str, _url("http", "https"), AfterValidator(_web_address)]


FAIR_PATH: Final = "/fair"
"""The public page of odds on the server, where a draw is checked; each game has one of its own below it."""


class Settings(BaseSettings):
    """Everything an operator sets; each field's description completes the sentence "JIFEN_X 应为：…".

    Built by `load_settings`; built directly (in tests, in the demo) it takes its arguments only, never the
    environment. An absent optional setting is None. Its repr shows no secret.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    database_url: Annotated[str, _url("postgresql", "postgres")] | None = Field(
        default=None, repr=False, description="postgresql:// 开头的数据库地址；留空则使用自带的 PostgreSQL"
    )
    redis_url: Annotated[str, _url("redis", "rediss", "unix")] | None = Field(
        default=None,
        repr=False,
        description="redis://、rediss:// 或 unix:// 开头的地址；留空则使用自带的 Redis",
    )
    database_pool: int = Field(
        default=10, ge=2, le=100, description="2 到 100 之间的整数：每个进程最多用几个数据库连接"
    )
    member_per_minute: int = Field(
        default=120,
        ge=0,
        le=1_000_000,
        description="0 到 1000000 之间的整数：小程序接口里，一位会员每分钟最多多少次请求；0 表示不限",
    )
    address_per_minute: int = Field(
        default=6000,
        ge=0,
        le=1_000_000,
        description="0 到 1000000 之间的整数：小程序接口里，一个 IP 地址每分钟最多多少次请求；0 表示不限",
    )
    clock_tolerance_s: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="1 到 3600 之间的整数：这台机器的时钟与数据库的相差多少秒以上就停止记账",
    )
    adjust_limit: int = Field(
        default=1000,
        ge=0,
        le=10_000_000,
        description="0 到 10000000 之间的整数：运营一天给一位会员最多调整多少积分，超过的要老板或财务批准",
    )
    issued_per_used_alert: int = Field(
        default=10,
        ge=0,
        le=1_000_000,
        description="0 到 1000000 之间的整数：30 天里每用掉 1 分，发放超过多少分就提醒；0 表示不提醒",
    )
    webhook_private: Literal["refuse", "allow"] = Field(
        default="refuse",
        description="refuse（只推送到公网的 https 网址）或 allow（也可以推送到内网和本机）",
    )
    ledger_guard: Literal["off", "warn", "refuse"] = Field(
        default="warn",
        description="off（不管）、warn（记一条警告）或 refuse（拒绝启动）：当数据库角色有权改动账目时怎么办",
    )
    data_dir: Path = Field(default=Path("var"), description="一个文件夹")
    http_host: str = Field(default="127.0.0.1", pattern=r"^\S+$", description="要监听的主机名或 IP 地址")
    http_port: Port = 8080
    metrics_host: str = Field(default="127.0.0.1", pattern=r"^\S+$", description="要监听的主机名或 IP 地址")
    metrics_port: Port = 8082
    console_host: str = Field(default="127.0.0.1", pattern=r"^\S+$", description="要监听的主机名或 IP 地址")
    console_port: Port = 8081
    emulator_port: Port = 8090
    oa_app_id: AppId | None = Field(default=None, description=APP_ID_WORDS)
    oa_app_secret: AppSecret | None = Field(default=None, description=APP_KEY_WORDS)
    # 必须为英文或数字，长度为 3-32 字符. — WeChat docs: 接入指南
    oa_token: Annotated[SecretStr, _secret(r"[A-Za-z0-9]{3,32}")] | None = Field(
        default=None, description="3 到 32 位英文字母或数字（公众平台“服务器配置”里的令牌）"
    )
    oa_encoding_aes_key: AesKey | None = Field(default=None, description=AES_KEY_WORDS)
    oa_encoding_aes_key_previous: AesKey | None = Field(default=None, description=AES_KEY_WORDS)
    oa_message_mode: Literal["plain", "compatible", "safe"] = Field(
        default="safe", description="plain（明文）、compatible（兼容）或 safe（安全）"
    )
    miniapp_app_id: AppId | None = Field(default=None, description=APP_ID_WORDS)
    miniapp_app_secret: AppSecret | None = Field(default=None, description=APP_KEY_WORDS)
    wechat_api_base: WebAddress = Field(default="https://api.weixin.qq.com", description=WEB_WORDS)
    public_base_url: WebAddress | None = Field(default=None, description=WEB_WORDS)
    timezone: ZoneInfo = Field(
        default=ZoneInfo("Asia/Shanghai"), description="一个时区名，例如 Asia/Shanghai"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug、info、warning 或 error：日志记到哪一级"
    )
    secret_key: Annotated[SecretStr, _secret(r"[\s\S]{16,}")] | None = Field(
        default=None, description="至少 16 个字符的随机文字"
    )
    secret_key_previous: Annotated[SecretStr, _secret(r"[\s\S]{16,}")] | None = Field(
        default=None, description="更换密钥时，原来的 JIFEN_SECRET_KEY"
    )

    @property
    def odds_url(self) -> str | None:
        """The address of the public page of odds; None where the server's own address is not set."""
        return f"{self.public_base_url.rstrip('/')}{FAIR_PATH}" if self.public_base_url else None

    @property
    def is_demo(self) -> bool:
        """Whether the accounts are the demo's, which exist at the emulator only."""
        return self.oa_app_id == DEMO_OA_APP_ID

    @property
    def clock_tolerance(self) -> timedelta:
        """`clock_tolerance_s` as a time span."""
        return timedelta(seconds=self.clock_tolerance_s)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments only; `load_settings` reads the environment, because pydantic-settings would ignore unknown names."""
        return (init_settings,)

    @property
    def keyring(self) -> Keyring:
        """The keys that seal secrets at rest."""
        present, previous = self.secret_key, self.secret_key_previous
        return Keyring(
            present.get_secret_value() if present else None, previous.get_secret_value() if previous else None
        )

    def require_production(self) -> None:
        """Raise SettingsError unless everything that a production installation needs is set.

        This is not checked at construction, because `jifen migrate` and `jifen audit` need no such secrets, and the demo makes its
        own.
        """
        problems = []
        if self.secret_key is None:
            problems.append(
                "JIFEN_SECRET_KEY 没有设置，应为至少 16 个字符的随机文字，"
                "可以用 python3 -c 'import secrets; print(secrets.token_urlsafe(32))' 生成。"
            )
        if self.oa_token and self.oa_message_mode != "plain" and not self.oa_encoding_aes_key:
            problems.append(
                "JIFEN_OA_ENCODING_AES_KEY 没有设置，"
                f"而消息模式 JIFEN_OA_MESSAGE_MODE 是 {self.oa_message_mode}，需要它来解密消息。"
            )
        if problems:
            raise SettingsError(problems)


def load_settings(env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Read `JIFEN_*` from `env` (default: the process's environment) and from `env_file`.

    The environment wins over the file. An empty variable counts as absent, and so does a missing file.
    Raises SettingsError with all problems at once, unknown names and wrong values; it never shows the value of a secret.
    """
    found = {**_ours(_read_file(env_file)), **_ours(os.environ if env is None else env)}
    unknown = [_unknown(name) for name in sorted(found) if name not in _names()]
    values = {_names()[name]: value for name, value in found.items() if name in _names() and value}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]): None for problem in error.errors()}
        raise SettingsError([*unknown, *(_wrong(field, values[field]) for field in wrong)]) from None
    if unknown:
        raise SettingsError(unknown)
    return settings


def _ours(source: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value.strip()
        for name, value in source.items()
        if name.upper().startswith(PREFIX) and not name.startswith(TEST_PREFIX)
    }


def _names() -> dict[str, str]:
    return {PREFIX + field.upper(): field for field in Settings.model_fields}


def _read_file(path: Path | None) -> dict[str, str]:
    if path is None or not path.exists():
        return {}
    try:
        source = DotEnvSettingsSource(Settings, env_file=path, env_file_encoding="utf-8", case_sensitive=True)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"设置文件 {path} 读不出来：{error}"]) from error
    return {name: value or "" for name, value in source.env_vars.items()}


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name.upper(), _names(), n=1)
    return f"{name} 不是已知的设置" + (f"，是不是想写 {close[0]}？" if close else "，请检查名字。")


def _wrong(field: str, value: str) -> str:
    about = Settings.model_fields[field]
    # An address with an "@" may carry a password.
    hidden = not about.repr or "SecretStr" in str(about.annotation) or "@" in value
    shown = "现在的值不合要求（为了安全，这里不显示它）" if hidden else f"现在是 {value[:80]!r}"
    return f"{PREFIX}{field.upper()} 应为：{about.description}。{shown}。"

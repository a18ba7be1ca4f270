"""Settings: what is read, what is refused and in which words, and that no secret is ever shown."""

import os
import re
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

import base.settings
from base.settings import Settings, SettingsError, load_settings

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def load(**env: str) -> Settings:
    return load_settings({f"JIFEN_{name}": value for name, value in env.items()}, env_file=None)


def problems(**env: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        load(**env)
    return refused.value.problems


def test_defaults() -> None:
    settings = load()
    assert settings == Settings()
    assert (settings.http_host, settings.data_dir) == ("127.0.0.1", Path("var"))
    ports = (settings.http_port, settings.metrics_port, settings.emulator_port)
    assert ports == (8080, 8082, 8090)
    assert settings.wechat_api_base == "https://api.weixin.qq.com"
    assert (settings.oa_message_mode, settings.timezone) == ("safe", ZoneInfo("Asia/Shanghai"))
    optional = {
        *(
            "database_url",
            "redis_url",
            "public_base_url",
            "secret_key",
            "secret_key_previous",
            "miniapp_app_id",
            "miniapp_app_secret",
        ),
        *("oa_app_id", "oa_app_secret", "oa_token", "oa_encoding_aes_key", "oa_encoding_aes_key_previous"),
    }
    assert {name for name, value in settings if value is None} == optional


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "postgresql://u:p@db:5432/jifen", "postgresql://u:p@db:5432/jifen"),
        ("DATABASE_URL", "postgresql://jifen@/jifen?host=/tmp/x", "postgresql://jifen@/jifen?host=/tmp/x"),
        ("REDIS_URL", "redis://cache:6379/1", "redis://cache:6379/1"),
        ("REDIS_URL", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("DATA_DIR", "/srv/积分", Path("/srv/积分")),
        ("HTTP_HOST", "::", "::"),
        ("HTTP_PORT", "1", 1),
        ("EMULATOR_PORT", " 65535 ", 65535),
        ("OA_APP_ID", "wx1234567890abcdef", "wx1234567890abcdef"),
        ("OA_TOKEN", "abc", SecretStr("abc")),
        ("OA_TOKEN", "a" * 32, SecretStr("a" * 32)),
        ("OA_ENCODING_AES_KEY", AES_KEY, SecretStr(AES_KEY)),
        ("OA_ENCODING_AES_KEY_PREVIOUS", AES_KEY, SecretStr(AES_KEY)),
        ("OA_MESSAGE_MODE", "compatible", "compatible"),
        ("MINIAPP_APP_SECRET", "0123456789abcdef", SecretStr("0123456789abcdef")),
        ("WECHAT_API_BASE", "http://127.0.0.1:8090/", "http://127.0.0.1:8090"),
        ("PUBLIC_BASE_URL", "https://points.example.com", "https://points.example.com"),
        ("TIMEZONE", "Asia/Urumqi", ZoneInfo("Asia/Urumqi")),
        ("SECRET_KEY", "k" * 16, SecretStr("k" * 16)),
        ("PUBLIC_BASE_URL", "", None),
        ("OA_TOKEN", "  ", None),
    ],
)
def test_read(name: str, value: str, expected: object) -> None:
    assert getattr(load(**{name: value}), name.lower()) == expected


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@db/jifen", False),
        ("DATABASE_URL", "db.example.com", False),
        ("DATABASE_URL", "postgresql://u@db:99999/jifen", False),
        ("REDIS_URL", "http://cache", False),
        ("HTTP_PORT", "0", True),
        ("HTTP_PORT", "65536", True),
        ("METRICS_PORT", "80.5", True),
        ("EMULATOR_PORT", "eighty", True),
        ("HTTP_HOST", "a b", True),
        ("OA_APP_ID", "wx 1", True),
        ("OA_APP_SECRET", "with space", False),
        ("OA_TOKEN", "ab", False),
        ("OA_TOKEN", "a" * 33, False),
        ("OA_TOKEN", "hyphen-ated", False),
        ("OA_ENCODING_AES_KEY", AES_KEY[:42], False),
        ("OA_ENCODING_AES_KEY", AES_KEY + "x", False),
        ("OA_ENCODING_AES_KEY_PREVIOUS", AES_KEY[:42] + "=", False),
        ("OA_MESSAGE_MODE", "secret", True),
        ("WECHAT_API_BASE", "api.weixin.qq.com", True),
        ("WECHAT_API_BASE", "https://u:hunter2@api", False),
        ("PUBLIC_BASE_URL", "ftp://points.example.com", True),
        ("TIMEZONE", "Mars/Olympus", True),
        ("TIMEZONE", "../../etc/passwd", True),
        ("SECRET_KEY", "short", False),
    ],
)
def test_refused(name: str, value: str, shown: bool) -> None:
    (sentence,) = problems(**{name: value})
    assert sentence.startswith(f"JIFEN_{name} 应为：")
    assert (value in sentence) is shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JIFEN_HTTP_PROT", "JIFEN_HTTP_PROT 不是已知的设置，是不是想写 JIFEN_HTTP_PORT？"),
        ("JIFEN_SECRETKEY", "JIFEN_SECRETKEY 不是已知的设置，是不是想写 JIFEN_SECRET_KEY？"),
        ("jifen_http_port", "jifen_http_port 不是已知的设置，是不是想写 JIFEN_HTTP_PORT？"),
        ("JIFEN_QQQQQ", "JIFEN_QQQQQ 不是已知的设置，请检查名字。"),
    ],
)
def test_unknown_names_are_refused_from_both_sources(name: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{name}=hunter2\n", encoding="utf-8")
    for env, env_file in (({name: "hunter2"}, None), ({}, file)):
        with pytest.raises(SettingsError) as refused:
            load_settings(env, env_file)
        assert refused.value.problems == (expected,)


def test_every_problem_is_told_at_once() -> None:
    found = problems(HTTP_PORT="x", TIMEZONE="x", HTTP_PROT="1")
    assert [sentence.split()[0] for sentence in found] == [
        "JIFEN_HTTP_PROT",
        "JIFEN_HTTP_PORT",
        "JIFEN_TIMEZONE",
    ]


def test_other_programs_variables_and_the_test_suites_are_let_be() -> None:
    assert load_settings({"PATH": "/bin", "JIFEN_TEST_DATABASE_URL": "x"}, None) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# 门店\nexport JIFEN_HTTP_PORT=9000\nJIFEN_METRICS_PORT='9001'\nOTHER=1\n", encoding="utf-8"
    )
    settings = load_settings({"JIFEN_HTTP_PORT": "9100"}, file)
    assert (settings.http_port, settings.metrics_port) == (9100, 9001)


def test_a_missing_file_is_no_file(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path / ".env") == Settings()


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("JIFEN_HTTP_HOST=积分".encode("gbk"))
    with pytest.raises(SettingsError, match="读不出来"):
        load_settings({}, file)


def test_the_process_environment_is_the_default(tmp_path: Path) -> None:
    code = "from base.settings import load_settings as l; print(l().http_port, l().metrics_port)"
    (tmp_path / ".env").write_text("JIFEN_METRICS_PORT=9001\n", encoding="utf-8")
    env = {**os.environ, "JIFEN_HTTP_PORT": "9000"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, check=True
    )
    assert done.stdout == b"9000 9001\n"


SECRETS = {
    "DATABASE_URL": "postgresql://u:hunter2-db@db/jifen",
    "REDIS_URL": "redis://:hunter2-redis@cache/0",
    "OA_APP_SECRET": "hunter2-oa",
    "OA_TOKEN": "hunter2token",
    "OA_ENCODING_AES_KEY": "hunter2" + AES_KEY[7:],
    "MINIAPP_APP_SECRET": "hunter2-miniapp",
    "SECRET_KEY": "hunter2-secret-key",
}


def test_no_secret_is_ever_shown() -> None:
    settings = load(**SECRETS)
    assert "hunter2" not in repr(settings) + str(settings)
    with pytest.raises(SettingsError) as refused:
        load(**{name: f"\x00 {value}" for name, value in SECRETS.items() if name != "SECRET_KEY"})
    assert len(refused.value.problems) == len(SECRETS) - 1
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ValidationError) as wrong:
        Settings(oa_token=SecretStr("hunter2-token"))
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"SECRET_KEY": "k" * 16}, []),
        ({"SECRET_KEY": "k" * 16, "OA_TOKEN": "token", "OA_ENCODING_AES_KEY": AES_KEY}, []),
        ({"SECRET_KEY": "k" * 16, "OA_TOKEN": "token", "OA_MESSAGE_MODE": "plain"}, []),
        ({"SECRET_KEY": "k" * 16, "OA_TOKEN": "token"}, ["JIFEN_OA_ENCODING_AES_KEY"]),
        ({}, ["JIFEN_SECRET_KEY"]),
        (
            {"OA_TOKEN": "token", "OA_MESSAGE_MODE": "compatible"},
            ["JIFEN_SECRET_KEY", "JIFEN_OA_ENCODING_AES_KEY"],
        ),
    ],
)
def test_what_a_real_installation_needs(env: dict[str, str], missing: list[str]) -> None:
    settings = load(**env)
    found: list[str] = []
    try:
        settings.require_production()
    except SettingsError as error:
        found = [sentence.split()[0] for sentence in error.problems]
    assert found == missing


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        setattr(Settings(), "http_port", 1)  # noqa: B010 - the assignment mypy rightly refuses


@given(st.text())
def test_any_port_text_is_a_port_or_a_problem(text: str) -> None:
    try:
        port = load(HTTP_PORT=text).http_port
    except SettingsError as error:
        (sentence,) = error.problems
        assert sentence.startswith("JIFEN_HTTP_PORT ")
    else:
        assert 1 <= port <= 65535


def test_a_setting_that_does_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="JIFEN_COLOUR 不是已知的设置"):
        load(COLOUR="green")


def test_every_setting_is_used() -> None:
    root = Path(base.settings.__file__).parents[1]
    packages = (
        "base",
        "bot",
        "channels",
        "embedded",
        "loyalty",
        "miniapp_api",
        "operators",
        "runtime",
        "tasks",
        "web",
        "wechat",
    )
    sources = [path for package in packages for path in (root / package).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    unused = [name for name in Settings.model_fields if not re.search(rf"\.{name}\b", text)]
    assert unused == []

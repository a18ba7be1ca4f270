"""The demo's accounts at the emulated WeChat. Their secrets are public, because the emulator listens on this machine only."""

import secrets
from pathlib import Path

from pydantic import SecretStr

from base.settings import DEMO_MINIAPP_APP_ID, DEMO_OA_APP_ID, Settings
from emulator.config import EmulatorConfig

LOCALHOST = "127.0.0.1"


def demo_settings(settings: Settings) -> Settings:
    """The operator's ports, folder and addresses, with the demo's accounts and the emulator as WeChat."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = settings.data_dir / "demo-secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return settings.model_copy(
        update={
            "ledger_guard": "off",
            "oa_app_id": DEMO_OA_APP_ID,
            "oa_app_secret": SecretStr("d3a0" * 8),
            "oa_token": SecretStr("JifenDemo"),
            "oa_encoding_aes_key": SecretStr("JifenDemo0123456789abcdefghijklmnopqrstuvwx"),
            "oa_message_mode": "safe",
            "miniapp_app_id": DEMO_MINIAPP_APP_ID,
            "miniapp_app_secret": SecretStr("d3a1" * 8),
            "wechat_api_base": f"http://{LOCALHOST}:{settings.emulator_port}",
            "public_base_url": f"http://{LOCALHOST}:{settings.http_port}",
            "secret_key": settings.secret_key or SecretStr(key.read_text(encoding="ascii")),
        }
    )


def clock_path(settings: Settings) -> Path:
    """The file that holds the demo clock's offset."""
    return settings.data_dir / "clock"


def emulator_config(settings: Settings) -> EmulatorConfig:
    """The same accounts as the emulator knows them; `settings` are `demo_settings`."""
    return EmulatorConfig(
        database_path=settings.data_dir / "emulator.sqlite",
        port=settings.emulator_port,
        oa_app_id=settings.oa_app_id or "",
        oa_app_secret=_revealed(settings.oa_app_secret),
        oa_token=_revealed(settings.oa_token),
        oa_encoding_aes_key=_revealed(settings.oa_encoding_aes_key),
        message_mode=settings.oa_message_mode,
        miniapp_app_id=settings.miniapp_app_id or "",
        miniapp_app_secret=_revealed(settings.miniapp_app_secret),
        webhook_url=f"http://{LOCALHOST}:{settings.http_port}/wechat",
        api_base_url=f"http://{LOCALHOST}:{settings.http_port}",
    )


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""

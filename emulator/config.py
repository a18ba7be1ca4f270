"""The emulator's settings: the two accounts, the addresses of the points server, the limits."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

MessageMode = Literal["plain", "compatible", "safe"]
DataFormat = Literal["xml", "json"]
AccountKind = Literal["oa", "miniapp"]

RELEASED_PAGES = (
    "pages/index/index",
    "pages/members/index",
    "pages/appeals/index",
    "pages/entries/index",
    "pages/erasing/index",
    "pages/games/draws",
    "pages/games/index",
    "pages/messages/index",
    "pages/missions/index",
    "pages/packs/index",
    "pages/personal/index",
    "pages/profile/index",
    "pages/referral/index",
    "pages/rewards/index",
    "pages/rewards/redemptions",
    "pages/rules/index",
    "pages/suggestions/index",
    "pages/tiers/index",
)
"""The pages of the mini-program as it was released, its first page first."""


@dataclass(frozen=True)
class Account:
    """One account of the platform: an official account or a mini-program."""

    kind: AccountKind
    app_id: str
    secret: str

    @property
    def original_id(self) -> str:
        """The `gh_…` id that pushes carry in ToUserName. Derived from the AppID, so that it stays the same after a restart."""
        return "gh_" + hashlib.sha256(self.app_id.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class EmulatorConfig:
    """Settings of one emulator.

    `api_base_url` is the base address of the points server, which the phone page calls. `daily_limits` replaces the
    daily quota (calls) of platform paths, to emulate an account with smaller quotas. `webhook_url` is the push address
    configured for both accounts; both use the same token and EncodingAESKey.
    """

    database_path: Path
    port: int
    oa_app_id: str
    oa_app_secret: str
    oa_token: str
    oa_encoding_aes_key: str
    message_mode: MessageMode
    miniapp_app_id: str
    miniapp_app_secret: str
    webhook_url: str
    api_base_url: str
    data_format: DataFormat = "xml"
    push_timeout_s: float = 5.0
    released_pages: tuple[str, ...] = RELEASED_PAGES
    permanent_qrcode_limit: int = 100_000
    daily_limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def oa(self) -> Account:
        """The official account."""
        return Account("oa", self.oa_app_id, self.oa_app_secret)

    @property
    def miniapp(self) -> Account:
        """The mini-program."""
        return Account("miniapp", self.miniapp_app_id, self.miniapp_app_secret)

    def account(self, app_id: str) -> Account | None:
        """The account with this AppID, if it is one of the two."""
        return next((known for known in (self.oa, self.miniapp) if known.app_id == app_id), None)

"""The mini-program's table of pages."""

from emulator.phone import (
    mini_entries,
    mini_home,
    mini_mine,
    mini_redemptions,
    mini_referral,
    mini_rewards,
    mini_rules,
    mini_tiers,
    mini_wheel,
    mini_wheel_record,
)
from emulator.phone.mini import Page

PAGES: dict[str, Page] = {
    "home": mini_home.PAGE,
    "wheel": mini_wheel.PAGE,
    "rewards": mini_rewards.PAGE,
    "mine": mini_mine.PAGE,
    "entries": mini_entries.PAGE,
    "redemptions": mini_redemptions.PAGE,
    "wheel_record": mini_wheel_record.PAGE,
    "referral": mini_referral.PAGE,
    "tiers": mini_tiers.PAGE,
    "rules": mini_rules.PAGE,
}

_RELEASED = {
    "pages/wheel/index": "wheel",
    "pages/rewards/index": "rewards",
    "pages/invite/index": "referral",
    "pages/records/index": "entries",
}


def name_of(path: str) -> str:
    """The page behind a released path, query and all; the first page for any other."""
    return _RELEASED.get(path.partition("?")[0].removeprefix("/"), "home")

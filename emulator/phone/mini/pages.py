"""The mini-program's table of pages."""

from emulator.phone.mini import (
    entries,
    home,
    mine,
    missions,
    packs,
    redemptions,
    referral,
    rewards,
    rules,
    tiers,
    wheel,
    wheel_record,
)
from emulator.phone.mini.screen import Page

PAGES: dict[str, Page] = {
    "home": home.PAGE,
    "wheel": wheel.PAGE,
    "rewards": rewards.PAGE,
    "mine": mine.PAGE,
    "entries": entries.PAGE,
    "redemptions": redemptions.PAGE,
    "wheel_record": wheel_record.PAGE,
    "referral": referral.PAGE,
    "tiers": tiers.PAGE,
    "missions": missions.PAGE,
    "packs": packs.PAGE,
    "rules": rules.PAGE,
}

"""The rule sets the crowd plays by: small, tight in stock, and each a few turns of a dial away from the one before."""

import random
from typing import Any

from loyalty.programme.rules import RuleSet
from tests.ledger import rules_with

LADDERS: tuple[tuple[dict[str, int], ...], ...] = (
    (),
    ({"streak": 3, "bonus": 20}, {"streak": 7, "bonus": 50}),
    ({"streak": 2, "bonus": 5}, {"streak": 7, "bonus": 30}),
)
TIERS = (("t0", 0), ("t1", 150), ("t2", 400), ("t3", 1500))
"""The tiers with the growth value that reaches each; they never change."""
MISSIONS: tuple[tuple[dict[str, Any], ...], ...] = (
    (),
    (
        {"id": "first", "name": "新手任务", "need": 2, "reward": {"points": 9},
         "steps": [{"check_in": 2}, {"draw": 3}, {"redeem": 1}]},
        {"id": "daily", "name": "每天一签", "period": "day", "reward": {"points": 2}, "steps": [{"check_in": 1}],
         "in_a_row": {"periods": 2, "bonus": 6}},
        {"id": "shop", "name": "每月两单", "period": "month", "reward": {"ticket": "hot"},
         "steps": [{"event": "purchase", "times": 2}]},
    ),
    (
        {"id": "weekly", "name": "每周任务", "period": "week", "reward": {"points": 4},
         "steps": [{"check_in": 2}, {"draw": 1}], "from": "2026-03-05T12:00", "until": "2099-01-01T00:00"},
        {"id": "daily", "name": "每天一抽", "period": "day", "reward": {"points": 1, "ticket": "hot"}, "steps": [{"draw": 2}],
         "tiers": ["t1", "t2"], "in_a_row": {"periods": 3, "bonus": 5}},
    ),
)  # fmt: skip
OPTIONS = [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}]
POLLS = [
    {"id": "taste", "title": "口味", "points": 3, "options": OPTIONS},
    {
        "id": "cup",
        "title": "杯型",
        "options": OPTIONS,
        "from": "2026-03-03T09:00",
        "until": "2099-01-01T00:00",
    },
]
CHANGES = ("award", "refund", "redemption", "voucher_used", "deduction")
Dials = dict[str, Any]

START_DIALS: Dials = {
    "months": 2, "welcome": 100, "check_in": 10, "ladder": 1, "cost": 5, "free": 1, "a_day": 30, "grand": 30, "odds": 0,
    "cup": 25, "cup_price": 30, "mug": True, "shy": True, "referral": True, "friend": 20, "inviter": 50,
    "extend": 3, "inactive": 2, "rate": 100,
    "missions": 1, "most": 60,
}  # fmt: skip

TURNS: dict[str, tuple[Any, ...]] = {
    "months": (1, 1, 2, 3, 12, None), "welcome": (0, 50, 100), "check_in": (10, 20, 35), "ladder": (0, 1, 2),
    "cost": (0, 5, 20), "free": (0, 1, 3), "a_day": (3, 30, 100), "cup_price": (10, 30, 90), "friend": (0, 20),
    "inviter": (0, 50), "referral": (True, False), "odds": (0, 1, 2), "grand": (5, 30, 60, 200, 1000),
    "cup": (0, 25, 50, 100, 1000), "mug": (True, False), "shy": (True, False), "extend": (None, 3, 7),
    "inactive": (None, 1, 2, 3),
    "rate": (7, 100, 300),
    "missions": (0, 1, 2), "most": (None, 35, 60),
}  # fmt: skip
"""What each dial can be turned to."""

QUIET = ("welcome", "check_in", "ladder", "cost", "free", "a_day", "cup_price", "months", "odds", "missions")
"""Dials that may be turned while members act: whoever comes first, stock and what is owed stay as they are."""


def turned(dials: Dials, dice: random.Random, names: tuple[str, ...] = tuple(TURNS)) -> Dials:
    """The dials after one to three turns."""
    return dials | {name: dice.choice(TURNS[name]) for name in dice.sample(names, dice.randint(1, 3))}


def programme(dials: Dials) -> RuleSet:
    """The rule set these dials stand for."""
    odds = ((100_000, 300_000, 600_000), (400_000, 350_000, 250_000), (1_000, 1, 998_999))[dials["odds"]]
    grand, small, nothing = odds
    hot = {
        "id": "hot", "name": "限量转盘", "cost_points": dials["cost"], "draws_per_day": dials["a_day"],
        "prizes": [
            {"id": "grand", "slot": 2, "name": "大奖", "level": "一等奖", "kind": "voucher", "odds_ppm": grand,
             "stock": dials["grand"], "substitute": "nothing", "may_end_in_nothing": True, "valid_days": 30},
            {"id": "small", "slot": 0, "name": "小奖", "level": "三等奖", "kind": "points", "points": 7, "odds_ppm": small},
            {"id": "nothing", "slot": 1, "name": "谢谢参与", "level": "未中奖", "kind": "none", "odds_ppm": nothing},
        ],
    }  # fmt: skip
    free = {
        "id": "free", "name": "每日一转", "cost_points": 10, "free_per_day": dials["free"], "draws_per_day": 4,
        "prizes": [
            {"id": "ten", "slot": 0, "name": "十分", "level": "二等奖", "kind": "points", "points": 10, "odds_ppm": 500_000},
            {"id": "coupon", "slot": 1, "name": "券", "level": "三等奖", "kind": "voucher", "odds_ppm": 200_000, "valid_days": 3},
            {"id": "card", "slot": 3, "name": "补签卡", "level": "三等奖", "kind": "repair_card", "odds_ppm": 100_000},
            {"id": "none", "slot": 2, "name": "谢谢", "level": "未中奖", "kind": "none", "odds_ppm": 200_000},
        ],
    }  # fmt: skip
    cup = {
        "id": "cup",
        "name": "杯子",
        "kind": "voucher",
        "price_points": dials["cup_price"],
        "stock": dials["cup"],
        "valid_days": 30,
        "cancel_hours": 8784,
    }
    cookie = {
        "id": "cookie",
        "name": "曲奇",
        "kind": "voucher",
        "price_points": 12,
        "valid_days": 2,
        "cancel_hours": 48,
    }
    mug = {
        "id": "mug",
        "name": "马克杯",
        "kind": "voucher",
        "price_points": 400,
        "stock": 40,
        "valid_days": 90,
        "cancel_hours": 0,
    }
    inactivity = {"months": dials["inactive"], "warn_days": 5}
    extension = {"days": 10, "price_points": dials["extend"], "within_days": 400, "late_days": 2}
    spend = {
        "id": "spend",
        "name": "消费返积分",
        "on": "purchase",
        "award": {"points": 1, "per_fen": 100},
        "pending_days": 3,
    }
    first = {
        "id": "first",
        "name": "首单双倍",
        "on": "purchase",
        "when": [{"order_number": {"ever": 1}}],
        "multiply": 2,
    }
    return rules_with(
        events=[{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}],
        earning=[spend, first],
        packs=[
            {"id": "fast", "name": "加速包", "on": "purchase", "multiply": 2, "days": 5, "points": 60, "price_points": 4,
             "per_year": 3},
        ],
        expiry={
            "months": dials["months"], "extension": extension if dials["extend"] else None,
            "inactivity": inactivity if dials["inactive"] else None,
        },
        welcome={"points": dials["welcome"], "ticket": "hot"},
        check_in={"points": dials["check_in"], "cycle_days": 7, "ladder": LADDERS[dials["ladder"]], "most_per_day": dials["most"]},
        repair={"price_points": 15},
        deductions={"points_per_yuan": dials["rate"], "most_percent": 40, "smallest_fen": 50, "hold_minutes": 45},
        tiers=[{"id": tier, "name": tier, "growth": growth} for tier, growth in TIERS],
        tier_review={"by": "never"},
        wheels=[hot, free] if dials["shy"] else [hot],
        rewards=[cup, cookie, mug] if dials["mug"] else [cup, cookie],
        referral={
            "enabled": dials["referral"], "inviter_points": dials["inviter"], "friend_points": dials["friend"],
            "ladder": [{"qualified": 2, "bonus": 15}, {"qualified": 5, "bonus": 40}],
        },
        missions=MISSIONS[dials["missions"]],
        polls=POLLS,
        notices={"changes": {"on": CHANGES}, "wake_up": {"silent_days": 30}},
    )  # fmt: skip

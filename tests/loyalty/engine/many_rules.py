"""A rule set as large as an operator could want: 2,000 rewards, 50 wheels of 64 prizes, and long ladders of everything else."""

from functools import cache
from typing import Any

from loyalty.programme.rules import RuleSet
from tests.ledger import rules_with

REWARDS, WHEELS, PRIZES, STEPS = 2_000, 50, 64, 200


def reward(number: int) -> dict[str, Any]:
    """Every reward can run out."""
    return {
        "id": f"reward_{number}", "name": f"礼品 {number} 号", "kind": "voucher", "price_points": 10 + number,
        "stock": 1_000 + number, "valid_days": 30, "terms": "凭券码到店领取一份，不找零，不兑换现金。",
    }  # fmt: skip


def prize(number: int) -> dict[str, Any]:
    """All prizes but the first can run out, and are replaced by it then."""
    limits = {"stock": 1_000 + number, "substitute": "prize_0"} if number else {}
    return {
        "id": f"prize_{number}", "slot": number, "name": f"奖品 {number} 号", "level": "幸运奖", "kind": "voucher",
        "odds_ppm": 1_000_000 // PRIZES, "value_fen": 100, "terms": "凭券码到店领取一份。", **limits,
    }  # fmt: skip


def wheel(number: int) -> dict[str, Any]:
    """A wheel of as many prizes as there may be."""
    return {
        "id": f"wheel_{number}", "name": f"转盘 {number} 号", "cost_points": 10, "draws_per_day": 20,
        "prizes": [prize(number) for number in range(PRIZES)],
    }  # fmt: skip


@cache
def many_rules() -> RuleSet:
    """The demo's rules, and as many of everything; a sign-in of the first days pays as in the demo."""
    return rules_with(
        rewards=[reward(number) for number in range(REWARDS)],
        wheels=[wheel(number) for number in range(WHEELS)],
        check_in={
            "points": 10,
            "cycle_days": 366,
            "ladder": [{"streak": 366 - STEPS + step, "bonus": step} for step in range(1, STEPS + 1)],
        },
        tiers=[
            {"id": f"tier_{step}", "name": f"第 {step} 级", "growth": 100 * step} for step in range(STEPS)
        ],
        referral={
            "enabled": True,
            "inviter_points": 50,
            "friend_points": 20,
            "ladder": [{"qualified": step, "bonus": step} for step in range(1, STEPS + 1)],
        },
    )

"""What an entry is called and why it happened, in Chinese, from its reason and the facts stored with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loyalty.calendar import NEVER, last_day

Detail = Mapping[str, Any]


@dataclass(frozen=True)
class Sentence:
    """How one kind of entry reads: a short title, and the sentence that explains it."""

    title: Callable[[Detail], str]
    why: Callable[[Detail], str]


def entry_title(reason: str, detail: Detail) -> str:
    """The entry's name in a list, a few characters; `积分变动` for a reason this version does not know."""
    known = _SENTENCES.get(reason)
    return known.title(detail) if known else "积分变动"


def entry_why(reason: str, detail: Detail) -> str:
    """One plain sentence that says why the points moved; general for a reason this version does not know."""
    known = _SENTENCES.get(reason)
    return known.why(detail) if known else "按当时生效的规则记账。"


def number(value: int) -> str:
    """An amount with its thousands apart: 12345 → `12,345`."""
    return f"{value:,}"


def day_text(day: date) -> str:
    """`2026年11月3日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def last_day_text(expires_on: date) -> str:
    """The last day something can be used, from the first day it is gone; `长期有效` for what never lapses."""
    return "长期有效" if expires_on == NEVER else day_text(last_day(expires_on))


def odds_text(odds_ppm: int) -> str:
    """Millionths as an exact percentage: 125000 → `12.5%`, 3 → `0.0003%`."""
    whole, rest = divmod(odds_ppm, 10_000)
    digits = f"{rest:04}".rstrip("0")
    return f"{whole}.{digits}%" if digits else f"{whole}%"


def _times(detail: Detail, key: str) -> str:
    return f" ×{detail[key]}" if detail[key] > 1 else ""


def _signed_in_on(detail: Detail) -> str:
    return day_text(date.fromisoformat(detail["day"]))


_SENTENCES = {
    "welcome": Sentence(lambda _: "新人礼", lambda _: "欢迎加入，送你一份见面礼。"),
    "check_in": Sentence(
        lambda _: "每日签到",
        lambda facts: f"{_signed_in_on(facts)}签到，已连续 {facts['streak']} 天。",
    ),
    "check_in_bonus": Sentence(
        lambda facts: f"连续签到 {facts['streak']} 天奖励",
        lambda facts: f"{_signed_in_on(facts)}连续签到满 {facts['streak']} 天，加赠奖励。",
    ),
    "draw": Sentence(
        lambda facts: str(facts["name"]),
        lambda facts: f"参加“{facts['name']}”抽奖一次所用的积分。",
    ),
    "prize": Sentence(
        lambda facts: f"抽中“{facts['prize']}”",
        lambda facts: f"在“{facts['name']}”抽中{facts['level']}“{facts['prize']}”。",
    ),
    "redeem": Sentence(
        lambda facts: f"兑换{facts['name']}{_times(facts, 'quantity')}",
        lambda facts: f"兑换“{facts['name']}”{facts['quantity']} 份所用的积分。",
    ),
    "cancel": Sentence(
        lambda facts: f"取消兑换{facts['name']}",
        lambda facts: f"取消兑换“{facts['name']}”，积分退回原来的批次，有效期不变。",
    ),
    "opened": Sentence(lambda _: "待到账积分到账", lambda _: "待到账期已满，这些积分可以使用了。"),
    "lapsed": Sentence(lambda _: "积分到期", lambda _: "这些积分过了有效期，没有用完的部分已失效。"),
    "referral_friend": Sentence(lambda _: "受邀礼", lambda _: "接受好友邀请并完成首次签到的礼物。"),
    "referral_inviter": Sentence(lambda _: "邀请奖励", lambda _: "你邀请的好友完成了首次签到。"),
    "referral_ladder": Sentence(
        lambda facts: f"邀请满 {facts['qualified']} 人奖励",
        lambda facts: f"完成首次签到的好友满 {facts['qualified']} 位，加赠奖励。",
    ),
    "debt_repaid": Sentence(
        lambda _: "补扣欠下的积分", lambda _: "先前退款时欠下的积分，由新到账的积分补上。"
    ),
}

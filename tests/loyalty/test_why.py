"""为什么 (D08): every kind of entry explains itself in one sentence, from its own facts."""

from datetime import date
from typing import Any, Final

import pytest

from bot.entries import why_text
from loyalty.checkin.commands import CheckIn
from loyalty.deductions.commands import HoldPoints, ReleaseHold
from loyalty.entries import SENTENCES, entries, explained, explanation
from loyalty.ledger.calendar import NEVER
from loyalty.ledger.moved import Movement, Share
from loyalty.rewards.commands import Redeem
from tests.ledger import ZONE, Ledger
from tests.loyalty.worlds import busy_world

MAY = date(2026, 5, 1)
IN: Final = ("issued", "available")
OUT: Final = ("available", "spent")
PURCHASE: dict[str, Any] = {
    "what": "消费", "store_name": "静安店", "amount_fen": 8880, "rules": [["spend", "消费返积分", 1, 100]],
    "factors": [["day", "会员日双倍", 2]], "withheld": [["spend", "消费返积分", "limit"]],
}  # fmt: skip

Case = tuple[str, dict[str, Any], tuple[str, str], str]
CASES: list[Case] = [
    ("welcome", {}, IN, "欢迎加入，送你一份见面礼；得 60 分可用到2026年4月30日。"),
    ("check_in", {"day": "2026-03-02", "streak": 3}, IN, "已连续 3 天；得 60 分可用到2026年4月30日。"),
    ("check_in_bonus", {"day": "2026-03-02", "streak": 7}, IN, "连签满 7 天，另送奖励；得 60 分"),
    ("repair_card", {"day": "2026-03-01"}, OUT, "补签2026年3月1日；用掉2026年4月30日到期的 60 分。"),
    ("check_in_repair", {"day": "2026-03-01", "streak": 2}, IN, "那天是连续签到第 2 天；得 60 分"),
    ("draw", {"name": "幸运大转盘"}, OUT, "幸运大转盘抽奖 1 次；用掉2026年4月30日到期的 60 分。"),
    ("prize", {"name": "转盘", "level": "三等奖", "prize": "60 积分"}, IN, "抽中三等奖「60 积分」；得 60 分"),
    ("redeem", {"name": "曲奇", "quantity": 2}, OUT, "兑换曲奇 ×2；用掉2026年4月30日到期的 60 分。"),
    ("cancel", {"name": "曲奇", "quantity": 2}, ("spent", "available"), "60 分退回原来的批次，有效期不变。"),
    ("referral_friend", {}, IN, "完成首次签到的见面礼；得 60 分"),
    ("referral_inviter", {}, IN, "你邀请的好友完成了首次签到；得 60 分"),
    ("referral_ladder", {"qualified": 5}, IN, "邀满 5 人，另送奖励；得 60 分"),
    ("voucher_moved", {"name": "曲奇"}, ("issued", "spent"), "可用积分不变；60 分。"),
    ("merged_in", {}, IN, "另一个会员的积分转到这里，有效期不变；得 60 分"),
    ("merged_out", {}, ("available", "issued"), "转出 60 分。"),
    ("split_in", {}, IN, "转回这里，有效期不变；得 60 分"),
    ("split_out", {}, ("pending", "issued"), "转出还没到账的 60 分。"),
    ("moved_growth", {}, ("issued", "adjusted"), "可用积分不变；60 分。"),
    ("moved_debt", {}, ("debt", "adjusted"), "随会员一起转移；欠下 60 分。"),
    ("deduction_held", {"order": "A1", "fen": 60}, ("available", "held"), "抵 0.60 元，等收银台确认收款；扣住2026年4月30日到期的"),
    ("deduction_captured", {"order": "A1", "fen": 60}, ("held", "spent"), "积分抵了 0.60 元；用掉扣住的 60 分。"),
    ("deduction_released", {"order": "A1", "why": "lapsed"}, ("held", "available"), "订单 A1：超过了确认的时间"),
    ("adjusted", {"reason": "漏记一单", "ticket": "T1"}, ("adjusted", "available"), "客服调整：漏记一单；得 60 分"),
    ("opened", {}, ("pending", "available"), "可以用了；60 分可用到2026年4月30日。"),
    ("lapsed", {}, ("available", "expired"), "未用部分清零；60 分的最后可用日是2026年4月30日。"),
    ("debt_repaid", {}, ("available", "debt"), "由新到账的积分补上；还掉 60 分。"),
    ("event", PURCHASE, ("issued", "pending"), "在静安店消费 88.80 元；消费返积分，每 1 元 1 分；会员日双倍，乘以 2"),
    ("refund", {"order": "A1", "amount_fen": 8880}, ("available", "reversed"), "订单 A1 退款 88.80 元"),
    ("opening_balance", {"line": 2}, IN, "从原来的会员系统转入的积分；得 60 分"),
    ("forfeited", {"silent_since": "2025-03-01"}, ("available", "forfeited"), "提醒过后积分清零；清掉 60 分。"),
    ("erased", {}, ("pending", "forfeited"), "会员注销，剩下的积分作废；清掉还没到账的 60 分。"),
    ("mission", {"name": "新手任务"}, IN, "完成任务「新手任务」的奖励；得 60 分"),
]  # fmt: skip
"""A reason, its facts, the buckets, and what its sentence says; 60 points, which last until the end of April."""
ELSEWHERE: Final = {"mission_bonus", "poll", "extension", "points_revived", "pack"}
"""Reasons whose sentences are tried beside their features; that they explain themselves in a ledger is tried there."""


@pytest.mark.parametrize(("reason", "facts", "buckets", "says"), CASES, ids=[case[0] for case in CASES])
def test_every_reason_says_its_facts(
    reason: str, facts: dict[str, Any], buckets: tuple[str, str], says: str
) -> None:
    src, dst = buckets
    shares = [Share(MAY, 60)] if src == "available" else []
    expires_on = MAY if dst in ("available", "pending", "expired") else None
    said = explanation(reason, facts, Movement(src, dst, 60, expires_on, shares))
    assert says in said
    assert "60 分" in said
    assert (said.count("。"), said[-1]) == (1, "。"), "one sentence"


def test_no_reason_is_left_out() -> None:
    assert {reason for reason, *_ in CASES} | ELSEWHERE == set(SENTENCES), "add its facts to CASES"


SHARES = [
    ([(MAY, 50), (NEVER, 10)], "用掉2026年4月30日到期的 50 分、长期有效的 10 分。"),
    ([], "从最早到期的积分里用掉 60 分。"),
    ([(date(2026, month, 1), 15) for month in (5, 6, 7, 8)], "从最早到期的积分里用掉 60 分。"),
]


@pytest.mark.parametrize(("lots", "says"), SHARES)
def test_the_lots_are_named_if_they_are_few(lots: list[tuple[date, int]], says: str) -> None:
    moved = Movement("available", "spent", 60, None, [Share(*one) for one in lots])
    assert explanation("redeem", {"name": "曲奇", "quantity": 1}, moved).endswith(says)


async def test_every_entry_of_a_busy_programme_explains_itself(ledger: Ledger) -> None:
    await busy_world(ledger)
    members = [row["member_id"] for row in await ledger.pool.fetch("SELECT member_id FROM account")]
    rows = [row for member in members for row in await entries(member, limit=200)]
    assert len(rows) == await ledger.count("entry")
    assert all(row.source in SENTENCES for row in rows)
    assert all("分" in row.reason and row.reason.count("。") == 1 for row in rows), rows


async def test_the_second_latest_is_asked_by_its_number(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.run(CheckIn, member)
    await ledger.run(Redeem, member, reward="cookie")
    held = await ledger.run(HoldPoints, member, order="A1", store="jingan", amount_fen=2000, points=30)
    await ledger.run(ReleaseHold, member, hold=held.outcome.hold)  # type: ignore[attr-defined]  # it is held
    latest, third = await explained(member, 1), await explained(member, 3)
    assert why_text(latest, 1, ZONE).splitlines() == [
        "3月2日 10:00 积分抵现退回 +30，余 50",
        "订单 A1：收银台取消了抵扣，积分退回；30 分退回原来的批次，有效期不变。",
        "依据第 1 版规则。",
        "发「为什么 2」看再前一笔。",
    ]
    assert third is not None
    assert third.reason == "兑换手工曲奇一份 ×1；用掉2027年3月31日到期的 60 分。"
    assert await explained(member, 6) is None
    assert why_text(None, 6, ZONE).startswith("没有这一笔。")

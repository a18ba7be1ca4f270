"""D14, K13: the copy of personal data: every table is told or says why not, and a copy has what a member did."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from tortoise import Model

from channels.notices.kinds import KINDS
from loyalty.personal.copy import PAGE, Asked, write_copy
from loyalty.personal.limit import MOST_A_DAY, take_copy
from loyalty.personal.own import NOTICE_KINDS
from loyalty.personal.sections import SECTIONS
from models import earning, features, ledger, member, numbers, operators, outbox
from operators.members.account import merge, unmerge
from operators.roles import LABELS
from tests.ledger import KEYS, ZONE, Ledger
from tests.loyalty.worlds import busy_world, today
from tests.operators.desks import desk_for

MODULES: Final = (earning, features, ledger, member, numbers, operators, outbox)
UNTOLD: Final[dict[str, str]] = {
    # Tables that repeat what another one tells.
    "approval": "what operators ask each other; what came of it is told as 工作人员的操作",
    "award": "shares of an event's points",
    "budget_use": "shares of an event's points",
    "event_key": "a directory; the event is told",
    "follow_up": "commands that are owed for some seconds; what they come to is told",
    "hold_key": "a directory; the hold is told",
    "lot_use": "how an entry's points fall to the lots",
    "member_day": "sums of what is told, by day",
    "merged_half": "member numbers of one person; the copy tells the rows of all of them",
    "meter": "counters of what is told",
    "order_key": "a directory; the order is told",
    "phone_key": "a directory of keyed hashes",
    "receipt": "the decisions behind the rows that are told, in the engine's codes",
    "referral_code": "a directory; the code is told as 资料",
    "voucher_code": "a directory; the voucher is told",
    # Columns.
    "receipt_no": "a number of the engine",
    "line": "a number of the engine",
    "rule_version": "a number of the engine",
    "moved_at": "a state of a merge",
    "account.chain": "a proof over the rows that are told",
    "account.version": "a number of the engine",
    "account.seq": "a number of the engine",
    "account.merged_into": "a member number of the same person",
    "account.halves": "as merged_half",
    "appeal.id": "a random number",
    "appeal.answered_by": "the name of somebody else",
    "consent_withdrawal.message_key": "WeChat's number of a message",
    "draw.line": "a number of the engine",
    "draw.day": "the day of drawn_at",
    "draw.roll": "proved by 查证, which needs its round to be over",
    "draw.candidate": "as draw.roll",
    "draw.prize": "the code of prize_name",
    "draw.level": "the code of prize_name",
    "draw.slot": "the code of prize_name",
    "draw.took_stock": "the shop's stock",
    "draw.odds_version": "a number of the rules",
    "entry.pending": "told for the spendable points",
    "entry.held": "as entry.pending",
    "entry.debt": "as entry.pending",
    "entry.chain": "a proof over the rows that are told",
    "entry.reason": "told in words",
    "entry.detail": "told in words",
    "event.day": "the day of occurred_at",
    "hold.points_per_yuan": "a number of the rules",
    "hold.deadline": "over when the hold is closed",
    "identity.owner_id": "a member number of the same person",
    "identity.ask_after": "when a job asks WeChat",
    "identity.silent": "a state of the welcome",
    "lot.terms": "a number of the rules",
    "lot.opened": "told by opens_on",
    "lot.has_remaining": "told by remaining",
    "member.nickname_checked": "a state of WeChat's check",
    "member.last_seen_floor": "told as the account's last_seen_on",
    "member.merge_with": "a member number of the same person",
    "mission_done.carried": "a state of a merge",
    "notice.key": "what the notice is about, as a code",
    "notice.payload": "the words of what is told elsewhere",
    "notice.reason": "a code of delivery",
    "notice.channel": "a code of delivery",
    "notice.message_id": "a code of delivery",
    "notice.due_at": "a state of delivery",
    "notice.attempts": "a state of delivery",
    "notice.fault": "a state of delivery",
    "operation.id": "a random number",
    "operation.operator": "the name of somebody else",
    "operation.role": "about somebody else",
    "operation.origin": "the address of somebody else",
    "operation.subject": "the code of what is told",
    "operation.before": "told where it is kept",
    "operation.after": "told where it is kept",
    "operation.reason": "the words of somebody else about their work",
    "order_refund.event": "a number of the source",
    "order_refund.order_store": "told as the order",
    "order_refund.order_no": "told as the order",
    "order_refund.order_receipt_no": "a number of the engine",
    "phone.phone_hash": "a keyed hash",
    "phone.sealed": "told, masked, at the head",
    "phone.key_id": "the name of our key",
    "phone.tail": "a number by which we search; the masked number is told at the head",
    "poll_vote.carried": "a state of a merge",
    "purchase.source": "told as the event",
    "purchase.event": "told as the event",
    "purchase.kind": "told as the event",
    "purchase.terms": "a number of the rules",
    "purchase.refunded_before": "a share of refunded_fen",
    "check_in_repair.shift": "told by through",
    "redemption.item": "the code of the name",
    "redemption.took_stock": "the shop's stock",
    "redemption.voucher_code": "whoever knows it can use the voucher, and files are sent around",
    "redemption.cancellable_until": "shown where it can be done",
    "redemption.carried": "a state of a merge",
    "redemption.used_by": "the name of somebody else",
    "referral.inviter_id": "about somebody else",
    "risk_case.source": "a number of the engine",
    "risk_case.cause": "a limit that who means harm would stay below",
    "risk_case.found": "as risk_case.cause",
    "risk_case.bound": "as risk_case.cause",
    "risk_case.reason": "told to the member by a notice",
    "risk_case.decided_by": "the name of somebody else",
    "session.token_hash": "a hash",
    "suggestion.request_key": "a random number",
}
"""Columns by name stand for those of every table."""


def tables() -> Iterator[type[Model]]:
    for module in MODULES:
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, Model) and "member_id" in one._meta.fields_map:
                yield one


def test_d14_everything_that_is_kept_of_a_member_is_told_or_says_why_not() -> None:
    told = {f"{kept.table}.{column}" for kept in SECTIONS for column in kept.columns}
    found = {f"{one._meta.db_table}.{name}" for one in tables() for name in one._meta.fields_map}
    untold = {
        name
        for name in found - told
        if not name.endswith(".member_id") and not UNTOLD.keys() & {name, *name.split(".")}
    }
    assert untold == set(), "new: tell it by a Kept of its feature, or say here why not"
    assert told <= found
    assert {name for name in UNTOLD if "." in name} <= found - told, "told now"
    assert len({kept.table for kept in SECTIONS}) == len(SECTIONS)


def test_codes_have_names() -> None:
    assert NOTICE_KINDS.keys() == {kind.code for kind in KINDS}
    (operation,) = (kept for kept in SECTIONS if kept.table == "operation")
    for action, label in LABELS.items():
        assert operation.shown["action"](action.value) in (label, action.value), action


async def copy_of(ledger: Ledger, member_id: int) -> Any:
    asked = Asked(ledger.pool, KEYS, ZONE, member_id, ledger.clock.now())
    return orjson.loads(b"".join([piece async for piece in write_copy(asked)]))


async def test_d14_the_copy_has_what_members_did_and_nothing_of_others(ledger: Ledger) -> None:
    await busy_world(ledger)
    copies = [
        {one["title"]: one["rows"] for one in (await copy_of(ledger, of))["sections"]} for of in (1, 2, 3)
    ]
    first, second, third = copies
    assert [len(copy["抽奖"]) for copy in copies] == [9, 0, 0]
    assert {row["状态"] for row in first["兑换和券"]} >= {"没有用", "取消了"}
    assert (second["订单"][0]["订单号"], second["订单"][0]["已退金额（分）"]) == ("o1", 1_000)
    assert [row["状态"] for row in second["退款"]] == ["处理了"]
    assert [row["做了什么"] for row in second["工作人员的操作"]] == ["调整积分"]
    assert (second["投票"][0]["选了"], len(second["谁邀请了你"]), first["谁邀请了你"]) == ("a", 1, [])
    for copy, member_id in zip(copies, (1, 2, 3), strict=True):
        entries = await ledger.pool.fetchval("SELECT count(*) FROM entry WHERE member_id = $1", member_id)
        assert len(copy["积分明细"]) == entries
        assert all(row["名目"] and row["为什么"] for row in copy["积分明细"])
        assert [row["会员号"] for row in copy["资料"]] == [member_id]
    assert third["签到"] == []


async def test_d14_a_merged_member_has_the_rows_of_both_by_pages(ledger: Ledger) -> None:
    desk = await desk_for(ledger, "小王", "operations")
    member, half, other = await ledger.member(), await ledger.member(), await ledger.member()
    for one, many in ((member, PAGE), (half, 3), (other, 1)):
        await ledger.pool.execute(
            "INSERT INTO suggestion (member_id, request_key, text, said_at)"
            " SELECT $1, md5(n::text), 'of ' || $1::bigint, now() FROM generate_series(1, $2::int) n",
            one, many,
        )  # fmt: skip
    await merge(desk, member, half, "同一个人")
    sections = {one["title"]: one["rows"] for one in (await copy_of(ledger, member))["sections"]}
    said = [row["你写的"] for row in sections["建议"]]
    assert (said.count(f"of {member}"), said.count(f"of {half}"), len(said)) == (PAGE, 3, PAGE + 3)


async def test_d14_a_chain_of_merges_and_its_split_give_each_their_own(ledger: Ledger) -> None:
    desk = await desk_for(ledger, "小王", "operations")
    first, second, third = await ledger.member(), await ledger.member(), await ledger.member()
    for one in (first, second, third):
        await ledger.pool.execute(
            "INSERT INTO suggestion (member_id, request_key, text, said_at) VALUES ($1, 'k', 'of ' || $1::bigint, now())", one
        )  # fmt: skip
    await merge(desk, second, third, "同一个人")
    await merge(desk, first, second, "同一个人")
    assert await said(ledger, first) == [f"of {first}", f"of {second}", f"of {third}"]
    await unmerge(desk, second, "弄错了")
    assert await said(ledger, first) == [f"of {first}"]
    assert await said(ledger, second) == [f"of {second}", f"of {third}"]


async def said(ledger: Ledger, member_id: int) -> list[str]:
    sections = {one["title"]: one["rows"] for one in (await copy_of(ledger, member_id))["sections"]}
    return [row["你写的"] for row in sections["建议"]]


async def test_a_few_copies_a_day(ledger: Ledger) -> None:
    member, day, now = await ledger.member(), today(ledger), ledger.clock.now()
    for expected in [*[True] * MOST_A_DAY, False, False]:
        assert await take_copy(ledger.pool, member, day, now) is expected

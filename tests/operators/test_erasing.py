"""D14: after a member is erased nothing in the database tells who they were, and the sums still hold."""

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, Final

import pytest
from tortoise import fields
from tortoise.models import Model

import models
from loyalty.appeals.views import list_appeals, open_appeal
from loyalty.audit import audit
from loyalty.cases.commands import OpenCase
from loyalty.cases.views import list_cases
from loyalty.checkin.commands import CheckIn
from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.engine.refusals import AccountClosed
from loyalty.entries import entries
from loyalty.erasing.outcomes import AlreadyErased, MemberErased, MergeUnderWay, SomethingHeld, SomethingLeft
from loyalty.erasing.places import PLACES
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.phones import bind_phone, members_of_phones
from loyalty.members.profile import rename
from loyalty.rewards.commands import Redeem
from operators.members.account import merge, unmerge
from operators.members.erasing import erase_member
from operators.operation_log.pages import Filters, list_operations
from operators.reasons import BadText
from operators.roles import NotAllowed, Role
from tests.ledger import KEYS, Ledger, rules_with
from tests.operators.desks import desk_for, owner_desk

KEPT: Final[dict[str, str]] = {
    "account": "sums of points under the member's number",
    "approval": "what operators asked each other, which names nobody but them",
    "award": "rules that paid",
    "budget_use": "names of budgets",
    "draw": "what was drawn, with the bytes that prove it",
    "entry": "the ledger, which stays",
    "event": "numbers of a shop's events and orders, which the shop must keep; they name nobody here",
    "event_key": "as event",
    "follow_up": "commands that were owed, by numbers",
    "growth_entry": "the ledger, which stays",
    "hold": "as event",
    "hold_key": "as event",
    "lot_use": "the ledger, which stays",
    "member.referral_code": "random; friends' receipts have it, and it leads to a number alone",
    "meter": "names of counters",
    "mission_done": "names of missions",
    "notice": "amounts, names of rewards and words of operators; what was not sent is stopped",
    "operation": "who did what and why; whom it concerns is a number",
    "order_key": "as event",
    "order_refund": "as event",
    "phone.key_id": "the name of our key",
    "poll_vote": "a choice among options",
    "purchase": "as event",
    "receipt": "the ledger, which stays; its keys are hashes of messages",
    "redemption": "what was bought",
    "referral_code": "as member.referral_code",
    "risk_case": "what was counted and decided",
    "shown": "prices that were shown",
    "suggestion.request_key": "as receipt",
    "appeal": "words of operators; those of the member are erased",
    "tier_span": "names of tiers",
    "voucher_code": "random codes",
}
"""Tables and columns of members that stay, each with the reason why they may."""
WORDS: Final = (fields.TextField, fields.CharField, fields.BinaryField, fields.JSONField)
PHONE: Final = "+8613812345678"
OTHER_PHONE: Final = "+8613912345678"


def tables() -> Iterator[type[Model]]:
    """Every table that has rows of members."""
    for module in pkgutil.iter_modules(models.__path__):
        found = vars(importlib.import_module(f"models.{module.name}")).values()
        for one in found:
            if isinstance(one, type) and issubclass(one, Model) and "member_id" in one._meta.fields_map:
                yield one


def test_d14_every_column_that_may_hold_words_is_erased_or_says_why_not() -> None:
    erased = {f"{place.table}.{column}" for place in PLACES for column in place.columns}
    found = {
        f"{one._meta.db_table}.{name}"
        for one in tables()
        for name, field in one._meta.fields_map.items()
        if isinstance(field, WORDS)
    }
    rows = {place.table for place in PLACES if place.erase and place.erase.statement.startswith("DELETE")}
    unknown = {
        name
        for name in found - erased
        if name not in KEPT and name.partition(".")[0] not in KEPT.keys() | rows
    }
    assert unknown == set(), (
        "a new column: erase it in loyalty/erasing/places.py, or say here why it may stay"
    )
    assert erased <= found


async def planted(ledger: Ledger, member: int, mark: str, phone: str) -> None:
    """Personal data of the member in every place, each with the mark in it."""
    now = ledger.clock.now()
    await rename(member, f"昵称{mark}", checked=True)
    await ledger.pool.execute(
        "UPDATE member SET birthday = '02-29', birthday_from = '2026-01-01' WHERE member_id = $1", member
    )
    await bind_phone(ledger.engine, member, phone, now)
    statements = {
        "INSERT INTO identity (provider, subject, member_id, linked_at) VALUES ('crm', $2, $1, now())": mark,
        "INSERT INTO session (token_hash, member_id, created_at, expires_at)"
        " VALUES (sha256($2::text::bytea), $1, now(), now())": mark,
        "INSERT INTO contact (member_id, following, changed_at) VALUES ($1, $2::text <> '', now())": mark,
        "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES ($1, $2, 1, now())": mark,
        "INSERT INTO consent_withdrawal (member_id, message_key, event, scope, at) VALUES ($1, $2, $2, $2, now())": mark,
        "INSERT INTO erasure_request (member_id, asked_at) SELECT $1, now() WHERE $2::text <> ''": mark,
        "INSERT INTO segment (member_id, name, since, until) VALUES ($1, $2, '2026-01-01', '2026-12-01')": mark,
        "INSERT INTO suggestion (member_id, request_key, text, said_at) VALUES ($1, md5($2), $2, now())": mark,
        "INSERT INTO appeal (member_id, id, text, state, opened_at) VALUES ($1, md5($2), $2, 'open', now())": mark,
    }
    for statement, value in statements.items():
        await ledger.pool.execute(statement, member, value)


async def places_with(ledger: Ledger, *marks: str) -> set[str]:
    """The tables in which a text has one of the marks."""
    names = await ledger.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = set()
    for row in names:
        texts = await ledger.pool.fetch(f"SELECT t::text AS text FROM {row['tablename']} t")  # noqa: S608  # the catalogue's
        if any(mark in one["text"] for one in texts for mark in marks):
            found.add(row["tablename"])
    return found


async def left_of(ledger: Ledger, member: int) -> set[str]:
    """The places that still tell who a member is."""
    rows = {place.table: await ledger.pool.fetch(place.left) for place in PLACES}
    return {table for table, found in rows.items() if member in {row["member_id"] for row in found}}


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_d14_after_erasure_a_scan_finds_nothing_and_the_sums_hold(ledger: Ledger) -> None:
    desk = await desk_for(ledger, "小王", "operations")
    member, half, neighbour = await ledger.member(), await ledger.member(), await ledger.member()
    for one, mark, phone in (
        (member, "MARK1", PHONE),
        (half, "MARK2", OTHER_PHONE),
        (neighbour, "MARK3", "+8613712345678"),
    ):
        await planted(ledger, one, mark, phone)
    await ledger.run(CheckIn, member)
    await merge(desk, member, half, "同一个人")
    before, had = await ledger.balance(member), len(await entries(member, limit=100))
    hashes = [row["hash"] for row in await ledger.pool.fetch(
        "SELECT encode(phone_hash, 'hex') AS hash FROM phone WHERE member_id <> $1", neighbour
    )]  # fmt: skip
    assert {"member", "identity", "suggestion", "appeal", "segment"} <= await places_with(
        ledger, "MARK1", "MARK2"
    )
    assert await left_of(ledger, member) == {place.table for place in PLACES}
    assert await erase_member(desk, member, "本人来电要求") == SomethingLeft(before, 0)
    assert await left_of(ledger, member) == {place.table for place in PLACES}, "nothing half done"
    done = await erase_member(desk, half, "本人来电要求", forfeit=True)
    assert done == MemberErased(before, 0, 1, "本人来电要求", "小王"), (
        "the merged member's number is the same person"
    )
    assert await places_with(ledger, "MARK1", "MARK2", *hashes) == set()
    assert await left_of(ledger, member) == await left_of(ledger, half) == set()
    assert await left_of(ledger, neighbour) == {place.table for place in PLACES}
    assert await members_of_phones(ledger.pool, KEYS, [PHONE, OTHER_PHONE]) == {}
    assert await ledger.balance(member) == 0
    newest = (await entries(member, limit=100))[0]
    assert (newest.source, newest.delta, newest.title) == ("erased", -before, "注销作废")
    assert len(await entries(member, limit=100)) == had + 1, "the ledger stays under the member's number"
    (row,) = await list_operations(ledger.pool, Filters(action="erase_member"))
    assert (row.member_id, row.operator, row.before, row.after) == (
        member,
        "小王",
        {},
        {"points": before, "vouchers": 0},
    )
    assert (await ledger.run(CheckIn, member)).outcome == AccountClosed("closed")
    assert (await unmerge(desk, half, "弄错了")).code != "split_off"
    await clean(ledger)


async def test_d14_whoever_comes_back_is_a_new_member(ledger: Ledger) -> None:
    member, desk = await ledger.member(wx_test="openid-x", unionid="union-x"), owner_desk(ledger)
    await erase_member(desk, member, "本人要求", forfeit=True)
    again = await enroll(
        ledger.engine, Newcomer((("wx_test", "openid-x"), ("unionid", "union-x")), ledger.clock.now())
    )
    assert (again.created, again.member_id == member) == (True, False)
    assert (await ledger.run(CheckIn, again.member_id)).outcome.code == "checked_in"
    await clean(ledger)


async def test_d14_once_of_two_at_once_and_again_after_a_request_in_flight(ledger: Ledger) -> None:
    member, desk = await ledger.member(), owner_desk(ledger)
    both = await asyncio.gather(*(erase_member(desk, member, "本人要求", forfeit=True) for _ in range(2)))
    assert sorted(type(one).__name__ for one in both) == ["AlreadyErased", "MemberErased"]
    assert await ledger.count("operation", action="erase_member") == 1
    await rename(member, "晚到的昵称", checked=True)
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert [(one.invariant, one.member_id) for one in found] == [("D14", member)]
    assert await erase_member(desk, member, "补删") == MemberErased(0, 0, 0, "补删", desk.operator.name)
    assert await erase_member(desk, member, "再来一次") == AlreadyErased()
    await clean(ledger)


async def test_points_to_come_and_vouchers_are_given_up_and_what_is_held_waits(ledger: Ledger) -> None:
    spend = {
        "id": "spend",
        "name": "消费返积分",
        "on": "purchase",
        "award": {"points": 1, "per_fen": 100},
        "pending_days": 7,
    }
    await ledger.publish(
        rules_with(welcome={"points": 500}, earning=[spend], deductions={"points_per_yuan": 100})
    )
    member, desk = await ledger.member(), owner_desk(ledger)
    order: dict[str, Any] = {
        "kind": "purchase",
        "order": "o1",
        "amount_fen": 8800,
        "channel": "pos",
        "store": "jingan",
    }
    await ledger.run(RecordEvent, member, event_request_key("till", "e1"), source="till", event="e1", **order)
    await ledger.run(Redeem, member, reward="cookie")
    account = await ledger.pool.fetchrow(
        "SELECT available, pending FROM account WHERE member_id = $1", member
    )
    assert account["pending"] == 88
    left = await erase_member(desk, member, "本人要求")
    assert left == SomethingLeft(account["available"] + 88, 1)
    assert "1 张没用的券" in left.sentence
    done = await erase_member(desk, member, "本人要求", forfeit=True)
    assert done == MemberErased(account["available"] + 88, 1, 0, "本人要求", desk.operator.name)
    told = [(one.source, one.reason) for one in await entries(member, limit=2)]
    assert told[1][1].startswith("会员注销，剩下的积分作废；清掉还没到账的 88 分")
    ledger.clock.advance(10 * 86_400)
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert [one for one in found if one.invariant != "I21"] == []
    assert SomethingHeld(5).sentence == "有 5 分正扣着等收银台收款，收款或退回以后再删除。"


async def test_a_merge_under_way_is_finished_first(ledger: Ledger) -> None:
    member, desk = await ledger.member(), owner_desk(ledger)
    await ledger.pool.execute(
        "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
        " VALUES ($1, 'engine:merge_in:9:1', 'merge_in', '{}', $2, $2)", member, ledger.clock.now(),
    )  # fmt: skip
    assert await erase_member(desk, member, "本人要求", forfeit=True) == MergeUnderWay()
    await ledger.pool.execute("UPDATE follow_up SET done_at = now()")
    assert isinstance(await erase_member(desk, member, "本人要求", forfeit=True), MemberErased)


async def test_an_open_case_and_appeal_end_with_the_member(ledger: Ledger) -> None:
    member, desk = await ledger.member(), owner_desk(ledger)
    await ledger.run(OpenCase, member, cause="usual", found=10, bound=1, source=1)
    await open_appeal(ledger.pool, member, "a1", "我家电话是 13900000000", ledger.clock.now())
    assert isinstance(await erase_member(desk, member, "本人要求", forfeit=True), MemberErased)
    (appeal,), (case,) = await list_appeals(ledger.pool, member_id=member), await list_cases(ledger.pool)
    assert (appeal.text, appeal.state, case.state) == ("", "answered", "kept")
    assert await ledger.count("notice", member_id=member, state="due") == 0
    await clean(ledger)


OTHERS: list[tuple[Role, str]] = [("finance", "财务"), ("auditor", "审计"), ("clerk", "店员")]


async def test_other_roles_and_bad_reasons_erase_nothing(ledger: Ledger) -> None:
    member = await ledger.member()
    for role, name in OTHERS:
        desk = await desk_for(ledger, f"one-{role}", role, "sh-01" if role == "clerk" else None)
        with pytest.raises(NotAllowed, match=f"{name}不能删除会员的个人信息"):
            await erase_member(desk, member, "x", forfeit=True)
    with pytest.raises(BadText, match="请写明原因"):
        await erase_member(owner_desk(ledger), member, " ", forfeit=True)
    assert (await erase_member(owner_desk(ledger), 999, "x", forfeit=True)).code == "unknown_member"
    assert await left_of(ledger, member) == {"identity"}

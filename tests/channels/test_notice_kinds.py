"""Kinds of notice: one file each, all that loyalty writes, and a new one that delivery needs no change for."""

import ast
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

import channels.notices
from channels import outbox
from channels.delivery import deliver
from channels.faults import OpenFaults
from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded, Templates
from channels.notices.kinds import KINDS, UnknownKind, find_kind, template_ids
from channels.outbox import Channel, NoticeKey
from loyalty.programme.rules import RuleSet
from tasks.delivery import deliver_notices, senders_of
from tests.house import House
from tests.ledger import demo_rules
from tests.source import ROOT, parsed
from tests.tasks.scenes import follower, go_to, miniapp_member, notice, owe

NOT_A_KIND = {"__init__", "kind", "kinds"}


def codes_written(source: str, module: str) -> Iterator[str]:
    """The first argument of each `NoticeRow(...)` in a module: a literal, or a name the module defines."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NoticeRow":
            [kind, *_] = node.args
            if isinstance(kind, ast.Name):
                yield getattr(importlib.import_module(module), kind.id)
            else:
                yield ast.literal_eval(kind)


def test_every_kind_has_a_file_of_its_name() -> None:
    [folder] = channels.notices.__path__
    files = {path.stem for path in (ROOT / folder).glob("*.py")} - NOT_A_KIND
    codes = [kind.code for kind in KINDS]
    assert sorted(codes) == sorted(files)


def test_every_kind_that_loyalty_writes_is_known() -> None:
    written = {
        code
        for path in (ROOT / "loyalty").rglob("*.py")
        for code in codes_written(
            path.read_text(encoding="utf-8"), ".".join(path.relative_to(ROOT).with_suffix("").parts)
        )
    }
    assert len(written) >= 3
    assert written <= {kind.code for kind in KINDS}


def test_a_code_is_found_as_a_literal_and_as_a_name() -> None:
    source = 'rows.append(NoticeRow("one", key, {}))\nrows.append(NoticeRow(LAPSE_KIND, key, {}))\n'
    assert list(codes_written(source, __name__)) == ["one", "two"]


LAPSE_KIND = "two"


def test_the_templates_of_all_kinds_are_those_of_the_rules() -> None:
    notices = demo_rules().notices
    named = (notices.expiry.template, notices.wake_up.subscribe, notices.wake_up.template)
    assert template_ids(demo_rules()) == {template.template_id for template in named if template}
    assert template_ids(demo_rules(), ()) == frozenset()


def test_a_code_of_another_version_is_no_kind() -> None:
    with pytest.raises(UnknownKind, match="birthday"):
        find_kind("birthday")


async def read(attempt: Attempt) -> Content | NotNeeded:
    gift = int(attempt.notice.payload["points"])
    return Content(f"生日快乐，送你 {gift} 积分。", gift, "生日礼已到账") if gift else NotNeeded("no_gift")


def until_the_day_after(attempt: Attempt) -> datetime:
    return attempt.notice.created_at + timedelta(days=1)


BIRTHDAY = NoticeKind("birthday", read, until_the_day_after)


async def send(
    house: House, member_id: int, kinds: Sequence[NoticeKind] = (*KINDS, BIRTHDAY), *, points: int = 66
) -> tuple[Any, ...]:
    """Owe the member a birthday notice and deliver it with these kinds; its state, reason and channel."""
    now = house.clock.now()
    key = NoticeKey(member_id, "birthday", await owe(house, member_id, "birthday", points=points))
    claimed = await outbox.claim(house.resources.pool, key, now)
    assert claimed is not None
    await deliver(senders_of(house.resources), await house.ledger.live(), claimed, now, OpenFaults(), kinds)
    await house.emulator.pushes()
    row = await notice(house, member_id)
    return row["state"], row["reason"], row["channel"]


async def test_a_new_kind_is_delivered(house: House) -> None:
    phone, member_id = await follower(house)
    await phone.say("积分")
    assert await send(house, member_id) == ("sent", None, "customer_service")
    [message] = [one for one in await phone.inbox("custom") if "生日" in one["content"]]
    assert message["content"] == "【拾光咖啡】生日快乐，送你 66 积分。"


async def test_a_new_kind_says_when_it_is_not_needed(house: House) -> None:
    _, member_id = await follower(house)
    assert await send(house, member_id, points=0) == ("suppressed", "no_gift", None)


async def test_a_new_kind_says_how_long_it_may_wait(house: House) -> None:
    _, member_id = await miniapp_member(house)
    written = house.clock.now()
    assert await send(house, member_id) == ("waiting", "not_following", None)
    assert (await notice(house, member_id))["due_at"] == written + timedelta(days=1)


async def test_a_new_kind_brings_its_template_and_its_own_limit(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, date(2026, 4, 10))

    def templates(_rules: RuleSet) -> Templates:
        return Templates(template=demo_rules().notices.wake_up.template)

    async def none_by_template(_attempt: Attempt, channel: Channel) -> str | None:
        return "never_by_template" if channel == "template" else None

    limited = replace(BIRTHDAY, templates=templates, limit=none_by_template)
    assert await send(house, member_id, (limited,)) == ("waiting", "never_by_template", None)
    assert await phone.inbox("template") == []
    await house.ledger.pool.execute("DELETE FROM notice")
    unlimited = replace(limited, limit=BIRTHDAY.limit)
    assert await send(house, member_id, (unlimited,)) == ("delivered", None, "template")
    [message] = await phone.inbox("template")
    assert message["content"].endswith("可用积分：66\n提醒内容：生日礼已到账")


async def test_a_stored_code_this_version_does_not_know_fails_alone(house: House) -> None:
    _, member_id = await follower(house)
    _, other_id = await follower(house, "小红")
    await owe(house, member_id, "birthday", points=66)
    await owe(house, other_id, "referral_rewarded", points=50, friend_id=9)
    assert await deliver_notices(house.resources, house.clock.now()) == 2
    row = await notice(house, member_id)
    assert (row["state"], row["reason"]) == ("failed", "UnknownKind")
    assert (await notice(house, other_id))["state"] == "sent"

"""Members hear of worse rules (K06, M10): one notice per member and version, in waves, with what is worse and why."""

from datetime import timedelta

import pytest

from loyalty.audit import audit
from loyalty.programme.publishing.publication import publish
from loyalty.programme.publishing.withdrawal import withdraw
from tasks.delivery import deliver_notices
from tasks.rule_changes import RuleAnnouncements
from tests.house import House
from tests.ledger import KEYS, rules_with
from tests.tasks.scenes import follower, notices

CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 60}
OLD = rules_with().model_dump(mode="json")
DEARER = rules_with(
    rewards=[*OLD["rewards"], CUP | {"price_points": 80}], check_in=OLD["check_in"] | {"points": 9}
)


async def worse(house: House, days: int = 8, *, urgent: bool = False) -> int:
    """Publish dearer rewards and smaller sign-ins for so many days ahead; the version."""
    await house.ledger.publish(rules_with(rewards=[*OLD["rewards"], CUP]))
    since = house.clock.now() + timedelta(days=days)
    return await publish(
        house.resources.engine,
        DEARER,
        base=2,
        by="林",
        reason="豆子涨价了",
        effective_from=since,
        urgent=urgent,
    )


async def tell(house: House, times: int = 1) -> None:
    """Ticks of the job, each by a worker that has just started."""
    for _ in range(times):
        await RuleAnnouncements()(house.resources, house.clock.now())


async def test_everybody_hears_once(house: House) -> None:
    """However often the job runs; whoever joins afterwards joins under the announced rules."""
    members = [await house.ledger.member() for _ in range(5)]
    await tell(house)
    assert await house.ledger.count("notice") == 0
    version = await worse(house)
    house.clock.advance(1)
    late = await house.ledger.member()
    await tell(house, 3)
    for member_id in members:
        [only] = await notices(house, member_id, "rule_change")
        assert only["key"] == str(version)
    assert await notices(house, late) == []
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_a_better_version_is_no_notice(house: House) -> None:
    await house.ledger.member()
    await house.ledger.publish(rules_with(welcome={"points": 120}))
    await tell(house)
    assert await house.ledger.count("notice") == 0


async def test_the_notice_says_from_when_what_and_why(house: House) -> None:
    phone, _ = await follower(house)
    await phone.say("积分")
    await worse(house)
    await tell(house)
    house.clock.advance(10 * 3600 - 1)
    await deliver_notices(house.resources, house.clock.now())
    [message] = await phone.inbox("custom")
    assert (
        "积分规则 2026年3月10日起有调整：\n· 签到：连签第 1 天得的积分 10 → 9\n· 礼品「杯子」价格：60 → 80\n"
        "原因：豆子涨价了\n发送「规则」看现行规则，有疑问请发送「人工」。"
    ) in message["content"]


async def test_a_withdrawn_version_is_not_told(house: House) -> None:
    """Neither written nor, where it was written before, sent."""
    phone, member_id = await follower(house)
    version = await worse(house)
    await tell(house)
    await withdraw(house.resources.engine, version, by="林", reason="改主意了")
    later = await house.ledger.member()
    await tell(house)
    assert await notices(house, later) == []
    house.clock.advance(10 * 3600 - 1)
    await deliver_notices(house.resources, house.clock.now())
    [only] = await notices(house, member_id)
    assert (only["state"], only["reason"]) == ("suppressed", "withdrawn")
    assert not any("有调整" in message["content"] for message in await phone.inbox("custom"))


async def test_an_urgent_version_is_told_although_it_is_in_force(house: House) -> None:
    member_id = await house.ledger.member()
    await worse(house, 0, urgent=True)
    house.clock.advance(3600)
    await tell(house)
    assert len(await notices(house, member_id, "rule_change")) == 1


@pytest.mark.parametrize(("silent_days", "waves"), [(1, 1), (40, 4)])
async def test_notices_go_in_waves_of_the_first_half(house: House, silent_days: int, waves: int) -> None:
    """Of eight days those silent get four waves; those who can still be answered in the chat are in the first one."""
    members = [await house.ledger.member() for _ in range(8)]
    house.clock.advance(silent_days * 86_400)
    await worse(house)
    await tell(house)
    due = [(await notices(house, one, "rule_change"))[0]["due_at"] for one in members]
    assert len({instant.astimezone(house.resources.zone).date() for instant in due}) == waves
    assert all(9 <= instant.astimezone(house.resources.zone).hour < 21 for instant in due)
    assert max(due) < house.clock.now() + timedelta(days=5)

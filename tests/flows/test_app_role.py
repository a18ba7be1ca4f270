"""The whole programme through a role that owns nothing: every command, job, session and notice; and no fact can be edited (S16)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.late_reply import promises, sending
from bot.late_reply.promises import Promise
from channels import consent
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Cancelled, Redeemed
from loyalty.schema import FACTS, GRANTS
from tasks.backlog import measure_backlog
from tasks.sessions import drop_expired_sessions
from tests.app_role import AppRole, app_role
from tests.bot.line import Line
from tests.flows import test_fourteen_months
from tests.house import House, open_house
from tests.ledger import DAY_S, KEYS, Ledger, open_ledger, rules_with
from tests.loyalty import test_follow_ups, test_members
from tests.miniapp_api.client import mini
from wechat.messages import parse_push


@pytest.fixture(scope="module")
def role(migrated_url: str) -> Iterator[AppRole]:
    with app_role(migrated_url) as made:
        yield made


@pytest.fixture
async def ledger(role: AppRole) -> AsyncIterator[Ledger]:
    async with open_ledger(role.url, owner_url=role.owner_url) as opened:
        yield opened


@pytest.fixture
async def house(role: AppRole, redis_url: str, tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[House]:
    given = {"owner_url": role.owner_url, "ledger_guard": "refuse"}
    async with open_house(role.url, redis_url, tmp_path, unused_tcp_port, **given) as opened:
        yield opened


async def test_fourteen_months_as_the_app_role(house: House) -> None:
    await test_fourteen_months.test_fourteen_months(house)


STORIES = (
    test_members.test_any_known_identity_finds_the_person_and_teaches_the_others,
    test_members.test_a_unionid_learnt_later_is_linked,
    test_members.test_two_who_both_have_points_are_merged,
    test_members.test_one_without_receipts_is_pointed_to_the_other,
    test_follow_ups.test_follow_ups_run_before_the_caller_is_answered,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_other_stories_as_the_app_role(
    ledger: Ledger, story: Callable[[Ledger], Awaitable[None]]
) -> None:
    await story(ledger)


async def test_draws_rewards_and_rules_as_the_app_role(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.give(member, 700)
    drawn = await ledger.run(Draw, member, wheel="lucky", count=10, client_seed="s")
    assert isinstance(drawn.outcome, Drawn)
    redeemed = await ledger.run(Redeem, member, reward="cookie", quantity=1)
    assert isinstance(redeemed.outcome, Redeemed)
    cancelled = await ledger.run(Cancel, member, receipt_no=redeemed.outcome.receipt_no, line=0)
    assert isinstance(cancelled.outcome, Cancelled)
    assert await ledger.publish(rules_with(welcome={"points": 5})) == 2
    ledger.clock.advance(DAY_S)
    await ledger.run(CheckIn, member)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_the_mini_program_and_upkeep_as_the_app_role(house: House) -> None:
    phone = await mini(house)
    assert (await phone.put("/me/profile", {"nickname": "小光"})).status == 200
    assert (await phone.once("/check-ins", {})).status == 201
    assert (await phone.once("/wheels/lucky/draws", {"count": 1})).status == 201
    wake_up = (await house.ledger.live()).rules.notices.wake_up.subscribe
    assert wake_up is not None
    for _ in range(2):
        answer = await phone.post("/subscriptions", {"template": wake_up.template_id, "accepted": True})
        assert answer.status == 200
        house.clock.advance(60)
    assert answer.json["granted"] == 2
    assert await consent.take_one(house.resources.pool, phone.member_id, wake_up.template_id)
    await consent.revoke(house.resources.pool, phone.member_id, wake_up.template_id, house.clock.now())
    house.clock.advance(400 * DAY_S)
    await measure_backlog(house.resources, house.clock.now())
    await drop_expired_sessions(house.resources, house.clock.now())
    assert await house.ledger.count("session") == 0


async def test_late_replies_as_the_app_role(house: House) -> None:
    phone = await house.follower()
    fields: Any = {name: str(value) for name, value in Line(house).text(phone, "签到").items()}
    await promises.store(house.resources, Promise("oa", parse_push(fields), house.clock.now()))
    house.clock.advance(promises.LEASE / timedelta(seconds=1) + 1)
    assert await sending.send_due(house.resources) == 1
    assert await house.resources.pool.fetchval("SELECT state FROM late_reply") == "sent"


OF_NO_MEMBER = {"number_alert", "rule_version", "rule_withdrawal", "reward_number", "installation"}
FORBIDDEN = (
    *(f"UPDATE {table} SET member_id = 1" for table in FACTS if table not in OF_NO_MEMBER),  # noqa: S608  # our own names
    *(f"DELETE FROM {table}" for table in FACTS),  # noqa: S608  # our own names
    *(f"TRUNCATE {table}" for table in GRANTS),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in FACTS),
    *(f"DROP TABLE {table}" for table in FACTS),
    "UPDATE rule_version SET body = '{}'",
    "UPDATE rule_withdrawal SET reason = 'x'",
    "UPDATE reward_number SET number = 1",
    "UPDATE installation SET is_demo = true",
    "UPDATE entry SET amount = amount + 1",
    "UPDATE receipt SET accepted = true",
    "UPDATE referral SET inviter_id = 1",
    "UPDATE redemption SET points = 0",
    "UPDATE stock SET item = 'x'",
    "UPDATE wheel_round SET commitment = sha256('x')",
    "DELETE FROM lot",
    "DELETE FROM stock",
    "DELETE FROM notice",
    "ALTER TABLE entry DROP CONSTRAINT entry_amount_check",
    "ALTER TABLE stock DROP CONSTRAINT stock_taken_check",
    "DROP INDEX receipt_fact_key",
    "CREATE TRIGGER t BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE r AS ON INSERT TO entry DO INSTEAD NOTHING",
    "CREATE TABLE loot (points bigint)",
    "UPDATE tortoise_migrations SET name = 'x'",
    "SET session_replication_role = replica",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_app_role_is_refused(role: AppRole, statement: str) -> None:
    connection = await asyncpg.connect(role.url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()

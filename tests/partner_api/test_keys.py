"""Keys of partners: shown once, stored as a hash, scoped, rotated, revoked, limited per minute."""

from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from partner_api.keys import (
    KeyFault,
    create_key,
    find_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from tests.house import House
from tests.ledger import Ledger
from tests.partner_api.till import till
from web.counts import Counts


async def test_a_key_is_found_by_its_text_alone_and_no_secret_is_stored(ledger: Ledger) -> None:
    pool, now = ledger.pool, ledger.clock.now()
    made = await create_key(pool, "一店收银台", ["members", "events"], "sh-01", 60, now)
    assert made.text.startswith(f"jf_live_{made.key.id}_")
    assert made.key.scopes == ("events", "members")
    assert made.key.source == "store:sh-01"
    assert await find_key(pool, made.text, now) == made.key
    secret = made.text.removeprefix(f"jf_live_{made.key.id}_")
    for wrong in (made.text[:-1], made.text + "x", f"jf_live_{made.key.id}_{'a' * 43}", "jf_live_", ""):
        assert await find_key(pool, wrong, now) is None
    stored = await pool.fetchval("SELECT string_agg(k::text, ' ') FROM partner_key k")
    assert secret not in stored
    assert secret not in repr(made)


async def test_after_a_rotation_the_previous_secret_is_accepted_for_a_while(ledger: Ledger) -> None:
    pool, now = ledger.pool, ledger.clock.now()
    first = await create_key(pool, "CRM", ["members"], None, 60, now)
    second = await rotate_key(pool, first.key.id, now, grace=timedelta(hours=1))
    assert second is not None
    assert second.key.source == first.key.source == "name:CRM"
    later = now + timedelta(hours=1)
    assert await find_key(pool, second.text, later) == second.key
    assert await find_key(pool, first.text, later - timedelta(seconds=1)) == second.key
    assert await find_key(pool, first.text, later) is None
    third = await rotate_key(pool, first.key.id, later, grace=timedelta(0))
    assert third is not None
    assert await find_key(pool, second.text, later) is None


async def test_a_revoked_key_is_refused_for_good(ledger: Ledger) -> None:
    pool, now = ledger.pool, ledger.clock.now()
    made = await create_key(pool, "CRM", ["members"], None, 60, now)
    revoked = await revoke_key(pool, made.key.id, now)
    assert revoked is not None
    assert revoked.revoked_at == now
    assert await revoke_key(pool, made.key.id, now + timedelta(days=1)) == revoked
    assert await find_key(pool, made.text, now) is None
    assert await rotate_key(pool, made.key.id, now, grace=timedelta(0)) is None
    assert await revoke_key(pool, "nokey222", now) is None
    assert [one.id for one in await list_keys(pool)].count(made.key.id) == 1


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "名称"),
    ({"name": "x" * 41}, "名称"),
    ({"name": "a\nb"}, "名称"),
    ({"name": "a|b"}, "名称"),
    ({"scopes": []}, "至少要有一项权限"),
    ({"scopes": ["events", "money"]}, "money"),
    ({"store": "上海一店"}, "门店编号"),
    ({"per_minute": 0}, "每分钟"),
    ({"per_minute": 100_001}, "每分钟"),
]


@pytest.mark.parametrize(("part", "said"), FAULTS)
async def test_what_no_key_can_be(ledger: Ledger, part: dict[str, Any], said: str) -> None:
    asked = {"name": "CRM", "scopes": ["events"], "store": None, "per_minute": 1} | part
    before = len(await list_keys(ledger.pool))
    with pytest.raises(KeyFault, match=said):
        await create_key(ledger.pool, **asked, now=ledger.clock.now())
    assert len(await list_keys(ledger.pool)) == before


async def test_more_than_the_minutes_worth_is_told_when_to_come_again(house: House) -> None:
    busy, other = await till(house, per_minute=3), await till(house, per_minute=3)
    path = "/members/1"
    statuses = [(await busy.get(path)).status for _ in range(3)]
    assert statuses == [404] * 3
    refused = await busy.get(path)
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "60"
    assert "3 次" in refused.json["detail"]
    assert (await other.get(path)).status == 404
    house.clock.advance(60)
    assert (await busy.get(path)).status == 404


async def test_all_processes_count_together_and_without_redis_each_alone(house: House) -> None:
    now = house.clock.now()
    one, other = Counts(house.resources.redis), Counts(house.resources.redis)
    assert [await counts.take("x", 2, 60, now) for counts in (one, other, one)] == [0, 0, 60]
    await one.give_back("x", 60, now)
    await one.give_back("x", 60, now)
    assert await other.take("x", 2, 60, now) == 0
    assert await other.take("x", 2, 60, now + timedelta(seconds=59)) == 1
    async with Redis.from_url("redis://127.0.0.1:1/0") as away:
        alone = Counts(away)
        assert [await alone.take("x", 2, 60, now) for _ in range(3)] == [0, 0, 60]

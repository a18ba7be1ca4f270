"""What the operating pages read: webhooks and their deliveries, stock, stores; and sending again what was not delivered."""

from datetime import timedelta

import pytest

from loyalty.changes import OTHER, TYPES
from operators.keys import create_key, revoke_key
from operators.log import Filters, list_operations
from operators.roles import NotAllowed
from operators.views.stock import list_stock
from operators.views.webhooks import TYPE_TITLES, list_deliveries, list_webhooks
from operators.webhooks import replay
from tests.ledger import Ledger, limited_wheel, rules_with
from tests.operators.desks import desk_for, owner_desk

WEBHOOK = """
INSERT INTO webhook (id, key_id, url, sealed_secret, seal_key_id, created_at, sent_at, sent_member, sent_no)
VALUES ('wh_one', 'key22222', 'https://example.com/hook', '', '', $1, $1, 0, 0)
"""
DELIVERY = """
INSERT INTO webhook_delivery (webhook_id, change_id, type, content, state, attempts, created_at, due_at, last_status, last_error)
VALUES ('wh_one', $1, 'points.changed', '{}', $2, 11, $3, $3, 500, $4)
"""


async def test_deliveries_are_listed_by_state_and_sent_again_once(ledger: Ledger) -> None:
    now = ledger.clock.now()
    await ledger.pool.execute(WEBHOOK, now)
    for number, state in enumerate(("dead", "delivered", "dead", "due")):
        at = now + timedelta(seconds=number)
        await ledger.pool.execute(DELIVERY, f"chg-{number}", state, at, f"原因 {number}")
    one = (await list_webhooks(ledger.pool))[0]
    assert (one.id, one.waiting, one.dead) == ("wh_one", 1, 2)
    first = await list_deliveries(ledger.pool, "wh_one", limit=3)
    assert [line.change_id for line in first.rows] == ["chg-3", "chg-2", "chg-1"]
    rest = await list_deliveries(ledger.pool, "wh_one", after=first.after or "", limit=3)
    assert [(line.change_id, line.last_error) for line in rest.rows] == [("chg-0", "原因 0")]
    dead = await list_deliveries(ledger.pool, "wh_one", state="dead")
    assert [line.change_id for line in dead.rows] == ["chg-2", "chg-0"]
    for malformed in ("x", "2026-01-01|chg", "\0|", f"{now.isoformat()}|"):
        assert len((await list_deliveries(ledger.pool, "wh_one", after=malformed)).rows) == 4

    desk = owner_desk(ledger)
    assert await replay(desk, "wh_one", "chg-1") == 1, "one that was delivered, by its id"
    assert await replay(desk, "wh_one", "chg-9") == 0
    assert await replay(desk, "wh_one") == 2
    assert await replay(desk, "wh_one") == 0, "nothing is dead any more"
    rows = await list_operations(ledger.pool, Filters(action="keys"))
    assert sorted(row.after["deliveries"] for row in rows) == [1, 2]
    with pytest.raises(NotAllowed):
        await replay(await desk_for(ledger, "小王", "operations"), "wh_one")


def test_every_change_has_its_words() -> None:
    assert {*TYPES.values(), OTHER} == set(TYPE_TITLES)


async def test_the_reason_of_a_revocation_is_in_the_log(ledger: Ledger) -> None:
    desk = owner_desk(ledger)
    made = await create_key(desk, "一店收银台", ["events"], "sh-01", 60)
    await revoke_key(desk, made.key.id, "收银台丢了")
    rows = await list_operations(ledger.pool, Filters(action="keys"))
    assert "收银台丢了" in {row.reason for row in rows}


async def test_stock_is_what_the_rules_say_less_what_was_taken(ledger: Ledger) -> None:
    cup = {
        "id": "cup",
        "name": "杯子",
        "kind": "voucher",
        "terms": "到店领取",
        "price_points": 10,
        "valid_days": 30,
    }
    rewards = [cup | {"stock": 3}, cup | {"id": "tea", "name": "茶"}]
    rules = rules_with(rewards=rewards, wheels=[limited_wheel("one", 7)], welcome={"points": 1})
    await ledger.pool.execute("DELETE FROM stock")
    await ledger.pool.execute("INSERT INTO stock (item, stocked, taken) VALUES ('reward:cup', 3, 1)")
    found = await list_stock(ledger.pool, rules)
    assert [(one.name, one.stocked, one.taken, one.left) for one in found] == [
        ("杯子", 3, 1, 2), ("限量转盘 · 大奖", 7, 0, 7), ("茶", None, 0, None),
    ]  # fmt: skip
    assert [(one.section, one.of) for one in found] == [
        ("rewards", "cup"),
        ("wheels", "one"),
        ("rewards", "tea"),
    ]

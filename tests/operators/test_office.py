"""What the operating pages read: webhooks and their deliveries, stock, stores; and sending again what was not delivered."""

from datetime import timedelta

import pytest

from loyalty.changes import OTHER, TYPES
from operators.operation_log.pages import Filters, list_operations
from operators.partners.keys import change_key, create_key, revoke_key
from operators.partners.webhooks import remove, replay, resume, rotate, stop, try_out
from operators.roles import NotAllowed
from operators.views.stock import list_stock
from operators.views.webhooks import TYPE_TITLES, delivery_of, list_deliveries, list_webhooks
from partner_api.keys import KeyFault, find_key
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


async def test_webhooks_are_stopped_renewed_and_removed_with_a_row_of_the_log(ledger: Ledger) -> None:
    await ledger.pool.execute(WEBHOOK, ledger.clock.now())
    await ledger.pool.execute(DELIVERY, "chg-1", "due", ledger.clock.now(), None)
    desk, operations = owner_desk(ledger), await desk_for(ledger, "小运", "operations")
    for deed in (
        lambda: stop(operations, "wh_one"), lambda: resume(operations, "wh_one"), lambda: remove(operations, "wh_one"),
        lambda: rotate(operations, "wh_one", grace=timedelta(0)), lambda: try_out(operations, "wh_one"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await deed()
    assert [await stop(desk, "wh_one", "对方在搬家") for _ in range(2)] == [True, False]
    assert [await resume(desk, "wh_one") for _ in range(2)] == [True, False]
    text = await rotate(desk, "wh_one", grace=timedelta(hours=24), reason="按期更换")
    assert text is not None
    assert text.startswith("whsec_")
    tried = await try_out(desk, "wh_one")
    assert tried is not None
    assert not tried.good, "the secret before this one cannot be unsealed here"
    done = await remove(desk, "wh_one", "不合作了")
    assert (done.waiting, done.named) == (1, ("chg-1",)) if done else False
    assert await remove(desk, "wh_one") is None
    assert await rotate(desk, "wh_one", grace=timedelta(0)) is None
    assert await try_out(desk, "wh_one") is None
    (line,) = (await list_deliveries(ledger.pool, "wh_one", kind="points.changed")).rows
    assert (line.state, line.told) == ("dead", "推送去掉了，没有再送")
    assert (await list_deliveries(ledger.pool, "wh_one", kind="draw.created")).rows == []
    assert await delivery_of(ledger.pool, "wh_one", "chg-9") is None
    rows = await list_operations(ledger.pool, Filters(action="keys"))
    assert sorted(row.after["does"] for row in rows) == [
        "remove_webhook", "resume_webhook", "rotate_webhook", "stop_webhook", "test_webhook",
    ]  # fmt: skip
    assert {row.reason for row in rows} == {"对方在搬家", "按期更换", "不合作了", ""}
    assert text not in str(rows)


async def test_what_a_key_may_do_is_changed_and_both_are_in_the_log(ledger: Ledger) -> None:
    desk = owner_desk(ledger)
    made = await create_key(desk, "一店收银台", ["events"], "sh-01", 60)
    changed = await change_key(desk, made.key.id, ["vouchers", "members"], 90, "也要核销")
    assert changed is not None
    assert (changed.scopes, changed.per_minute, changed.store) == (("members", "vouchers"), 90, "sh-01")
    found = await find_key(ledger.pool, made.text, ledger.clock.now())
    assert found == changed, "the key itself stays"
    for scopes, rate in ([], 90), (["money"], 90), (["events"], 0):
        with pytest.raises(KeyFault):
            await change_key(desk, made.key.id, scopes, rate)
    assert await change_key(desk, "nokey222", ["events"], 1) is None
    (row,) = [one for one in await list_operations(ledger.pool, Filters(action="keys")) if one.before]
    assert (row.before["scopes"], row.after["scopes"]) == (["events"], ["members", "vouchers"])
    await revoke_key(desk, made.key.id)
    assert await change_key(desk, made.key.id, ["events"], 60) is None


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

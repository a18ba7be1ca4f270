"""m0014 keeps the promise of old vouchers: they can be cancelled until they expire, and cancelled ones stay as they are."""

import asyncpg

from loyalty.audit import audit
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Cancelled
from models.migrations import m0047_lists_at_scale
from models.migrations.m0014_used_vouchers import Migration
from tests.ledger import KEYS, Ledger, rules_with

CUP = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 1,
    "valid_days": 3660,
    "cancel_hours": 0,
}
BEFORE = """
ALTER TABLE redemption DROP CONSTRAINT redemption_closed_check, DROP COLUMN cancellable_until, DROP COLUMN used_by,
    DROP COLUMN store
"""


async def test_what_was_bought_before(ledger: Ledger) -> None:
    await ledger.publish(rules_with(rewards=[CUP | {"cancel_hours": 24}]))
    member = await ledger.member()
    receipts = [(await ledger.run(Redeem, member, reward="cup")).outcome for _ in range(2)]
    await ledger.run(Cancel, member, receipt_no=receipts[0].receipt_no, line=0)  # type: ignore[attr-defined]  # both are Redeemed
    async with ledger.pool.acquire() as connection:
        await migrated(connection)
    ledger.clock.advance(400 * 86_400)
    back = await ledger.run(Cancel, member, receipt_no=receipts[1].receipt_no, line=0)  # type: ignore[attr-defined]
    assert isinstance(back.outcome, Cancelled)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def migrated(connection: asyncpg.Connection) -> None:
    """The rows as before, when receipts kept no trace, then the migration, twice, and the index that went with a column."""
    await connection.execute("UPDATE receipt SET trace = NULL")
    await connection.execute(BEFORE)
    for migration in (Migration, Migration, m0047_lists_at_scale.Migration):
        for operation in migration.operations:
            await connection.execute(str(operation.sql))  # type: ignore[attr-defined]  # all are RunSQL

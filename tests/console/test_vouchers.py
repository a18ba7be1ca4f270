"""The list of vouchers tells every state that is stored, also of one that went with a merged member."""

from console.listings.vouchers import VOUCHER_STATES, voucher_listing
from loyalty.merging.run import merge
from loyalty.rewards.commands import Redeem
from operators.views.vouchers import STATES, list_vouchers
from tests.console.figures import visit_of
from tests.ledger import Ledger


async def test_a_voucher_that_went_with_a_merge_is_listed_at_both_members(ledger: Ledger) -> None:
    kept, other = [await ledger.member() for _ in range(2)]
    await ledger.give(other, 60)
    await ledger.run(Redeem, other, reward="cookie")
    await merge(ledger.engine, (kept, other), actor="operator", reason="同一个人")
    rows = (await list_vouchers(ledger.pool)).rows
    assert set(STATES) <= set(VOUCHER_STATES)
    listing = voucher_listing(visit_of(ledger), "/mall/redemptions", {}, {})
    shown = [" ".join(str(column.cell(row)) for column in listing.columns) for row in rows]
    words = {row.member_id: text for row, text in zip(rows, shown, strict=True)}
    assert "随合并转走" in words[other]
    assert "待使用" in words[kept]

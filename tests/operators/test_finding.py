"""Search: whatever an operator has in hand leads to the member, in the box of Ctrl-K and in the list of members alike."""

from loyalty.members.phones import bind_phone
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from loyalty.vouchers.rotating import voucher_code_now
from loyalty.vouchers.views import VoucherKey
from operators.views.finding import find, members_named
from tests.ledger import KEYS, Ledger
from tests.loyalty.earning.test_events import SPEND, buy, publish
from tests.operators.desks import owner_desk

PHONE = "13800138000"


async def test_whatever_is_in_hand_leads_to_the_member(ledger: Ledger) -> None:
    settings = owner_desk(ledger).resources.settings
    member, other = [await ledger.member() for _ in range(2)]
    await ledger.pool.execute("UPDATE member SET nickname = 'NO-7' WHERE member_id = $1", other)
    await ledger.give(member, 100)
    redeemed = (await ledger.run(Redeem, member, reward="cookie")).outcome
    assert isinstance(redeemed, Redeemed)
    await bind_phone(ledger.engine, member, f"+86{PHONE}", ledger.clock.now())
    await publish(ledger, SPEND)
    await buy(ledger, member, "NO-77", 1000, store="sh-01")
    code = redeemed.voucher
    referral = await ledger.pool.fetchval("SELECT referral_code FROM member WHERE member_id = $1", member)
    for typed, kind, words in (
        (str(member), "member", "会员号"),
        (PHONE, "member", "手机号"),
        (f"+86{PHONE}", "member", "手机号"),
        (code, "voucher", f"券码 {code}"),
        (f" {code[:4]}-{code[4:8]}-{code[8:]} ".lower(), "voucher", f"券码 {code}"),
        (
            voucher_code_now(KEYS, VoucherKey(member, redeemed.receipt_no, 0), ledger.clock.now()).code,
            "voucher",
            f"券码 {code}",
        ),
        ("NO-77", "order", "订单 NO-77（门店 sh-01）"),
        (referral, "member", f"邀请码 {referral}"),
    ):
        hits = await find(ledger.pool, settings, typed)
        assert [(hit.kind, hit.member_id, hit.words) for hit in hits] == [(kind, member, words)], typed
        assert await members_named(ledger.pool, settings, typed) == [member], typed
    assert [hit.words for hit in await find(ledger.pool, settings, "no-7")] == ["昵称"]
    assert await members_named(ledger.pool, settings, "no-7") == []
    for nothing in ("", " ", "\0", "NO-78", code[:-1], "13900139000", "'; DROP TABLE member; --"):
        assert await members_named(ledger.pool, settings, nothing) == []

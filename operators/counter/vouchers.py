"""Vouchers at the counter: looking at one, taking it once, a member's vouchers, and what was taken today.

A clerk acts for their own store alone; whoever belongs to none may name one.
"""

import secrets
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.ledger.calendar import business_day, day_start
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.counter import CounterVoucher, permanent_code, usable_vouchers, voucher_at_counter
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherCodeExpired
from loyalty.vouchers.rotating import claimed_voucher, is_genuine
from loyalty.vouchers.views import tidy_code, voucher_of_code
from operators.counter.taken import Taken, taken_by
from operators.desk import Desk
from operators.members.running import given_by
from operators.roles import Action, NotAllowed

LONGEST_STORE: Final = 64


async def look_at_voucher(desk: Desk, code: str) -> CounterVoucher | VoucherCodeExpired | UnknownVoucher:
    """The voucher with this code, permanent or changing, or why there is none. Raises NotAllowed and KeyMissing."""
    await desk.require(Action.VERIFY_VOUCHER)
    permanent = await _permanent(desk, code)
    if not isinstance(permanent, str):
        return permanent
    today = business_day(desk.now(), desk.resources.settings.timezone)
    return await voucher_at_counter(desk.resources.pool, permanent, today) or UnknownVoucher(code)


async def look_at_vouchers_of(desk: Desk, member_id: int) -> list[CounterVoucher]:
    """The vouchers that the member can use now. Raises NotAllowed."""
    await desk.require(Action.VERIFY_VOUCHER)
    zone = desk.resources.settings.timezone
    return await usable_vouchers(desk.resources.pool, member_id, business_day(desk.now(), zone))


async def verify(desk: Desk, code: str, store: str | None = None) -> Outcome:
    """Take a voucher for what it stands for, with a row in the operation log; VoucherUsed, or the refusal.

    Raises NotAllowed, also for a store that is not the clerk's, KeyMissing and EngineUnavailable.
    """
    await desk.require(Action.VERIFY_VOUCHER)
    at_store = _store(desk, store)
    permanent = await _permanent(desk, code)
    if not isinstance(permanent, str):
        return permanent
    found = await voucher_of_code(permanent)
    if found is None:
        return UnknownVoucher(code)
    engine = desk.resources.engine
    command = UseVoucher(
        member_id=found.member_id, request_key=f"desk:{secrets.token_urlsafe(16)}", at=engine.clock.now(),
        receipt_no=found.receipt_no, line=found.line, store=at_store, **given_by(desk)._asdict(),
    )  # fmt: skip
    return (await engine.run(command)).outcome


async def taken_today(desk: Desk) -> list[Taken]:
    """What this operator has taken since midnight, the last first. Raises NotAllowed."""
    await desk.require(Action.VERIFY_VOUCHER)
    zone = desk.resources.settings.timezone
    midnight = day_start(business_day(desk.now(), zone), zone)
    return await taken_by(desk.resources.pool, desk.operator.name, midnight)


async def _permanent(desk: Desk, typed: str) -> str | VoucherCodeExpired | UnknownVoucher:
    """The permanent code for either kind of code; what is no changing code is taken for one."""
    code = tidy_code(typed)
    key = claimed_voucher(code)
    if key is None:
        return code
    if not is_genuine(desk.resources.settings.keyring, code, desk.now()):
        return VoucherCodeExpired()
    return await permanent_code(desk.resources.pool, key) or UnknownVoucher(typed)


def _store(desk: Desk, named: str | None) -> str | None:
    own = desk.operator.store
    if own is not None and named not in (None, own):
        raise NotAllowed(f"您是门店 {own} 的店员，只能在自己的门店核销。")
    return own or (named or "").strip()[:LONGEST_STORE] or None

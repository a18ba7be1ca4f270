"""/vouchers: what a voucher's code stands for, and taking the voucher, once."""

from datetime import date, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from loyalty.earning.outcomes import UnknownStore
from loyalty.engine.refusals import AccountAhead, AccountClosed, MemberMerged
from loyalty.ledger.calendar import business_day
from loyalty.ledger.ids import redemption_id
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.counter import CounterVoucher, permanent_code, voucher_at_counter, was_answered
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherCodeExpired, VoucherNotUsable, VoucherUsed
from loyalty.vouchers.rotating import claimed_voucher
from loyalty.vouchers.state import RedemptionState
from loyalty.vouchers.views import tidy_code
from partner_api.event_bodies import Name
from partner_api.requests import PARTNERS, SCOPE_MISSING, STORE_OF_ANOTHER, PartnerRequest, check_store
from web.answers import json_answer
from web.bodies import Body
from web.problems import TOO_MANY_REQUESTS, Kind, Problem
from web.refusals import accepted, kinds_of, refused
from web.rotating_codes import fault_of_voucher_code

PERIOD_S: Final = 600
UNKNOWN_PER_KEY: Final = 600
"""How many unknown codes a key may send in PERIOD_S. A permanent code has 60 random bits."""
CODES_LIMITED = Kind(TOO_MANY_REQUESTS.code, 429, "错误的券码太多")
LIMITED_SENTENCE: Final = "错误的券码太多，请十分钟后再试。"

Code = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]


class LookupBody(Body):
    """The code, permanent or changing, as it was scanned or typed."""

    code: Code


class VerifyBody(Body):
    """The code, and the store; a key that is bound to a store need not name it."""

    code: Code
    store_id: Name | None = None


class CounterVoucherAnswer(TypedDict):
    """A voucher. `used_at`, `used_by` and `store_id` say what became of a used one."""

    id: str
    name: str
    quantity: int
    terms: str
    whose: str
    state: RedemptionState
    expires_on: date
    used_at: datetime | None
    used_by: str | None
    store_id: str | None


async def look_up_voucher(request: PartnerRequest, body: LookupBody) -> web.Response:
    """What the code stands for; nothing is taken."""
    found = await _find(request, await _permanent(request, body.code))
    return json_answer(_answer(found, request.caller.resources.zone))


async def verify_voucher(request: PartnerRequest, body: VerifyBody) -> web.Response:
    """Take the voucher, once."""
    store = await _store(request, body.store_id)
    code = await _permanent(request, body.code)
    found = await _find(request, code)
    command = UseVoucher(
        member_id=found.member_id, request_key=request.required_key, keep_refusal=True, at=request.now,
        receipt_no=found.receipt_no, line=found.line, by=request.caller.key.name, store=store,
    )  # fmt: skip
    decision = await request.run(command)
    accepted(decision, VoucherUsed)
    taken = await _find(request, code)
    return json_answer(_answer(taken, request.caller.resources.zone), replayed=decision.replayed)


async def _permanent(request: PartnerRequest, typed: str) -> str:
    """The permanent code for either kind of code. Raises Problem 422 for a changing one that is over, and 429 and 404.

    A repeat comes later than its request, whose answer it gets: then the code may be over.
    """
    code, partner = tidy_code(typed), request.caller
    key = claimed_voucher(code)
    if key is None:
        return typed
    pool = partner.resources.pool
    permanent = await permanent_code(pool, key)
    if not (permanent and request.key and await was_answered(pool, permanent, request.key)):
        await _check_changing(request, code)
    if permanent is None:
        raise refused(UnknownVoucher(typed))
    return permanent


async def _check_changing(request: PartnerRequest, code: str) -> None:
    partner = request.caller
    keyring, asker = partner.resources.settings.keyring, partner.key.id
    fault = await fault_of_voucher_code(
        partner.counts, keyring, code, partner.now, asker=asker, most=UNKNOWN_PER_KEY
    )
    if fault == "limited":
        raise Problem(CODES_LIMITED, LIMITED_SENTENCE, headers={"Retry-After": str(PERIOD_S)})
    if fault == "invalid":
        raise refused(VoucherCodeExpired())


async def _find(request: PartnerRequest, code: str) -> CounterVoucher:
    """The voucher with this permanent code. Raises Problem 404, and 429 after too many unknown codes.

    A code is counted before it is looked for, and given back when it is found, so that guesses sent at once are counted, too.
    """
    partner, name = request.caller, f"vouchers:{request.caller.key.id}"
    wait_s = await partner.counts.take(name, UNKNOWN_PER_KEY, PERIOD_S, partner.now)
    if wait_s:
        raise Problem(CODES_LIMITED, LIMITED_SENTENCE, headers={"Retry-After": str(wait_s)})
    resources = partner.resources
    found = await voucher_at_counter(resources.pool, code, business_day(partner.now, resources.zone))
    if found is None:
        raise refused(UnknownVoucher(code))
    await partner.counts.give_back(name, PERIOD_S, partner.now)
    return found


async def _store(request: PartnerRequest, named: str | None) -> str | None:
    """The store in which it is taken. Raises Problem 403 for one that is not the key's, 422 for an unknown one."""
    key = request.caller.key
    check_store(key, named)
    store = named or key.store
    live = await request.caller.resources.directory.rules(request.now)
    if store is not None and live.rules.stores and store not in {one.id for one in live.rules.stores}:
        raise refused(UnknownStore(store))
    return store


def _answer(voucher: CounterVoucher, zone: ZoneInfo) -> CounterVoucherAnswer:
    closed_at = voucher.closed_at.astimezone(zone) if voucher.closed_at else None
    return CounterVoucherAnswer(
        id=redemption_id(voucher.receipt_no, voucher.line), name=voucher.name, quantity=voucher.quantity, terms=voucher.terms,
        whose=voucher.whose, state=voucher.state, expires_on=voucher.expires_on,
        used_at=closed_at if voucher.state == "used" else None, used_by=voucher.used_by, store_id=voucher.store,
    )  # fmt: skip


_LOOKING: Final = (UnknownVoucher, VoucherCodeExpired)
_USING: Final = (*_LOOKING, VoucherNotUsable, UnknownStore, AccountClosed, AccountAhead, MemberMerged)

OPERATIONS = (
    PARTNERS["vouchers"].with_body(
        "POST", "/vouchers/lookup", look_up_voucher, "查券", LookupBody, CounterVoucherAnswer,
        problems=(SCOPE_MISSING, CODES_LIMITED, *kinds_of(*_LOOKING)),
    ),
    PARTNERS["vouchers"].with_body(
        "POST", "/vouchers/verify", verify_voucher, "核销券", VerifyBody, CounterVoucherAnswer, keyed="required",
        problems=(SCOPE_MISSING, STORE_OF_ANOTHER, CODES_LIMITED, *kinds_of(*_USING)),
    ),
)  # fmt: skip

"""The kinds of typed or scanned codes, a member's or a voucher's, and a limit on guessing those of vouchers.

A voucher's permanent code has 60 random bits. An operator may send 30 unknown ones in ten minutes, which no honest day at the
counter needs. Codes that change are limited in `web.rotating_codes`.
"""

from typing import Final

from clerk.guard import Visit
from loyalty.members.codes import claimed_member
from loyalty.members.finding import Apps, Ref, members_of
from loyalty.vouchers.counter import CounterVoucher
from loyalty.vouchers.outcomes import VoucherCodeExpired
from loyalty.vouchers.rotating import claimed_voucher
from loyalty.vouchers.views import tidy_code
from operators.counter.vouchers import look_at_voucher
from web.rotating_codes import CodeFault, fault_of_member_code, fault_of_voucher_code

PERIOD_S: Final = 600
WRONG_CODES: Final = 30
LONGEST_CODE: Final = 64

UNKNOWN: Final = (
    "没有这个码，请核对后再试。券码是 12 位字母和数字，或 30 秒一换的一串数字；会员码是 20 位数字。"
)
LIMITED: Final = "错误的码太多，请十分钟后再试。"
MEMBER_LIMITED: Final = "错误的会员码太多，请十分钟后再试，或请会员出示券码。"
VOUCHER_LIMITED: Final = "错误的券码太多，请十分钟后再试，或请会员出示会员码。"
MEMBER_INVALID: Final = "会员码无效或已过期，请会员刷新后再出示。"


class NoSuchCode(Exception):
    """A code leads nowhere; the message is one Chinese sentence for the clerk."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


def is_member_code(typed: str) -> bool:
    """Whether this has the form of a member's code."""
    return claimed_member(tidy_code(typed)) is not None


async def voucher_of(visit: Visit, typed: str) -> CounterVoucher:
    """The voucher with this code, permanent or changing. Raises NoSuchCode and NotAllowed.

    The code is counted before it is looked for, and given back when it is found, so that guesses sent at once are counted, too.
    """
    await _check_changing(visit, tidy_code(typed[:LONGEST_CODE]))
    name = f"clerk:{visit.at_desk.operator.operator_id}"
    if await visit.counts.take(name, WRONG_CODES, PERIOD_S, visit.now):
        raise NoSuchCode(LIMITED, 429)
    found = await look_at_voucher(visit.at_desk, typed[:LONGEST_CODE])
    if isinstance(found, VoucherCodeExpired):
        raise NoSuchCode(found.sentence, 422)
    if not isinstance(found, CounterVoucher):
        raise NoSuchCode(UNKNOWN, 404)
    await visit.counts.give_back(name, PERIOD_S, visit.now)
    return found


async def member_of(visit: Visit, typed: str) -> int:
    """The member who shows this code. Raises NoSuchCode."""
    code, settings = tidy_code(typed), visit.resources.settings
    fault = await fault_of_member_code(
        visit.counts, settings.keyring, code, visit.now, asker=_asker(visit), most=WRONG_CODES
    )
    _refuse(fault, MEMBER_INVALID, MEMBER_LIMITED)
    ref = Ref("member_code", code)
    found = await members_of(visit.resources.pool, settings.keyring, Apps("", ""), [ref])
    if ref not in found:
        raise NoSuchCode(MEMBER_INVALID, 422)
    return found[ref]


async def _check_changing(visit: Visit, code: str) -> None:
    """Raise NoSuchCode for a code that changes and is of an earlier step, or wrong."""
    if claimed_voucher(code) is None:
        return
    keyring = visit.resources.settings.keyring
    fault = await fault_of_voucher_code(
        visit.counts, keyring, code, visit.now, asker=_asker(visit), most=WRONG_CODES
    )
    _refuse(fault, VoucherCodeExpired.sentence, VOUCHER_LIMITED)


def _asker(visit: Visit) -> str:
    return f"clerk:{visit.at_desk.operator.operator_id}"


def _refuse(fault: CodeFault | None, invalid: str, limited: str) -> None:
    match fault:
        case "invalid":
            raise NoSuchCode(invalid, 422)
        case "limited":
            raise NoSuchCode(limited, 429)

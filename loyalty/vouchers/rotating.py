"""动态券码: the code of a voucher that its member shows at the counter. It changes every 30 seconds (`base.rotating`).

Digits alone, so that staff type it on a number pad: 8, how many digits the member's id has (0 for ten), that id, the line of the
voucher in two digits, the number of its receipt, and the password. It names the voucher by its place and never tells the permanent
code.
"""

import re
from datetime import datetime
from typing import Final

from base.rotating import DIGITS, RotatingCode, is_password, rotating_code
from base.sealing import Keyring
from loyalty.vouchers.views import VoucherKey

PURPOSE: Final = "voucher code"
MOST_LINES: Final = 100
_LONGEST_ID: Final = 10
_FORM: Final = re.compile(rf"8([0-9])([1-9][0-9]{{3,29}})([0-9]{{{DIGITS}}})")
_RECEIPT: Final = re.compile(r"[1-9][0-9]{0,17}")


def voucher_code_now(keyring: Keyring, key: VoucherKey, now: datetime) -> RotatingCode:
    """The voucher's code at `now`. Raises KeyMissing, and ValueError for a line or an id that a code has no room for."""
    member, line = str(key.member_id), f"{key.line:02d}"
    if len(member) > _LONGEST_ID or key.line >= MOST_LINES:
        raise ValueError(f"no code can name the voucher {key}")
    prefix = f"8{len(member) % _LONGEST_ID}{member}{line}{key.receipt_no}"
    return rotating_code(keyring, PURPOSE, _subject(key), prefix, now)


def claimed_voucher(code: str) -> VoucherKey | None:
    """The voucher that a code names, genuine or not, and there or not; None for what is no such code."""
    found = _FORM.fullmatch(code)
    if found is None:
        return None
    length, place = int(found[1]) or _LONGEST_ID, found[2]
    member, line, receipt_no = place[:length], place[length : length + 2], place[length + 2 :]
    if _RECEIPT.fullmatch(receipt_no) is None:
        return None
    return VoucherKey(int(member), int(receipt_no), int(line))


def is_genuine(keyring: Keyring, code: str, now: datetime) -> bool:
    """Whether it is the code that its voucher has at `now`, or had one step before. Raises KeyMissing."""
    key = claimed_voucher(code)
    return key is not None and is_password(keyring, PURPOSE, _subject(key), code[-DIGITS:], now)


def _subject(key: VoucherKey) -> str:
    return f"{key.member_id}-{key.receipt_no}-{key.line}"

"""A limit on the guessing of codes that change, members' and vouchers', for every entry point that takes them.

A code has eight digits that change: whoever tries has one chance in fifty million. A member's or a voucher's code may be wrong ten
times in ten minutes, wherever it was shown, and whoever asks may send only so many wrong ones, so that guessing takes decades. A
right code is not counted.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, TypeAlias

from base.sealing import Keyring
from loyalty.members import codes as members
from loyalty.vouchers import rotating as vouchers
from web.counts import Counts

PERIOD_S: Final = 600
WRONG_PER_SUBJECT: Final = 10

CodeFault: TypeAlias = Literal["invalid", "limited"]


async def fault_of_member_code(
    counts: Counts, keyring: Keyring, code: str, now: datetime, *, asker: str, most: int
) -> CodeFault | None:
    """The fault of a member's code; None if it is right. `asker` may send `most` wrong ones in PERIOD_S. Raises KeyMissing."""
    member_id = members.claimed_member(code)
    if member_id is None:
        return "invalid"
    limits = ((f"codes:{asker}", most), (f"code:{member_id}", WRONG_PER_SUBJECT))
    return await _fault(counts, limits, lambda: members.is_genuine(keyring, code, now), now)


async def fault_of_voucher_code(
    counts: Counts, keyring: Keyring, code: str, now: datetime, *, asker: str, most: int
) -> CodeFault | None:
    """The fault of a voucher's code that changes; as `fault_of_member_code`, with which it shares what `asker` may send."""
    key = vouchers.claimed_voucher(code)
    if key is None:
        return "invalid"
    voucher = f"{key.member_id}-{key.receipt_no}-{key.line}"
    limits = ((f"codes:{asker}", most), (f"code:{voucher}", WRONG_PER_SUBJECT))
    return await _fault(counts, limits, lambda: vouchers.is_genuine(keyring, code, now), now)


async def _fault(
    counts: Counts, limits: tuple[tuple[str, int], ...], is_genuine: Callable[[], bool], now: datetime
) -> CodeFault | None:
    """Every code is counted before it is compared, and a right one is given back, so that guesses sent at once are counted, too.

    Nothing is counted behind a limit that is reached: an asker who has sent too many closes no more members' and vouchers' codes.
    """
    for name, allowed in limits:
        if await counts.take(name, allowed, PERIOD_S, now):
            return "limited"
    if not is_genuine():
        return "invalid"
    for name, _ in limits:
        await counts.give_back(name, PERIOD_S, now)
    return None

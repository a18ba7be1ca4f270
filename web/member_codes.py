"""A limit on the guessing of members' codes, for every entry point that takes them.

A code has eight digits that change: whoever tries has one chance in fifty million. A member's code may be wrong ten times in ten
minutes, wherever it was shown, and whoever asks may send only so many wrong ones, so that guessing takes decades. A right code is
not counted.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from base.sealing import Keyring
from loyalty.members.codes import claimed_member, is_genuine
from web.counts import Counts

PERIOD_S: Final = 600
WRONG_PER_MEMBER: Final = 10

CodeFault: TypeAlias = Literal["member_code_invalid", "member_code_limited"]


async def fault_of_code(
    counts: Counts, keyring: Keyring, code: str, now: datetime, *, asker: str, most: int
) -> CodeFault | None:
    """What is wrong with a member's code; None if it is right. `asker` may send `most` wrong ones in PERIOD_S. Raises KeyMissing.

    Every code is counted before it is compared, and a right one is given back, so that guesses sent at once are counted, too.
    """
    member_id = claimed_member(code)
    if member_id is None:
        return "member_code_invalid"
    limits = ((f"code:{member_id}", WRONG_PER_MEMBER), (f"codes:{asker}", most))
    waits = [await counts.take(name, allowed, PERIOD_S, now) for name, allowed in limits]
    if any(waits):
        return "member_code_limited"
    if not is_genuine(keyring, code, now):
        return "member_code_invalid"
    for name, _ in limits:
        await counts.give_back(name, PERIOD_S, now)
    return None

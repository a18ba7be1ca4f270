"""会员码: the code that a member shows at the till. It changes every 30 seconds and serves to find the member, nothing else.

Twenty digits: 90, the member's id in ten digits, and the password of `base.rotating`.
"""

import re
from datetime import datetime
from typing import Final

from base.rotating import DIGITS, RotatingCode, is_password, rotating_code
from base.sealing import Keyring

PURPOSE: Final = "member code"
_FORM: Final = re.compile(rf"90([0-9]{{10}})([0-9]{{{DIGITS}}})")


def member_code(keyring: Keyring, member_id: int, now: datetime) -> RotatingCode:
    """The member's code at `now`. Raises KeyMissing."""
    return rotating_code(keyring, PURPOSE, str(member_id), f"90{member_id:010d}", now)


def claimed_member(code: str) -> int | None:
    """The member whom a code names, genuine or not; None for what is no code."""
    found = _FORM.fullmatch(code)
    return int(found[1]) if found else None


def is_genuine(keyring: Keyring, code: str, now: datetime) -> bool:
    """Whether it is the code that its member shows at `now`, or showed one step before. Raises KeyMissing."""
    found = _FORM.fullmatch(code)
    return found is not None and is_password(keyring, PURPOSE, str(int(found[1])), found[2], now)

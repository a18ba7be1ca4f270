"""会员码: the code that a member shows at the till. It changes every 30 seconds and serves to find the member, nothing else.

Twenty digits: 90, the member's id in ten digits, and eight digits of a time-based one-time password (RFC 6238). Its secret is the
member's own, computed from JIFEN_SECRET_KEY, so nothing is stored. The password of the step before is still accepted, because
showing and scanning takes time; anything older, such as a screenshot, is not.
"""

import base64
import hmac
import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from pyotp import TOTP

from base.sealing import Keyring

PURPOSE: Final = "member code"
STEP_S: Final = 30
DIGITS: Final = 8
_FORM: Final = re.compile(rf"90([0-9]{{10}})([0-9]{{{DIGITS}}})")


class MemberCode(NamedTuple):
    """A code, and the instant from which on the member's phone shows another one; it is accepted for one step longer."""

    code: str
    expires_at: datetime


def member_code(keyring: Keyring, member_id: int, now: datetime) -> MemberCode:
    """The member's code at `now`. Raises KeyMissing."""
    step = int(now.timestamp()) // STEP_S
    password = _passwords(keyring, member_id, step)[0]
    ends_at = datetime.fromtimestamp((step + 1) * STEP_S, UTC)
    return MemberCode(f"90{member_id:010d}{password}", ends_at.astimezone(now.tzinfo))


def claimed_member(code: str) -> int | None:
    """The member whom a code names, genuine or not; None for what is no code."""
    found = _FORM.fullmatch(code)
    return int(found[1]) if found else None


def is_genuine(keyring: Keyring, code: str, now: datetime) -> bool:
    """Whether it is the code that its member shows at `now`, or showed one step before. Raises KeyMissing."""
    found = _FORM.fullmatch(code)
    if found is None:
        return False
    member_id, offered = int(found[1]), found[2]
    step = int(now.timestamp()) // STEP_S
    right = (*_passwords(keyring, member_id, step), *_passwords(keyring, member_id, step - 1))
    return any(hmac.compare_digest(offered, one) for one in right)


def _passwords(keyring: Keyring, member_id: int, step: int) -> list[str]:
    """The passwords of a step under the present and the previous key."""
    secrets = keyring.hashes(str(member_id).encode(), PURPOSE)
    return [TOTP(base64.b32encode(one).decode(), digits=DIGITS).generate_otp(step) for one in secrets]

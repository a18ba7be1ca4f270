"""Openids and tokens of the made-up members, as SQL over `m` for the tables and as Python for the requests.

They are hashes, so that they are spread over the indexes as real ones are.
"""

import hashlib
import math

OA_SUBJECT = "'o' || substr(md5(m::text), 1, 27)"
MINI_SUBJECT = "'m' || substr(md5(m::text), 1, 27)"
REFERRAL_CODE = "translate(lpad(to_hex(m), 8, '0'), '01', 'xy')"
TOKEN_HASH = "sha256(convert_to('bench-' || md5(m::text) || 'jifen', 'UTF8'))"  # noqa: S105  # nobody's

STRIDE = 7_368_787
"""A prime: steps of this size reach every member once, in an order unlike that of the tables."""


def openid(member_id: int) -> str:
    """A member's openid at the official account."""
    return "o" + _digest(member_id)[:27]


def token(member_id: int) -> str:
    """A member's session token."""
    return f"bench-{_digest(member_id)}jifen"


def scattered(number: int, members: int) -> int:
    """The `number`-th member (from 0) in an order that has each of `members` once."""
    if math.gcd(STRIDE, members) != 1:
        raise ValueError(f"{members} members cannot be walked by steps of {STRIDE}")
    return 1 + number * STRIDE % members


def _digest(member_id: int) -> str:
    return hashlib.md5(str(member_id).encode(), usedforsecurity=False).hexdigest()

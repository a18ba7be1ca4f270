"""The names that the made-up members go by, as SQL over `m` for the tables and as Python for what is sent: hashes, so that they
lie as scattered in the indexes as real ones do.
"""

import hashlib
import math

OA_SUBJECT = "'o' || substr(md5(m::text), 1, 27)"
MINI_SUBJECT = "'m' || substr(md5(m::text), 1, 27)"
REFERRAL_CODE = "translate(lpad(to_hex(m), 8, '0'), '01', 'xy')"
TOKEN_HASH = "sha256(convert_to('bench-' || md5(m::text) || 'jifen', 'UTF8'))"  # noqa: S105  # nobody's

STRIDE = 7_368_787
"""A prime: stepping by it visits every member once, in an order far from that of the tables."""


def openid(member_id: int) -> str:
    """A member's openid at the official account."""
    return "o" + _digest(member_id)[:27]


def token(member_id: int) -> str:
    """A member's session token."""
    return f"bench-{_digest(member_id)}jifen"


def scattered(number: int, members: int) -> int:
    """The `number`-th member (from 0) of a walk that meets each of `members` once in `members` steps."""
    if math.gcd(STRIDE, members) != 1:
        raise ValueError(f"{members} members cannot be walked by steps of {STRIDE}")
    return 1 + number * STRIDE % members


def _digest(member_id: int) -> str:
    return hashlib.md5(str(member_id).encode(), usedforsecurity=False).hexdigest()

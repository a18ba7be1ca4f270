"""The rows that referrals read and write: who invited the member, and whether the member has ever signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.feature import Read, ReadRequest
from loyalty.engine.past import Past
from loyalty.ledger.writes import MeterKey, Table, Update

SELECT_REFERRALS = """
SELECT member_id, inviter_id, qualified_at IS NOT NULL AS qualified FROM referral WHERE member_id = ANY($1::bigint[])
"""
SELECT_SIGNED_IN = """
SELECT member_id FROM account a WHERE member_id = ANY($1::bigint[])
AND EXISTS (SELECT FROM check_in c WHERE c.member_id = a.member_id)
"""
QUALIFY = """
UPDATE referral r SET qualified_at = u.qualified_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS u(member_id, qualified_at) WHERE r.member_id = u.member_id
"""


class StoredReferral(NamedTuple):
    """The stored referral of a member: who invited them, and whether the referral has qualified."""

    inviter_id: int
    qualified: bool


class ReferralRow(NamedTuple):
    """A new referral: who invited the member, and since when that is recorded."""

    inviter_id: int
    bound_at: datetime


class QualifiedRow(NamedTuple):
    """When the friend met the condition."""

    qualified_at: datetime


async def _referrals(request: ReadRequest) -> Mapping[int, StoredReferral | None]:
    rows = await request.connection.fetch(SELECT_REFERRALS, request.members)
    return {row["member_id"]: StoredReferral(row["inviter_id"], row["qualified"]) for row in rows}


async def _signed_in(request: ReadRequest) -> Mapping[int, bool]:
    rows = await request.connection.fetch(SELECT_SIGNED_IN, request.members)
    return {row["member_id"]: True for row in rows}


REFERRALS: Final = Table(
    "referral", ReferralRow, stamps={}, mutable=("qualified_at",), key=(), since="bound_at"
)
QUALIFY_REFERRALS: Final = Update(QUALIFY, QualifiedRow, table=REFERRALS, since="qualified_at")


def _referral_in(past: Past, _: DatedCommand, __: object) -> StoredReferral | None:
    row = past.rows[REFERRALS].get(())
    return StoredReferral(row["inviter_id"], row["qualified_at"] is not None) if row else None


def _has_signed_in(past: Past, _: DatedCommand, __: object) -> bool:
    return past.has_rows_in("check_in")


REFERRAL: Final = Read[StoredReferral | None]("who invited the member", _referrals, None, fold=_referral_in)
HAS_SIGNED_IN: Final = Read[bool](
    "whether the member has ever signed in", _signed_in, False, fold=_has_signed_in
)
FRIENDS_REWARDED: Final = MeterKey("friends_rewarded")
"""The meter of qualified friends for whom a member was rewarded, for all time."""

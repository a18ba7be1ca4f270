"""The rows that merging writes, besides lots and meters: who a member is, and what leads to them."""

from datetime import date, datetime
from typing import Final, NamedTuple

from loyalty.ledger.writes import Table, Update

MERGE_PERSON = """
UPDATE member m SET nickname = coalesce(m.nickname, u.nickname), notices_opted_out = m.notices_opted_out OR u.opted_out,
    nickname_checked = CASE WHEN m.nickname IS NULL THEN u.checked ELSE m.nickname_checked END,
    merge_with = nullif(m.merge_with, u.other_id)
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[], $5::boolean[])
    AS u(member_id, other_id, nickname, checked, opted_out)
WHERE m.member_id = u.member_id
"""
SEEN = """
UPDATE account a SET last_seen_on = greatest(a.last_seen_on, u.day)
FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day) WHERE a.member_id = u.member_id
"""
UNMARK = "UPDATE member SET merge_with = NULL WHERE member_id = ANY($1::bigint[])"
FOLLOWING = """
INSERT INTO contact (member_id, following, changed_at)
SELECT u.member_id, u.following, u.at FROM unnest($1::bigint[], $2::boolean[], $3::timestamptz[]) AS u(member_id, following, at)
ON CONFLICT (member_id) DO UPDATE SET following = excluded.following, changed_at = excluded.changed_at
WHERE contact.changed_at < excluded.changed_at
"""
CONSENTS = """
INSERT INTO consent (member_id, template_id, granted, changed_at)
SELECT u.member_id, u.template_id, u.granted, u.at
FROM unnest($1::bigint[], $2::text[], $3::int[], $4::timestamptz[]) AS u(member_id, template_id, granted, at)
ON CONFLICT (member_id, template_id) DO UPDATE
SET granted = consent.granted + excluded.granted, changed_at = greatest(consent.changed_at, excluded.changed_at)
"""
RE_POINT = {
    "identity": """
        UPDATE identity i SET member_id = u.member_id, owner_id = coalesce(i.owner_id, i.member_id)
        FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, other_id) WHERE i.member_id = u.other_id
        """,
    "referral_code": """
        UPDATE referral_code c SET member_id = u.member_id
        FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, other_id) WHERE c.member_id = u.other_id
        """,
    "session": """
        UPDATE session s SET member_id = u.member_id
        FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, other_id) WHERE s.member_id = u.other_id
        """,
}
"""Sessions, identities and codes of the other member lead to this one. An identity remembers to whom it belonged first."""
GIVE_BACK = {
    "identity": """
        UPDATE identity i SET member_id = u.member_id
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u(member_id, other_id, owner_id)
        WHERE i.member_id = u.other_id AND i.owner_id = u.owner_id
        """,
    "referral_code": """
        UPDATE referral_code c SET member_id = u.member_id
        FROM unnest($1::bigint[], $2::text[]) AS u(member_id, code) WHERE c.code = u.code
        """,
    "session": """
        DELETE FROM session s USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, other_id)
        WHERE s.member_id = u.other_id
        """,
}
"""Identities and codes of this member lead to them again. Sessions end: nobody can tell whose each was; the phone logs in again."""
SPLIT = """
UPDATE merged_half h SET split_no = u.split_no
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u(member_id, via_id, split_no)
WHERE h.member_id = u.member_id AND h.via_id = u.via_id AND h.split_no IS NULL
"""


class HalfRow(NamedTuple):
    """A member who was merged into this one, directly or through `via_id`."""

    other_id: int
    via_id: int


class OtherRow(NamedTuple):
    """The other member, all of whose rows an update concerns."""

    other_id: int


class PersonRow(NamedTuple):
    """The other's nickname, which counts where there is none, and whether they want no notices."""

    other_id: int
    nickname: str | None
    nickname_checked: bool
    opted_out: bool


class SeenRow(NamedTuple):
    """The day of the other's last visit."""

    day: date


class NothingRow(NamedTuple):
    """An update that needs the member alone."""


class FollowingRow(NamedTuple):
    """Whether the other follows the official account, since when."""

    following: bool
    at: datetime


class ConsentRow(NamedTuple):
    """How many messages of a template the other has allowed."""

    template_id: str
    granted: int
    at: datetime


class OwnerRow(NamedTuple):
    """The other member, and the member to whom an identity belonged first."""

    other_id: int
    owner_id: int


class CodeRow(NamedTuple):
    """A referral code."""

    code: str


class SplitRow(NamedTuple):
    """The member whose merge ends, and the receipt by which it ends."""

    via_id: int
    split_no: int


MERGED_HALVES: Final = Table("merged_half", HalfRow, mutable=("split_no",))
MERGE_PERSONS: Final = Update(MERGE_PERSON, PersonRow)
SEEN_BY: Final = Update(SEEN, SeenRow)
UNMARKED: Final = Update(UNMARK, NothingRow)
FOLLOWING_OF: Final = Update(FOLLOWING, FollowingRow)
CONSENTS_OF: Final = Update(CONSENTS, ConsentRow)
POINT_IDENTITIES: Final = Update(RE_POINT["identity"], OtherRow)
POINT_CODES: Final = Update(RE_POINT["referral_code"], OtherRow)
POINT_SESSIONS: Final = Update(RE_POINT["session"], OtherRow)
GIVE_IDENTITIES: Final = Update(GIVE_BACK["identity"], OwnerRow)
GIVE_CODES: Final = Update(GIVE_BACK["referral_code"], CodeRow)
END_SESSIONS: Final = Update(GIVE_BACK["session"], OtherRow)
SPLITS: Final = Update(SPLIT, SplitRow)
UPDATES: Final = (
    MERGE_PERSONS, SEEN_BY, UNMARKED, FOLLOWING_OF, CONSENTS_OF, POINT_IDENTITIES, POINT_CODES, POINT_SESSIONS, GIVE_IDENTITIES,
    GIVE_CODES, END_SESSIONS, SPLITS,
)  # fmt: skip

"""Every place that tells who a member is, with the statement that erases it and the one that finds what is left.

A person is the member or one of those merged into them. A new personal column gets its place here; a test walks the models.
"""

from datetime import datetime
from typing import Final, NamedTuple

from loyalty.ledger.writes import Update


class PersonRow(NamedTuple):
    """A person who is erased."""

    person_id: int


class EndedRow(NamedTuple):
    """A person who is erased, and the instant at which their open appeal ends."""

    person_id: int
    at: datetime


class HashRow(NamedTuple):
    """The keyed hash of a phone number that is erased."""

    phone_hash: bytes


class MarkedRow(NamedTuple):
    """A member who was marked to be merged with an erased one."""

    marked_id: int


class Place(NamedTuple):
    """A table with columns that tell who a member is: `left` selects the members of whom something is there.

    `erase` is None where the statement needs more than the person.
    """

    table: str
    columns: tuple[str, ...]
    left: str
    erase: Update[PersonRow] | None


def _rows(table: str, erase: str, *columns: str) -> Place:
    """A place whose rows go as a whole."""
    return Place(table, columns, f"SELECT member_id FROM {table}", Update(erase, PersonRow))  # noqa: S608  # our own names


IDENTITY: Final = """
DELETE FROM identity t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
PHONE: Final = """
DELETE FROM phone t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
SESSION: Final = """
DELETE FROM session t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
CONTACT: Final = """
DELETE FROM contact t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
CONSENT: Final = """
DELETE FROM consent t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
CONSENT_WITHDRAWAL: Final = """
DELETE FROM consent_withdrawal t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
SEGMENT: Final = """
DELETE FROM segment t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
ERASURE_REQUEST: Final = """
DELETE FROM erasure_request t USING unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id) WHERE t.member_id = u.person_id
"""
MEMBER: Final = """
UPDATE member t SET nickname = NULL, nickname_checked = false, birthday = NULL, birthday_from = NULL, title_shown = false,
    notices_opted_out = true, merge_with = NULL
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id)
WHERE t.member_id = u.person_id
"""
SUGGESTION: Final = """
UPDATE suggestion t SET text = NULL FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id)
WHERE t.member_id = u.person_id
"""
APPEAL: Final = """
UPDATE appeal t SET text = '', state = 'answered', answer = coalesce(answer, '会员已注销，个人信息已删除。'),
    answered_by = coalesce(answered_by, '系统'), released = coalesce(released, false), answered_at = coalesce(answered_at, u.at)
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS u(member_id, person_id, at)
WHERE t.member_id = u.person_id
"""
PHONE_KEY: Final = """
DELETE FROM phone_key t USING unnest($1::bigint[], $2::bytea[]) AS u(member_id, phone_hash) WHERE t.phone_hash = u.phone_hash
"""
NOTICE: Final = """
UPDATE notice t SET state = 'suppressed', reason = 'erased'
FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, person_id)
WHERE t.member_id = u.person_id AND t.state IN ('due', 'waiting')
"""
MARKED: Final = """
UPDATE member t SET merge_with = NULL FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, marked_id)
WHERE t.member_id = u.marked_id
"""

PLACES: Final = (
    Place(
        "member", ("nickname", "birthday"),
        "SELECT member_id FROM member WHERE (nickname IS NOT NULL OR birthday IS NOT NULL OR merge_with IS NOT NULL)",
        Update(MEMBER, PersonRow),
    ),
    _rows("identity", IDENTITY, "provider", "subject"),
    _rows("phone", PHONE, "phone_hash", "sealed"),
    Place("phone_key", ("phone_hash",), "SELECT member_id FROM phone_key WHERE true", None),
    _rows("session", SESSION, "token_hash"),
    _rows("contact", CONTACT),
    _rows("consent", CONSENT, "template_id"),
    _rows("consent_withdrawal", CONSENT_WITHDRAWAL, "message_key", "event", "scope"),
    _rows("erasure_request", ERASURE_REQUEST),
    _rows("segment", SEGMENT, "name"),
    Place(
        "suggestion", ("text",), "SELECT member_id FROM suggestion WHERE text IS NOT NULL", Update(SUGGESTION, PersonRow)
    ),
    Place("appeal", ("text",), "SELECT member_id FROM appeal WHERE text <> ''", None),
)  # fmt: skip
END_APPEALS: Final = Update(APPEAL, EndedRow)
FORGET_PHONES: Final = Update(PHONE_KEY, HashRow)
UNMARK: Final = Update(MARKED, MarkedRow)
STOP_NOTICES: Final = Update(NOTICE, PersonRow)
ERASURES: Final = (*(place.erase for place in PLACES if place.erase is not None), STOP_NOTICES)
"""What is written for each person."""

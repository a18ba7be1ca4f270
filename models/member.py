"""Members, the identities and phone numbers that point to them, their sessions, and how they can be reached."""

from tortoise import fields
from tortoise.models import Model


class Member(Model):
    """A member; `merge_with` is another member who is known to be the same person and with whom a merge is still to come.

    `nickname_checked`: the name may be shown to others whole. `title_shown`: others may see the title of the member's tier.

    `birthday` is a month and a day, as `02-29`; rules for birthdays know it from `birthday_from` on.

    `last_seen_floor` is no later than the account's `last_seen_on`. The job that finds silent members searches by it, and raises it
    to `last_seen_on` when it comes to the member.
    """

    member_id = fields.BigIntField(primary_key=True, generated=True)
    nickname = fields.TextField(null=True)
    nickname_checked = fields.BooleanField(default=False)
    referral_code = fields.TextField()
    joined_at = fields.DatetimeField()
    last_seen_floor = fields.DateField()
    notices_opted_out = fields.BooleanField(default=False)
    merge_with = fields.BigIntField(null=True)
    title_shown = fields.BooleanField(default=False)
    birthday = fields.TextField(null=True)
    birthday_from = fields.DateField(null=True)

    class Meta:
        table = "member"


class Suggestion(Model):
    """What a member wrote to the shop, in one line; null once it is erased. Key: (member_id, request_key)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    request_key = fields.TextField()
    text = fields.TextField(null=True)
    said_at = fields.DatetimeField()

    class Meta:
        table = "suggestion"


class ErasureRequest(Model):
    """A member who asked that their personal data be erased; the row goes with the erasure, or when they change their mind."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    asked_at = fields.DatetimeField()

    class Meta:
        table = "erasure_request"


class DataCopy(Model):
    """How often a member had a copy of their data on a day. Key: (member_id, day)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    day = fields.DateField()
    copies = fields.IntField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "data_copy"


class Identity(Model):
    """An app id (or `unionid`) and the member's id there. Key: (provider, subject).

    `owner_id` is the member to whom it belonged before they were merged into another; null as long as it has never moved.
    `ask_after`: from when on to ask WeChat for the unionid that is missing; null where nothing is to be asked. `silent`: the person
    has followed by this identity and done nothing else yet.
    """

    provider = fields.TextField()
    subject = fields.CharField(max_length=128, primary_key=True)
    member_id = fields.BigIntField()
    linked_at = fields.DatetimeField()
    owner_id = fields.BigIntField(null=True)
    ask_after = fields.DatetimeField(null=True)
    silent = fields.BooleanField(default=False)

    class Meta:
        table = "identity"


class Phone(Model):
    """A member's phone number, sealed with the key `key_id`; `phone_hash` is its key in `phone_key`, `tail` the drawer of its last
    four digits (`loyalty/members/drawers.py`), None until a job has put it into one.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    phone_hash = fields.BinaryField()
    sealed = fields.BinaryField()
    key_id = fields.TextField()
    bound_at = fields.DatetimeField()
    tail = fields.IntField(null=True)

    class Meta:
        table = "phone"


class PhoneKey(Model):
    """Directory of phone numbers: the member of each number's keyed hash."""

    phone_hash = fields.BinaryField(primary_key=True)
    member_id = fields.BigIntField()

    class Meta:
        table = "phone_key"


class ReferralCode(Model):
    """Directory of referral codes: the member of each code."""

    code = fields.CharField(max_length=128, primary_key=True)
    member_id = fields.BigIntField()

    class Meta:
        table = "referral_code"


class Session(Model):
    """A mini-program session; only the token's SHA-256 is kept."""

    token_hash = fields.BinaryField(primary_key=True)
    member_id = fields.BigIntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "session"


class Contact(Model):
    """Whether the member follows the official account."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    following = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "contact"


class Consent(Model):
    """How many subscribe messages of one template the member has allowed. Key: (member_id, template_id)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    template_id = fields.TextField()
    granted = fields.IntField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "consent"


class ConsentWithdrawal(Model):
    """An event by which WeChat said that a member withdrew a consent or closed the account. Key: (member_id, message_key).

    `scope` is WeChat's RevokeInfo, the code of what was withdrawn; `at` is when WeChat wrote the event.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    message_key = fields.TextField()
    event = fields.TextField()
    scope = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "consent_withdrawal"

"""The ledger's tables: accounts, lots, receipts, entries, lot uses, meters and follow-ups.

Only the engine writes them; the models are for reads. Tortoise has no composite keys, so a model whose key is (member_id, …) marks
member_id as its key.
"""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Account(Model):
    """One account per member: the sums of the buckets, the version that every write raises, the head of the hash chain.

    `last_seen_on` is the business day of the latest visit. It does not belong to the ledger and raises no version. It is here
    because most visits come with a command, which writes this row anyway. No index may name it (decision 0016).

    `merged_into` is the member into whom this one was merged, and `halves` the number of members merged into this one.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    version = fields.BigIntField()
    seq = fields.BigIntField()
    chain = fields.BinaryField()
    status = fields.TextField()
    available = fields.BigIntField()
    pending = fields.BigIntField()
    held = fields.BigIntField()
    debt = fields.BigIntField()
    issued = fields.BigIntField()
    spent = fields.BigIntField()
    expired = fields.BigIntField()
    reversed = fields.BigIntField()
    adjusted = fields.BigIntField()
    forfeited = fields.BigIntField()
    growth = fields.BigIntField()
    posted_at = fields.DatetimeField()
    last_seen_on = fields.DateField()
    merged_into = fields.BigIntField(null=True)
    halves = fields.BigIntField()

    class Meta:
        table = "account"


class Lot(Model):
    """Points that open and lapse together. Key: (member_id, expires_on, opens_on, terms). PostgreSQL computes `has_remaining`."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    expires_on = fields.DateField()
    opens_on = fields.DateField()
    terms = fields.IntField()
    opened = fields.BooleanField()
    granted = fields.BigIntField()
    remaining = fields.BigIntField()
    held = fields.BigIntField()
    spent = fields.BigIntField()
    expired = fields.BigIntField()
    reversed = fields.BigIntField()
    offset_debt = fields.BigIntField()
    forfeited = fields.BigIntField()
    has_remaining = fields.BooleanField()

    class Meta:
        table = "lot"


class Receipt(Model):
    """The decision on one command. Key: (member_id, no); `no` is the account's version after it.

    `trace` is what it takes to decide the command again (`loyalty/engine/trace.py`); null in receipts of programs that kept none.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    no = fields.BigIntField()
    command = fields.TextField()
    scope = fields.TextField()
    ref = fields.TextField()
    request_key = fields.TextField()
    request_hash = fields.BinaryField()
    accepted = fields.BooleanField()
    code = fields.TextField()
    facts: Any = fields.JSONField()
    rule_version = fields.IntField()
    actor = fields.TextField()
    effective_at = fields.DatetimeField()
    posted_at = fields.DatetimeField()
    trace = fields.TextField(null=True)

    class Meta:
        table = "receipt"


class Entry(Model):
    """One movement between two buckets, with the buckets after it. Key: (member_id, seq)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    seq = fields.BigIntField()
    receipt_no = fields.BigIntField()
    reason = fields.TextField()
    detail: Any = fields.JSONField()
    src = fields.TextField()
    dst = fields.TextField()
    amount = fields.BigIntField()
    available = fields.BigIntField()
    pending = fields.BigIntField()
    held = fields.BigIntField()
    debt = fields.BigIntField()
    expires_on = fields.DateField(null=True)
    posted_at = fields.DatetimeField()
    chain = fields.BinaryField()

    class Meta:
        table = "entry"


class LotUse(Model):
    """How much one receipt took from or gave to a lot. Key: (member_id, receipt_no, kind, lot)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    kind = fields.TextField()
    expires_on = fields.DateField()
    opens_on = fields.DateField()
    terms = fields.IntField()
    amount = fields.BigIntField()

    class Meta:
        table = "lot_use"


class MergedHalf(Model):
    """A member who was merged into another, by receipt `receipt_no` and through `via_id`; `split_no` is the receipt that undid it.

    Key: (member_id, other_id, receipt_no).
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    other_id = fields.BigIntField()
    receipt_no = fields.BigIntField()
    via_id = fields.BigIntField()
    split_no = fields.BigIntField(null=True)

    class Meta:
        table = "merged_half"


class Meter(Model):
    """How much a member has of `name` in `period` ("" for all time). Key: (member_id, name, period)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.TextField()
    period = fields.TextField()
    value = fields.BigIntField()

    class Meta:
        table = "meter"


class FollowUp(Model):
    """A command that must run for a member because another command was accepted. Key: (member_id, request_key)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    request_key = fields.TextField()
    command = fields.TextField()
    payload: Any = fields.JSONField()
    effective_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    attempts = fields.IntField()
    last_error = fields.TextField(null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "follow_up"

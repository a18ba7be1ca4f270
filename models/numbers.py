"""The tables of daily facts, which the worker keeps from receipts and entries, and which can be computed again from them."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class NumberFeed(Model):
    """How far an edition of the facts has read the receipts; the one that is `shown` is what pages read."""

    edition = fields.IntField(primary_key=True, generated=False)
    shown = fields.BooleanField()
    read_at = fields.DatetimeField()
    read_member = fields.BigIntField()
    read_no = fields.BigIntField()

    class Meta:
        table = "number_feed"


class DailyFact(Model):
    """Points, times and money of one flow on a day, by dimensions that are "" where unknown. Key: all but the last three."""

    edition = fields.IntField(primary_key=True, generated=False)
    day = fields.DateField()
    booked_on = fields.DateField()
    flow = fields.TextField()
    store = fields.TextField()
    region = fields.TextField()
    channel = fields.TextField()
    tier = fields.TextField()
    rule = fields.TextField()
    campaign = fields.TextField()
    version = fields.IntField()
    points = fields.BigIntField()
    times = fields.BigIntField()
    fen = fields.BigIntField()

    class Meta:
        table = "daily_fact"


class MinuteFact(Model):
    """Points, times and money of one flow in a minute of a day, counted from 0. Key: (edition, day, minute, flow)."""

    edition = fields.IntField(primary_key=True, generated=False)
    day = fields.DateField()
    minute = fields.IntField()
    flow = fields.TextField()
    points = fields.BigIntField()
    times = fields.BigIntField()
    fen = fields.BigIntField()

    class Meta:
        table = "minute_fact"


class MemberDay(Model):
    """What a member did on a day. Key: (member_id, edition, day).

    `first_minute` is the minute of the first of the `acts`, null without any. `is_new`: the member's first receipt was on that day.
    `person` is the member who they are now, another one after a merge.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    edition = fields.IntField()
    day = fields.DateField()
    first_minute = fields.IntField(null=True)
    acts = fields.BigIntField()
    issued = fields.BigIntField()
    used = fields.BigIntField()
    redeemed = fields.BigIntField()
    orders = fields.BigIntField()
    sold_fen = fields.BigIntField()
    is_new = fields.BooleanField()
    person = fields.BigIntField()
    returned = fields.BigIntField()

    class Meta:
        table = "member_day"


class NumberAlert(Model):
    """A number of a day that was far from the usual. Key: (day, kind, flow), so each is told once."""

    day = fields.DateField(primary_key=True, generated=False)
    kind = fields.TextField()
    flow = fields.TextField()
    found = fields.BigIntField()
    usual = fields.BigIntField()
    noted_at = fields.DatetimeField()

    class Meta:
        table = "number_alert"


class Reconciliation(Model):
    """The result of a night's comparison of the daily facts with the ledger."""

    day = fields.DateField(primary_key=True, generated=False)
    differences = fields.IntField()
    detail = fields.TextField()
    noted_at = fields.DatetimeField()

    class Meta:
        table = "reconciliation"


class NumberSnapshot(Model):
    """A page of numbers over all members, as of the end of a day (`loyalty/numbers/snapshots.py`)."""

    name = fields.CharField(max_length=32, primary_key=True)
    day = fields.DateField()
    content: Any = fields.JSONField()
    noted_at = fields.DatetimeField()

    class Meta:
        table = "number_snapshot"

"""The tables of earning: events, what rules awarded for them, orders and refunds, growth apart from points.

Only the engine writes them, except of `segment`, which operators fill. Keys begin with member_id, except of the directories from
an id that a shop gave to its member.
"""

from tortoise import fields
from tortoise.models import Model


class GrowthEntry(Model):
    """A change of the growth value apart from points. Key: (member_id, receipt_no, line)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    line = fields.IntField()
    reason = fields.TextField()
    amount = fields.BigIntField()

    class Meta:
        table = "growth_entry"


class Event(Model):
    """An event that a source reported. Key: (member_id, source, event)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    source = fields.TextField()
    event = fields.TextField()
    kind = fields.TextField()
    day = fields.DateField()
    store = fields.TextField(null=True)
    channel = fields.TextField(null=True)
    order_no = fields.TextField(null=True)
    amount_fen = fields.BigIntField(null=True)
    points = fields.BigIntField()
    occurred_at = fields.DatetimeField()
    rule_version = fields.IntField()

    class Meta:
        table = "event"


class EventKey(Model):
    """Directory of the ids that sources gave to events. Key: (event, source)."""

    event = fields.CharField(max_length=256, primary_key=True)
    source = fields.TextField()
    member_id = fields.BigIntField()
    receipt_no = fields.BigIntField()

    class Meta:
        table = "event_key"


class Award(Model):
    """What one rule awarded for an event. Key: (member_id, receipt_no, rule)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    rule = fields.TextField()
    day = fields.DateField()
    points = fields.BigIntField()

    class Meta:
        table = "award"


class BudgetUse(Model):
    """What an event took from a budget. Key: (member_id, receipt_no, budget)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    budget = fields.TextField()
    points = fields.BigIntField()

    class Meta:
        table = "budget_use"


class Purchase(Model):
    """An order that was paid for. Key: (member_id, store, order_no, receipt_no); `moved_at`: it follows a merged member."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    store = fields.TextField()
    order_no = fields.TextField()
    receipt_no = fields.BigIntField()
    source = fields.TextField()
    event = fields.TextField()
    kind = fields.TextField()
    day = fields.DateField()
    amount_fen = fields.BigIntField()
    terms = fields.TextField()
    granted = fields.BigIntField()
    rule_version = fields.IntField()
    refunded_fen = fields.BigIntField()
    reversed = fields.BigIntField()
    refunded_before = fields.BigIntField()
    moved_at = fields.DatetimeField(null=True)

    class Meta:
        table = "purchase"


class OrderKey(Model):
    """Directory of orders. Key: (order_no, store).

    A `claim_only` row is no order: it keeps its number from an order without a store.
    """

    order_no = fields.CharField(max_length=256, primary_key=True)
    store = fields.TextField()
    member_id = fields.BigIntField()
    receipt_no = fields.BigIntField()
    claim_only = fields.BooleanField()

    class Meta:
        table = "order_key"


class OrderRefund(Model):
    """A refund, which may wait for its order. Key: (member_id, receipt_no, source, event); once applied, it has its order's key."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    source = fields.TextField()
    event = fields.TextField()
    refund_of = fields.TextField()
    store = fields.TextField()
    amount_fen = fields.BigIntField()
    state = fields.TextField()
    settled_at = fields.DatetimeField(null=True)
    order_store = fields.TextField(null=True)
    order_no = fields.TextField(null=True)
    order_receipt_no = fields.BigIntField(null=True)

    class Meta:
        table = "order_refund"


class Segment(Model):
    """A member's label from `since` to the day before `until`, as an operator gave it. Key: (member_id, name, since)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.TextField()
    since = fields.DateField()
    until = fields.DateField()

    class Meta:
        table = "segment"

"""The features' tables: check-ins, draws, redemptions with their voucher codes, what was shown, referrals, tiers.

Only the engine writes them, in the transaction of their receipts and entries. Keys begin with member_id, as in `ledger`.
"""

from tortoise import fields
from tortoise.models import Model


class CheckIn(Model):
    """One sign-in. Key: (member_id, day). `carried`: it came with a member who was merged into this one."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    day = fields.DateField()
    streak = fields.IntField()
    points = fields.BigIntField()
    receipt_no = fields.BigIntField()
    carried = fields.BooleanField(default=False)

    class Meta:
        table = "check_in"


class CheckInRepair(Model):
    """A mended day; each day after it up to `through` counts `shift` more in a row. Key: (member_id, day).

    `price_points` is null for a day that came with a member who was merged into this one.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    day = fields.DateField()
    through = fields.DateField()
    shift = fields.IntField()
    price_points = fields.BigIntField(null=True)
    receipt_no = fields.BigIntField()

    class Meta:
        table = "check_in_repair"


class Draw(Model):
    """One spin, with everything needed to recompute it. Key: (member_id, round_id, nonce)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    round_id = fields.IntField()
    nonce = fields.BigIntField()
    wheel = fields.TextField()
    day = fields.DateField()
    receipt_no = fields.BigIntField()
    line = fields.IntField()
    client_seed = fields.TextField()
    roll = fields.IntField()
    candidate = fields.TextField()
    prize = fields.TextField()
    prize_name = fields.TextField()
    level = fields.TextField()
    slot = fields.IntField()
    won = fields.BooleanField()
    took_stock = fields.BooleanField()
    points = fields.BigIntField()
    cost_points = fields.BigIntField()
    odds_version = fields.TextField()
    rule_version = fields.IntField()
    drawn_at = fields.DatetimeField()

    class Meta:
        table = "draw"


class Redemption(Model):
    """A voucher, redeemed or won. Key: (member_id, receipt_no, line)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    line = fields.IntField()
    source = fields.TextField()
    item = fields.TextField()
    name = fields.TextField()
    quantity = fields.IntField()
    took_stock = fields.BooleanField()
    points = fields.BigIntField()
    voucher_code = fields.TextField()
    terms = fields.TextField()
    state = fields.TextField()
    rule_version = fields.IntField()
    created_at = fields.DatetimeField()
    expires_on = fields.DateField()
    cancellable_until = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    carried = fields.BooleanField(default=False)
    used_by = fields.TextField(null=True)
    store = fields.TextField(null=True)

    class Meta:
        table = "redemption"


class VoucherCode(Model):
    """Directory of voucher codes: the redemption of each code."""

    code = fields.CharField(max_length=128, primary_key=True)
    member_id = fields.BigIntField()
    receipt_no = fields.BigIntField()
    line = fields.IntField()

    class Meta:
        table = "voucher_code"


class HoldKey(Model):
    """Directory of the holds of an order, in turn. Key: (order_no, store, turn)."""

    order_no = fields.CharField(max_length=256, primary_key=True)
    store = fields.TextField()
    turn = fields.IntField()
    member_id = fields.BigIntField()
    receipt_no = fields.BigIntField()

    class Meta:
        table = "hold_key"


class Hold(Model):
    """Points set aside for an order, until `deadline`. Key: (member_id, receipt_no)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    created_at = fields.DatetimeField()
    order_no = fields.TextField()
    store = fields.TextField()
    amount_fen = fields.BigIntField()
    points = fields.BigIntField()
    points_per_yuan = fields.IntField()
    deadline = fields.DatetimeField()
    state = fields.TextField(default="open")
    captured = fields.BigIntField(default=0)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "hold"


class Shown(Model):
    """The price or the odds that a member was last shown in the chat, which writes it, too. Key: (member_id, subject)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    subject = fields.TextField()
    version = fields.TextField()
    shown_at = fields.DatetimeField()

    class Meta:
        table = "shown"


class Referral(Model):
    """Who invited whom; one row per invited member, for ever."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    inviter_id = fields.BigIntField()
    bound_at = fields.DatetimeField()
    qualified_at = fields.DatetimeField(null=True)

    class Meta:
        table = "referral"


class MissionDone(Model):
    """A mission that was finished for a period. Key: (member_id, period, mission); see `loyalty/missions/rows.py`."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    period = fields.TextField()
    mission = fields.TextField()
    day = fields.DateField()
    in_a_row = fields.IntField()
    points = fields.BigIntField()
    bonus = fields.BigIntField()
    carried = fields.BooleanField(default=False)
    receipt_no = fields.BigIntField()

    class Meta:
        table = "mission_done"


class TierSpan(Model):
    """A member's tier from `since` until `until`, null for the present one. Key: (member_id, receipt_no)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    since = fields.DatetimeField()
    until = fields.DatetimeField(null=True)
    tier = fields.TextField()
    came_from = fields.TextField()
    why = fields.TextField()

    class Meta:
        table = "tier_span"


class PollVote(Model):
    """A member's vote in a poll. Key: (member_id, poll). A `carried` one is counted at the member who gave it."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    poll = fields.TextField()
    option = fields.TextField()
    points = fields.BigIntField()
    carried = fields.BooleanField(default=False)
    receipt_no = fields.BigIntField()

    class Meta:
        table = "poll_vote"

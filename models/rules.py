"""Published rule versions, and the rows that all members share: pools and the rounds of wheels."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class RuleVersion(Model):
    """One immutable rule set and the instant it takes effect.

    `losses` are Chinese lines on what it makes worse for members, compared with the version that it followed. `urgent`: it made
    something worse with less notice than the programme promises.
    """

    id = fields.IntField(primary_key=True, generated=False)
    digest = fields.TextField()
    body: Any = fields.JSONField()
    effective_from = fields.DatetimeField()
    published_at = fields.DatetimeField()
    published_by = fields.TextField()
    reason = fields.TextField()
    losses: Any = fields.JSONField(default=[])
    urgent = fields.BooleanField(default=False)

    class Meta:
        table = "rule_version"


class RuleDraftSection(Model):
    """A section of the rules that operators have changed and not published yet.

    `body` is `{"value": …}`, or `{}` where the section is left out. `base` is the newest version when it was saved, and `edition`
    counts its saves.
    """

    section = fields.CharField(max_length=64, primary_key=True)
    body: Any = fields.JSONField()
    base = fields.IntField()
    edition = fields.IntField()
    changed_by = fields.TextField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "rule_draft_section"


class RuleWithdrawal(Model):
    """The withdrawal of a scheduled version before it took effect. `effective_from` repeats that of the version."""

    version = fields.IntField(primary_key=True, generated=False)
    effective_from = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField()
    withdrawn_by = fields.TextField()
    reason = fields.TextField()

    class Meta:
        table = "rule_withdrawal"


class Stock(Model):
    """A pool, such as the pieces of a limited prize or reward; `item` is `prize:<wheel>:<prize>` or `reward:<reward>`."""

    item = fields.CharField(max_length=128, primary_key=True)
    stocked = fields.BigIntField()
    taken = fields.BigIntField()

    class Meta:
        table = "stock"


class RewardNumber(Model):
    """The number by which the chat names a reward, for ever."""

    number = fields.IntField(primary_key=True, generated=False)
    reward = fields.TextField()

    class Meta:
        table = "reward_number"


class WheelRound(Model):
    """A round of a wheel: its server seed, whose SHA-256 is public from the start, and which is revealed at the end.

    `server_seed` is absent until then, `sealed_seed` and `key_id` from then on. `opened_in` names the database in which it was
    opened. Rounds of earlier programs have neither `ends_at` nor `opened_in`.
    """

    id = fields.IntField(primary_key=True, generated=True)
    wheel = fields.TextField()
    odds_version = fields.TextField()
    commitment = fields.BinaryField()
    server_seed = fields.BinaryField(null=True)
    sealed_seed = fields.BinaryField(null=True)
    key_id = fields.TextField(null=True)
    opened_in = fields.TextField(null=True)
    opened_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    revealed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "wheel_round"

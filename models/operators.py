"""Operators, their sessions and log-in attempts, and the log of what operators did."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Operator(Model):
    """A person who runs the programme. `store` is a clerk's.

    The password is a one-time password while `once_until` is set; the first log-in replaces it. `totp_step` is the step of the last
    code that was accepted.
    """

    operator_id = fields.BigIntField(primary_key=True, generated=True)
    name = fields.TextField()
    role = fields.TextField()
    store = fields.TextField(null=True)
    password_hash = fields.TextField()
    once_until = fields.DatetimeField(null=True)
    totp_sealed = fields.BinaryField(null=True)
    totp_key_id = fields.TextField(null=True)
    totp_step = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()
    disabled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator"


class OperatorSession(Model):
    """A log-in, by the SHA-256 of its token. `sets_up`: it may do nothing but set a password and a TOTP secret."""

    token_hash = fields.BinaryField(primary_key=True)
    operator_id = fields.BigIntField()
    sets_up = fields.BooleanField()
    origin = fields.TextField()
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator_session"


class LoginGuard(Model):
    """Failed log-ins in a row of a name or an origin, and the instant before which no further attempt is looked at."""

    subject = fields.CharField(max_length=128, primary_key=True)
    failures = fields.IntField()
    failed_at = fields.DatetimeField()
    wait_until = fields.DatetimeField()

    class Meta:
        table = "login_guard"


class OperatorJob(Model):
    """A piece of long work. `runner` is the process that works at it, `beat_at` its last sign of life, by the database's clock.

    `parent` is the job of which it is the next step. `folder` holds what it reads and the files that it has made. `lines` is its
    result, `follow` the words of a possible next step, `error` the sentence of a failure.
    """

    number = fields.BigIntField(primary_key=True, generated=True)
    kind = fields.TextField()
    title = fields.TextField()
    subject = fields.TextField()
    parameters: Any = fields.JSONField()
    folder = fields.TextField()
    parent = fields.BigIntField(null=True)
    operator_id = fields.BigIntField()
    operator = fields.TextField()
    origin = fields.TextField()
    begun_at = fields.DatetimeField()
    state = fields.TextField()
    attempts = fields.IntField()
    runner = fields.TextField(null=True)
    beat_at = fields.DatetimeField()
    stop_asked = fields.BooleanField()
    done = fields.BigIntField()
    total = fields.BigIntField(null=True)
    lines: Any = fields.JSONField()
    files: Any = fields.JSONField()
    follow = fields.TextField()
    error = fields.TextField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator_job"


class Operation(Model):
    """One write, or one look at masked data, of an operator; rows never change. Key: (member_id, id).

    `member_id` is 0 for what concerns no member. `receipt_no` is that of the engine's receipt, if the operation has one.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    id = fields.TextField()
    at = fields.DatetimeField()
    operator = fields.TextField()
    role = fields.TextField()
    origin = fields.TextField()
    action = fields.TextField()
    subject = fields.TextField()
    before: Any = fields.JSONField()
    after: Any = fields.JSONField()
    reason = fields.TextField()
    receipt_no = fields.BigIntField(null=True)

    class Meta:
        table = "operation"


class Approval(Model):
    """What one operator asks for and another decides. `facts` are those of the deed; `outcome` is what carrying it out came to."""

    id = fields.CharField(max_length=64, primary_key=True)
    action = fields.TextField()
    member_id = fields.BigIntField()
    facts: Any = fields.JSONField()
    reason = fields.TextField()
    asked_by = fields.BigIntField()
    asked_name = fields.TextField()
    asked_role = fields.TextField()
    asked_origin = fields.TextField()
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    state = fields.TextField()
    decided_by = fields.BigIntField(null=True)
    decided_name = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    answer = fields.TextField(null=True)
    outcome = fields.TextField(null=True)

    class Meta:
        table = "approval"


class RiskCase(Model):
    """A member who spent far more than usual, and what an operator decided about it. Key: (member_id, receipt_no)."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    receipt_no = fields.BigIntField()
    source = fields.BigIntField()
    cause = fields.TextField()
    found = fields.BigIntField()
    bound = fields.BigIntField()
    opened_at = fields.DatetimeField()
    state = fields.TextField(default="open")
    reason = fields.TextField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "risk_case"


class Appeal(Model):
    """What the member of a frozen account has to say, and the answer. Key: (member_id, id). An erased text is empty."""

    member_id = fields.BigIntField(primary_key=True, generated=False)
    id = fields.TextField()
    text = fields.TextField()
    state = fields.TextField()
    opened_at = fields.DatetimeField()
    answer = fields.TextField(null=True)
    answered_by = fields.TextField(null=True)
    released = fields.BooleanField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "appeal"

"""Messages to be sent: notices, written in the transaction of their cause, and replies that were too late for the webhook."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Notice(Model):
    """One message to a member. Key: (member_id, kind, key).

    due → sending → sent → delivered | failed; or waiting (for a visit), suppressed, or unknown (whether WeChat sent it: it is never
    sent again), each with a reason.
    """

    member_id = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.TextField()
    key = fields.TextField()
    receipt_no = fields.BigIntField()
    payload: Any = fields.JSONField()
    state = fields.TextField()
    reason = fields.TextField(null=True)
    channel = fields.TextField(null=True)
    message_id = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    attempts = fields.IntField()
    fault = fields.TextField(null=True)

    class Meta:
        table = "notice"


class WechatFault(Model):
    """A fault of the set-up at WeChat, open until `mended_at`; the notices that have it in `fault` wait for that."""

    target = fields.CharField(max_length=255, primary_key=True)
    api = fields.TextField()
    errcode = fields.IntField(null=True)
    since = fields.DatetimeField()
    probe_at = fields.DatetimeField()
    probes = fields.IntField()
    mended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "wechat_fault"


class LateReply(Model):
    """A chat message whose answer follows as a customer-service message; `push` is the message, never the reply's text."""

    message_key = fields.CharField(max_length=128, primary_key=True)
    push: Any = fields.JSONField()
    received_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    attempts = fields.IntField()
    state = fields.TextField()
    reason = fields.TextField(null=True)

    class Meta:
        table = "late_reply"

"""The tables of outbound webhooks."""

from tortoise import fields
from tortoise.models import Model


class Webhook(Model):
    """An address that gets changes. `sent_at`, `sent_member` and `sent_no` say how far the feed was handed over.

    After a change of the secret the previous one signs as well until `previous_until`.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    key_id = fields.TextField()
    store = fields.TextField(null=True)
    url = fields.TextField()
    sealed_secret = fields.BinaryField()
    seal_key_id = fields.TextField()
    previous_sealed = fields.BinaryField(null=True)
    previous_key_id = fields.TextField(null=True)
    previous_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)
    stopped_at = fields.DatetimeField(null=True)
    stopped_because = fields.TextField(null=True)
    sent_at = fields.DatetimeField()
    sent_member = fields.BigIntField()
    sent_no = fields.BigIntField()

    class Meta:
        table = "webhook"


class WebhookDelivery(Model):
    """A change on its way to a webhook. Key: (webhook_id, change_id)."""

    webhook_id = fields.CharField(max_length=32, primary_key=True)
    change_id = fields.TextField()
    type = fields.TextField()
    content = fields.TextField()
    state = fields.TextField()
    attempts = fields.IntField()
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    last_status = fields.IntField(null=True)
    last_error = fields.TextField(null=True)

    class Meta:
        table = "webhook_delivery"

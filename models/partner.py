"""The keys of the partner API."""

from tortoise import fields
from tortoise.models import Model


class PartnerKey(Model):
    """A key of a till, a shop or a CRM; only SHA-256s of its secret are kept.

    `scopes` are separated by commas. A key with a `store` acts for that store alone. After a rotation the previous secret is still
    accepted until `previous_until`. `used_at` is the last request, to about a minute.
    """

    id = fields.CharField(max_length=8, primary_key=True)
    name = fields.TextField()
    scopes = fields.TextField()
    store = fields.TextField(null=True)
    per_minute = fields.IntField()
    secret_hash = fields.BinaryField()
    previous_hash = fields.BinaryField(null=True)
    previous_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    rotated_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "partner_key"

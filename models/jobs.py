"""When each of the worker's jobs last began, so that a server can tell that none does, whatever the reason."""

from tortoise import fields
from tortoise.models import Model


class JobRun(Model):
    """The latest run of a job, by the database's clock; written every few seconds, not with each run."""

    job = fields.CharField(max_length=128, primary_key=True)
    began_at = fields.DatetimeField()

    class Meta:
        table = "job_run"

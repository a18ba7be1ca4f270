"""What operators read of the operation log: all of it, or their own rows, by their role."""

from dataclasses import replace

from operators.desk import Desk
from operators.log import Operation
from operators.operation_log.pages import EVERYTHING, After, Filters, list_operations
from operators.roles import Action, may


async def read_log(
    desk: Desk, filters: Filters = EVERYTHING, after: After | None = None, *, limit: int = 50
) -> list[Operation]:
    """A page of the log, newest first; of those who may not see all of it, their own rows. Raises NotAllowed."""
    if may(desk.operator.role, Action.LOG_ALL):
        await desk.require(Action.LOG_ALL)
    else:
        await desk.require(Action.LOG_OWN)
        filters = replace(filters, operator=desk.operator.name)
    return await list_operations(desk.resources.pool, filters, after, limit=limit)

"""Erasing a member: the deed behind the console's button and `jifen members erase`."""

from loyalty.engine.outcomes import Outcome
from loyalty.erasing.commands import EraseMember
from loyalty.merging.run import current
from operators.desk import Desk
from operators.members.running import run
from operators.reasons import checked_reason
from operators.roles import Action


async def erase_member(desk: Desk, member_id: int, reason: str, *, forfeit: bool = False) -> Outcome:
    """Erase what tells who a member is, for good. With `forfeit` points and unused vouchers are given up; without, they refuse it.

    A merged member's number erases the one who is left, because they are one person. Raises NotAllowed, BadText, EngineUnavailable.
    """
    await desk.require(Action.ERASE_MEMBER)
    said, engine = checked_reason(reason), desk.resources.engine
    person = await current(engine, member_id)
    return await run(desk, EraseMember, person, reason=said, forfeit=forfeit)

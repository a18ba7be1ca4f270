"""Answering what the members of frozen accounts have to say."""

from typing import Final

import asyncpg

from loyalty.appeals.commands import AnswerAppeal
from loyalty.engine.outcomes import Outcome
from operators.desk import Desk
from operators.members.running import run
from operators.reasons import checked_reason, checked_text
from operators.roles import Action

ERASE: Final = "UPDATE appeal SET text = '' WHERE member_id = $1 AND text <> '' RETURNING id"


async def answer_appeal(desk: Desk, member_id: int, appeal_id: str, answer: str, *, release: bool) -> Outcome:
    """Answer an open appeal; the member reads the answer. With `release` the account is opened again, in the same transaction.

    Raises NotAllowed, BadText and EngineUnavailable.
    """
    await desk.require(Action.ANSWER_APPEAL)
    if release:
        await desk.require(Action.RELEASE)
    said = checked_text(answer, "答复")
    return await run(desk, AnswerAppeal, member_id, appeal=appeal_id, reason=said, release=release)


async def erase_appeals(desk: Desk, member_id: int, reason: str) -> int:
    """Erase what a member wrote in their appeals; how many texts. Answers stay. Safe to repeat. Raises as `answer_appeal`."""
    await desk.require(Action.ERASE_MEMBER)
    reason = checked_reason(reason)

    async def erase(connection: asyncpg.Connection) -> int:
        erased = len(await connection.fetch(ERASE, member_id))
        after = {"does": "erase_appeals", "texts": erased}
        await desk.note(connection, Action.ERASE_MEMBER, member_id=member_id, after=after, reason=reason)
        return erased

    return await desk.change(erase)

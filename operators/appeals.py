"""Answering what the members of frozen accounts have to say."""

from loyalty.appeals.commands import AnswerAppeal
from loyalty.engine.outcomes import Outcome
from operators.desk import Desk
from operators.members import run
from operators.reasons import checked_text
from operators.roles import Action


async def answer_appeal(desk: Desk, member_id: int, appeal_id: str, answer: str, *, release: bool) -> Outcome:
    """Answer an open appeal; the member reads the answer. With `release` the account is opened again, in the same transaction.

    Raises NotAllowed, BadText and EngineUnavailable.
    """
    await desk.require(Action.ANSWER_APPEAL)
    if release:
        await desk.require(Action.RELEASE)
    said = checked_text(answer, "答复")
    return await run(desk, AnswerAppeal, member_id, appeal=appeal_id, reason=said, release=release)

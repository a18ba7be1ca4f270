"""Answering an appeal."""

from typing import Any

from loyalty.appeals.commands import AnswerAppeal
from loyalty.appeals.outcomes import AppealAnswered, NoOpenAppeal
from loyalty.appeals.rows import ANSWERED, OPEN_APPEAL, AnswerRow
from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.operations.decide import note_operation

NOTICE = "appeal_answered"


def decide(wallet: Wallet, command: AnswerAppeal, scene: Scene[Any]) -> Outcome:
    """Store the answer, tell the member, and open the account if that is the answer."""
    if scene.recall(OPEN_APPEAL) != command.appeal:
        return NoOpenAppeal()
    released = command.release and wallet.account.status in ("limited", "frozen")
    if released:
        wallet.account.status = "open"
    answer = AnswerRow(command.appeal, command.reason, command.by, released, wallet.posted_at)
    wallet.writes.change(ANSWERED, answer)
    wallet.writes.notices.append(
        NoticeRow(NOTICE, command.appeal, {"answer": command.reason, "released": released})
    )
    after = {"appeal": command.appeal, "released": released}
    note_operation(wallet, command, "answer_appeal", by=command.by, reason=command.reason, after=after)
    return AppealAnswered(command.appeal, command.reason, released, command.by)

"""Opening a case, deciding it, and closing one about which something else has decided."""

from typing import Any, Final

from loyalty.appeals.rows import ANSWERED, OPEN_APPEAL, AnswerRow
from loyalty.cases.commands import CloseCase, DecideCase, OpenCase
from loyalty.cases.outcomes import CaseClosed, CaseDecided, CaseOpened, NoOpenCase
from loyalty.cases.rows import CASES, DECIDED, OPEN_CASE, CaseRow, DecidedRow
from loyalty.engine.decide import LIMITED
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.operations.decide import note_operation

OPENED: Final = "case_opened"
TOLD: Final = "case_decided"
"""The kinds of the notices."""


def decide_open(wallet: Wallet, command: OpenCase, _: Scene[Any]) -> Outcome:
    """Limit an open account, and tell the member why. One that is limited or frozen stays as it is."""
    if wallet.account.status != "open":
        return NothingDue()
    wallet.account.status = LIMITED
    spike = {"cause": command.cause, "found": command.found, "bound": command.bound}
    wallet.writes.add(CASES, CaseRow(command.source, command.cause, command.found, command.bound))
    wallet.writes.notices.append(NoticeRow(OPENED, str(wallet.receipt_no), spike))
    return CaseOpened(wallet.receipt_no, command.cause, command.found, command.bound)


def decide_case(wallet: Wallet, command: DecideCase, scene: Scene[Any]) -> Outcome:
    """Store what the operator decided, tell the member, and answer their open appeal with it."""
    if scene.recall(OPEN_CASE) != command.case:
        return NoOpenCase()
    released = command.release and wallet.account.status == LIMITED
    if released:
        wallet.account.status = "open"
    _store(wallet, command.case, command.reason, command.by, released=released)
    appeal = scene.recall(OPEN_APPEAL)
    if appeal is not None:
        answer = AnswerRow(appeal, command.reason, command.by, released, wallet.posted_at)
        wallet.writes.change(ANSWERED, answer)
    told = {"reason": command.reason, "released": released}
    wallet.writes.notices.append(NoticeRow(TOLD, str(command.case), told))
    after = {"case": command.case, "released": released}
    note_operation(wallet, command, "decide_case", by=command.by, reason=command.reason, after=after)
    return CaseDecided(command.case, released, command.reason, command.by, appeal)


def decide_close(wallet: Wallet, command: CloseCase, scene: Scene[Any]) -> Outcome:
    """Store what was decided elsewhere, where the member has heard it."""
    if scene.recall(OPEN_CASE) != command.case:
        return NoOpenCase()
    _store(wallet, command.case, command.reason, command.by, released=command.released)
    return CaseClosed(command.case, command.released, command.by)


def _store(wallet: Wallet, case: int, reason: str, by: str, *, released: bool) -> None:
    state = "released" if released else "kept"
    wallet.writes.change(DECIDED, DecidedRow(case, state, reason, by, wallet.posted_at))

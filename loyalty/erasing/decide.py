"""Erasing a member: their points are given up, the account is closed, and every place that tells who they are is emptied."""

from typing import Any, Final

from loyalty.cases.rows import DECIDED, OPEN_CASE, DecidedRow
from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.erasing.commands import EraseMember
from loyalty.erasing.outcomes import AlreadyErased, MemberErased, MergeUnderWay, SomethingHeld, SomethingLeft
from loyalty.erasing.places import (
    END_APPEALS,
    ERASURES,
    FORGET_PHONES,
    UNMARK,
    EndedRow,
    HashRow,
    MarkedRow,
    PersonRow,
)
from loyalty.erasing.rows import HALVES, KNOWN, MERGING, TRACES, VOUCHERS
from loyalty.ledger.wallet import Wallet
from loyalty.operations.decide import note_operation

CLOSED: Final = "closed"
ENDED: Final = "会员已注销，个人信息已删除。"


def decide(wallet: Wallet, command: EraseMember, scene: Scene[Any]) -> Outcome:
    """Erase the member once. A request in flight may leave something behind; then, and only then, erasing works again."""
    if wallet.account.status == CLOSED and not scene.recall(TRACES):
        return AlreadyErased()
    if scene.recall(MERGING):
        return MergeUnderWay()
    if wallet.account.held:
        return SomethingHeld(wallet.account.held)
    was_closed = wallet.account.status == CLOSED
    points, vouchers = wallet.available + wallet.account.pending, 0 if was_closed else scene.recall(VOUCHERS)
    if (points or vouchers) and not command.forfeit:
        return SomethingLeft(points, vouchers)
    wallet.give_up("erased", {})
    wallet.account.status = CLOSED
    case, halves = scene.recall(OPEN_CASE), scene.recall(HALVES)
    if case is not None:  # there is nobody left to decide about
        wallet.writes.change(DECIDED, DecidedRow(case, "kept", ENDED, command.by, wallet.posted_at))
    _erase(wallet, scene, (wallet.member_id, *halves))
    after = {"points": points, "vouchers": vouchers}
    note_operation(wallet, command, "erase_member", by=command.by, reason=command.reason, after=after)
    return MemberErased(points, vouchers, len(halves), command.reason, command.by)


def _erase(wallet: Wallet, scene: Scene[Any], persons: tuple[int, ...]) -> None:
    for erasure in ERASURES:
        for person in persons:
            wallet.writes.change(erasure, PersonRow(person))
    for person in persons:
        wallet.writes.change(END_APPEALS, EndedRow(person, wallet.posted_at))
    known = scene.recall(KNOWN)
    for phone_hash in known.phones:
        wallet.writes.change(FORGET_PHONES, HashRow(phone_hash))
    for marked in known.marked:
        wallet.writes.change(UNMARK, MarkedRow(marked))

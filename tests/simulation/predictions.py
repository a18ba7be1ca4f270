"""What the second ledger expects a command to come to: repeats first, then standing facts, then the feature's own rule."""

from datetime import date

from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Result
from loyalty.engine.refusals import AccountClosed, AlreadyDone, NotEnoughPoints, NothingDue, RequestKeyReused
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached
from loyalty.referral.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import OutOfStock
from loyalty.wakeup import WakeUp
from loyalty.welcome import Welcome
from tests.simulation.features import RULES
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

CHOSEN: dict[type[Command], tuple[str, ...]] = {
    Draw: ("wheel", "count", "client_seed"), Redeem: ("reward", "quantity"), Cancel: ("receipt_no", "line"),
    RewardReferral: ("friend_id",), WakeUp: ("silent_since",),
}  # fmt: skip


def content(command: Command) -> tuple[object, ...]:
    """What the client sent: the kind of command and what they chose; of a binding the code, where one was sent."""
    kind = type(command)
    if isinstance(command, BindReferral):
        return (kind, command.code or command.inviter_id)
    return (kind, *(getattr(command, name) for name in CHOSEN.get(kind, ())))


def fact_of(command: Command, day: date) -> tuple[str, str]:
    """Scope and ref of the fact that can stand only once."""
    match command:
        case Draw():
            return "draw", f"{command.wheel}:{command.request_key}"
        case Redeem():
            return "redeem", command.request_key
        case Cancel():
            return "cancel", f"{command.receipt_no}-{command.line}"
        case BindReferral():
            return "referral_bind", "inviter"
        case QualifyReferral():
            return "referral_qualify", "friend"
        case RewardReferral():
            return "referral", f"{command.friend_id}:inviter"
        case Welcome():
            return "welcome", "gift"
        case WakeUp():
            return "wake_up", str(command.silent_since)
        case CheckIn() | Book() | WarnExpiry():
            return {CheckIn: "check_in", Book: "expire", WarnExpiry: "warn_expiry"}[type(command)], str(day)
    raise TypeError(command)


def predict(member: Member, command: Command, scene: Scene) -> Prediction:
    """The answer to a command: repeats first, then standing facts, then the feature's own rule."""
    known = member.answers.get(command.request_key)
    if known is not None:
        same = known[0] == content(command)
        return Prediction(known[1], replayed=True) if same else Prediction(RequestKeyReused())
    scope, ref = fact_of(command, scene.day)
    speaks_for_itself = isinstance(command, CheckIn | BindReferral | Cancel)
    if (scope, ref) in member.facts and not speaks_for_itself:
        return Prediction(AlreadyDone(scope, ref))
    if member.status != "open":
        return Prediction(AccountClosed(member.status), stored=command.keep_refusal)
    made = Prediction(NothingDue(), sheet=Sheet(member, scene.today))
    assert made.sheet is not None
    made.outcome = RULES[type(command)](member, command, scene, made.sheet, made)
    made.accepted = isinstance(made.outcome, Result)
    made.stored = made.accepted or command.keep_refusal or isinstance(made.outcome, STORED)
    return made


STORED = (NotEnoughPoints, OutOfStock, DrawLimitReached)
"""Refusals that depended on the state: a late duplicate must hear the same."""

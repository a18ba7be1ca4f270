"""What the second ledger expects a command to come to: repeats first, then standing facts, then the feature's own rule."""

from datetime import date

from loyalty import commands as c
from loyalty import refusals
from loyalty.outcomes import Result
from tests.simulation.features import RULES
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

CHOSEN: dict[type[c.Command], tuple[str, ...]] = {
    c.Draw: ("wheel", "count", "client_seed"), c.Redeem: ("reward", "quantity"), c.Cancel: ("receipt_no", "line"),
    c.RewardReferral: ("friend_id",), c.WakeUp: ("silent_since",),
}  # fmt: skip


def content(command: c.Command) -> tuple[object, ...]:
    """What the client sent: the kind of command and what they chose; of a binding the code, where one was sent."""
    kind = type(command)
    if isinstance(command, c.BindReferral):
        return (kind, command.code or command.inviter_id)
    return (kind, *(getattr(command, name) for name in CHOSEN.get(kind, ())))


def fact_of(command: c.Command, day: date) -> tuple[str, str]:
    """Scope and ref of the fact that can stand only once."""
    match command:
        case c.Draw():
            return "draw", f"{command.wheel}:{command.request_key}"
        case c.Redeem():
            return "redeem", command.request_key
        case c.Cancel():
            return "cancel", f"{command.receipt_no}-{command.line}"
        case c.BindReferral():
            return "referral_bind", "inviter"
        case c.QualifyReferral():
            return "referral_qualify", "friend"
        case c.RewardReferral():
            return "referral", f"{command.friend_id}:inviter"
        case c.Welcome():
            return "welcome", "gift"
        case c.WakeUp():
            return "wake_up", str(command.silent_since)
        case c.CheckIn() | c.Expire() | c.WarnExpiry():
            return {c.CheckIn: "check_in", c.Expire: "expire", c.WarnExpiry: "warn_expiry"}[
                type(command)
            ], str(day)
    raise TypeError(command)


def predict(member: Member, command: c.Command, scene: Scene) -> Prediction:
    """The answer to a command: repeats first, then standing facts, then the feature's own rule."""
    known = member.answers.get(command.request_key)
    if known is not None:
        same = known[0] == content(command)
        return Prediction(known[1], replayed=True) if same else Prediction(refusals.RequestKeyReused())
    scope, ref = fact_of(command, scene.day)
    speaks_for_itself = isinstance(command, c.CheckIn | c.BindReferral | c.Cancel)
    if (scope, ref) in member.facts and not speaks_for_itself:
        return Prediction(refusals.AlreadyDone(scope, ref))
    if member.status != "open":
        return Prediction(refusals.AccountClosed(member.status), stored=command.keep_refusal)
    made = Prediction(refusals.NothingDue(), sheet=Sheet(member, scene.today))
    assert made.sheet is not None
    made.outcome = RULES[type(command)](member, command, scene, made.sheet, made)
    made.accepted = isinstance(made.outcome, Result)
    made.stored = made.accepted or command.keep_refusal or isinstance(made.outcome, STORED)
    return made


STORED = (refusals.NotEnoughPoints, refusals.OutOfStock, refusals.DrawLimitReached)
"""Refusals that depended on the state: a late duplicate must hear the same."""

"""What the second ledger expects a command to come to: repeats first, then standing facts, then the feature's own rule."""

from datetime import date
from typing import Final

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Refusal, Result
from loyalty.engine.refusals import AccountClosed, AlreadyDone, NotEnoughPoints, NothingDue, RequestKeyReused
from tests.simulation.features import EXPECTED, LEDGERS, REACTIONS, TELLINGS
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

STORED: Final[tuple[type[Refusal], ...]] = (
    NotEnoughPoints,
    *(refusal for ledger in LEDGERS for refusal in ledger.stored),
)
"""Refusals that depended on the state: a late duplicate must hear the same."""


def chosen(command: Command) -> tuple[object, ...]:
    """What the client chose; of a binding the code, where one was sent."""
    return EXPECTED[type(command)].chosen(command)


def content(command: Command) -> tuple[object, ...]:
    """What the client sent: the kind of command and what they chose."""
    return (type(command), *chosen(command))


def fact_of(command: Command, day: date) -> tuple[str, str]:
    """Scope and ref of the fact that can stand only once."""
    return EXPECTED[type(command)].fact(command, day)


def predict(member: Member, command: Command, scene: Scene) -> Prediction:
    """The answer to a command: repeats first, then standing facts, then the feature's own rule."""
    known = member.answers.get(command.request_key)
    if known is not None:
        same = known[0] == content(command)
        return Prediction(known[1], replayed=True) if same else Prediction(RequestKeyReused())
    expected, (scope, ref) = EXPECTED[type(command)], fact_of(command, scene.day)
    if (scope, ref) in member.facts and not expected.explains_repeats:
        return Prediction(AlreadyDone(scope, ref))
    if member.status not in expected.statuses:
        return Prediction(AccountClosed(member.status), stored=command.keep_refusal)
    made = Prediction(NothingDue(), sheet=Sheet(member, scene.today), scene=scene)
    assert made.sheet is not None
    made.outcome = expected.predict(member, command, scene, made.sheet, made)
    made.accepted = isinstance(made.outcome, Result)
    made.stored = made.accepted or command.keep_refusal or isinstance(made.outcome, STORED)
    for follows in (*REACTIONS.get(type(made.outcome), ()), *TELLINGS.get(type(made.outcome), ())):
        follows(member, made)
    return made

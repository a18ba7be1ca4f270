"""Versions that members were shown, in the second ledger: the first price or odds they heard of each thing."""

from dataclasses import dataclass, field
from typing import Final

from loyalty.shown.commands import ShownCommand
from loyalty.shown.outcomes import PriceChanged
from tests.simulation.feature import FeatureLedger, Rows
from tests.simulation.prediction import Prediction
from tests.simulation.second_ledger import Member


@dataclass
class Seen:
    """The version last shown of each subject."""

    versions: dict[str, str] = field(default_factory=dict)


def seen_as(member: Member, command: ShownCommand, subject: str, version: str, made: Prediction) -> bool:
    """Whether a command of the chat meets what its member saw; where they saw nothing, its answer shows it."""
    if not command.as_shown:
        return True
    last = member.of(Seen).versions.get(subject)
    if last is None:
        made.learn.append(lambda one: one.of(Seen).versions.update({subject: version}))
    return last is None or last == version


LEDGER: Final = FeatureLedger(
    rows=(
        Rows(
            "shown",
            "SELECT member_id, subject, version FROM shown",
            lambda member: member.of(Seen).versions.items(),
        ),
    ),
    stored=(PriceChanged,),
)

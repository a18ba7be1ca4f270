"""What the second ledger knows of the features: the one list, in the order of `loyalty.features`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome, Result
from tests.loyalty.adjustments import second_ledger as adjustments
from tests.loyalty.appeals import second_ledger as appeals
from tests.loyalty.cases import second_ledger as cases
from tests.loyalty.checkin import second_ledger as checkin
from tests.loyalty.deductions import second_ledger as deductions
from tests.loyalty.earning import second_ledger as earning
from tests.loyalty.expiry import second_ledger as expiry
from tests.loyalty.extension import second_ledger as extension
from tests.loyalty.games import second_ledger as games
from tests.loyalty.imports import second_ledger as imports
from tests.loyalty.inactivity import second_ledger as inactivity
from tests.loyalty.missions import second_ledger as missions
from tests.loyalty.polls import second_ledger as polls
from tests.loyalty.reactions import second_ledger as reactions
from tests.loyalty.referral import second_ledger as referral
from tests.loyalty.repair import second_ledger as repair
from tests.loyalty.rewards import second_ledger as rewards
from tests.loyalty.rule_change import second_ledger as rule_change
from tests.loyalty.settling import second_ledger as settling
from tests.loyalty.shown import second_ledger as shown
from tests.loyalty.telling import second_ledger as telling
from tests.loyalty.tiers import second_ledger as tiers
from tests.loyalty.vouchers import second_ledger as vouchers
from tests.loyalty.wakeup import second_ledger as wakeup
from tests.loyalty.welcome import second_ledger as welcome
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Reaction

LEDGERS: Final[tuple[FeatureLedger, ...]] = (
    welcome.LEDGER,
    checkin.LEDGER,
    repair.LEDGER,
    earning.LEDGER,
    games.LEDGER,
    rewards.LEDGER,
    vouchers.LEDGER,
    deductions.LEDGER,
    missions.LEDGER,
    polls.LEDGER,
    shown.LEDGER,
    referral.LEDGER,
    tiers.LEDGER,
    expiry.LEDGER,
    extension.LEDGER,
    inactivity.LEDGER,
    wakeup.LEDGER,
    rule_change.LEDGER,
    imports.LEDGER,
    settling.LEDGER,
    adjustments.LEDGER,
    appeals.LEDGER,
    cases.LEDGER,
    reactions.LEDGER,
    telling.LEDGER,
)


def _by_result(known: Iterable[tuple[type[Result], Reaction]]) -> Mapping[type[Outcome], list[Reaction]]:
    found: dict[type[Outcome], list[Reaction]] = defaultdict(list)
    for result, reaction in known:
        found[result].append(reaction)
    return found


EXPECTED: Final[Mapping[type[Command], Expected]] = {
    one.command: one for ledger in LEDGERS for one in ledger.commands
}
ASKS: Final[Mapping[str, AskKind]] = {kind.what: kind for ledger in LEDGERS for kind in ledger.asks}
REACTIONS: Final = _by_result(one for ledger in LEDGERS for one in ledger.reactions)
TELLINGS: Final = _by_result(one for ledger in LEDGERS for one in ledger.tellings)

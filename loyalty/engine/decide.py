"""From command to outcome: the guards that all commands share, then the feature's own `decide`, then the reactions to its result.

Pure: it does no I/O and reads no clock and no random numbers.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.pools import Pools
from loyalty.engine.reads import Read, SharedRead
from loyalty.engine.refusals import AccountClosed, SpendingFrozen
from loyalty.engine.registry import Handling
from loyalty.engine.rules import InForce
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet

LIMITED: Final = "limited"
"""The status of accounts whose points nobody can spend or set aside; everything else goes on."""


class Inputs(NamedTuple):
    """The facts that were read for one command, besides its member's wallet."""

    reads: Mapping[Read[Any], Any]
    shared: Mapping[SharedRead[Any], Any]
    pools: Pools


def decide(wallet: Wallet, one: DatedCommand, handling: Handling, live: InForce, inputs: Inputs) -> Outcome:
    """The outcome of a command; `wallet.writes` has what it writes, including lots that were opened or lapsed first.

    Only a Result's writes may be stored. Of a refusal at most the receipt is stored, if it is `stored` or the command has
    `keep_refusal`.
    """
    wallet.open_receipt(one.scope, one.ref, live.version)
    if wallet.account.status not in handling.handler.statuses:
        return AccountClosed(wallet.account.status)
    wallet.book()
    rule, lapse_day = handling.feature.rule(live.rules), live.lapse_day(one.day)
    scene: Scene[Any] = Scene(
        rule, one.at, one.day, lapse_day, inputs.pools, inputs.reads, inputs.shared, live
    )
    outcome = handling.handler.decide(wallet, one.command, scene)
    if wallet.loaded.status == LIMITED and isinstance(outcome, Result) and wallet.debited:
        return SpendingFrozen()
    if isinstance(outcome, Result):
        for feature, reaction in handling.reactions:
            wallet.writes.follow_ups.extend(
                reaction.react(wallet, outcome, scene.under(feature.rule(live.rules)))
            )
        for feature, telling in handling.tellings:
            wallet.writes.notices.extend(telling.tell(wallet, outcome, scene.under(feature.rule(live.rules))))
        inputs.pools.commit(wallet.writes)
    return outcome

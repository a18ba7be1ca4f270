"""No feature is left out of the second ledger: each command is foretold and asked for, each reaction and each pool is known."""

from collections import Counter

from loyalty.engine.outcomes import Refusal
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from tests.simulation import apart
from tests.simulation.features import ASKS, EXPECTED, LEDGERS, REACTIONS, TELLINGS
from tests.simulation.operators import limited
from tests.simulation.plan import DICE_ORDER, EVERYDAY
from tests.simulation.predictions import STORED
from tests.simulation.programmes import START_DIALS, programme

REGISTRY = Registry(FEATURES)


def test_every_command_has_its_prediction() -> None:
    assert EXPECTED.keys() == REGISTRY.handling.keys() - apart.COMMANDS
    assert len(EXPECTED) == sum(len(ledger.commands) for ledger in LEDGERS), "one command is foretold twice"


def test_the_crowd_asks_for_every_command() -> None:
    assert {kind.command for kind in ASKS.values()} == REGISTRY.handling.keys() - apart.COMMANDS
    assert len(ASKS) == sum(len(ledger.asks) for ledger in LEDGERS), "two kinds have one name"
    assert EVERYDAY.keys() == ASKS.keys() | {"repeat", "reuse", "stranger"}
    assert list(EVERYDAY)[: len(DICE_ORDER)] == list(DICE_ORDER)


def test_every_reaction_is_known() -> None:
    assert {result: len(reactions) for result, reactions in REACTIONS.items()} == {
        handler.gives: len(REGISTRY.reactions(handler.gives))
        for feature in FEATURES
        for handler in feature.handlers
        if REGISTRY.reactions(handler.gives)
    }


def test_every_telling_is_known() -> None:
    tellings = [telling.on for feature in FEATURES for telling in feature.tellings]
    assert {result: len(known) for result, known in TELLINGS.items()} == Counter(tellings)


def test_every_pool_that_can_run_out_is_known() -> None:
    rules = programme(START_DIALS)
    pools: dict[str, int] = {}
    for feature in FEATURES:
        pools |= feature.publication.pool_sizes(feature.rule(rules))
    assert limited(rules) == pools


def test_the_refusals_that_a_repeat_hears_again_are_known() -> None:
    stored = {one for one in REGISTRY.outcomes.values() if issubclass(one, Refusal) and one.stored}
    assert set(STORED) == stored

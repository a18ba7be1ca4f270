"""The features, indexed by command and by outcome code. Built once per engine."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

from pydantic import TypeAdapter

from loyalty.engine.command import ENGINE, Command, DatedCommand
from loyalty.engine.feature import Feature, Reaction, Telling, no_meters
from loyalty.engine.handler import Handler, no_rule_meters
from loyalty.engine.outcomes import Outcome
from loyalty.engine.reads import Read
from loyalty.engine.refusals import SHARED_REFUSALS
from loyalty.ledger.writes import FollowUp, MeterKey


class Handling(NamedTuple):
    """A command's handler, its feature, the reactions to its result, and every Read that these want.

    `noted` are the Reads whose values the trace keeps, `counting` those of the reactions that have meters.
    """

    feature: Feature
    handler: Handler
    reactions: tuple[tuple[Feature, Reaction], ...]
    reads: frozenset[Read[Any]]
    noted: tuple[Read[Any], ...]
    tellings: tuple[tuple[Feature, Telling], ...] = ()
    counting: tuple[tuple[Feature, Reaction], ...] = ()

    def meters_of(self, one: DatedCommand, rules: Any) -> list[MeterKey]:
        """The meters that the command may use under the rule set `rules`, each once."""
        keys = self.handler.meters(one.command, one.day)
        if self.handler.rule_meters is not no_rule_meters:
            keys = (*keys, *self.handler.rule_meters(one.command, self.feature.rule(rules), one.day))
        for feature, reaction in self.counting:
            keys = (*keys, *reaction.meters(feature.rule(rules), one))
        return list(dict.fromkeys(keys))


class Registry:
    """All features of one engine."""

    def __init__(self, features: Iterable[Feature]) -> None:
        """Raises ValueError when two features claim the same command, code or table."""
        self.features = tuple(features)
        self._reactions = _reactions(self.features)
        self.handling = {
            handler.command: self._handling(feature, handler)
            for feature in self.features
            for handler in feature.handlers
        }
        self.commands = {command.name: command for command in self.handling}
        outcomes = [*SHARED_REFUSALS, *(one for feature in self.features for one in feature.outcomes)]
        self.outcomes = {outcome.code: outcome for outcome in outcomes}
        self.tables = tuple(table for feature in self.features for table in feature.tables)
        self.updates = tuple(update for feature in self.features for update in feature.updates)
        self.for_newcomers = tuple(one for feature in self.features for one in feature.for_newcomers)
        handlers = sum(len(feature.handlers) for feature in self.features)
        if (handlers, len(outcomes)) != (len(self.commands), len(self.outcomes)):
            raise ValueError("two features claim one command or one code")
        if len({table.name for table in self.tables}) != len(self.tables):
            raise ValueError("two features claim one table")

    def reactions(self, result: type[Outcome]) -> tuple[tuple[Feature, Reaction], ...]:
        """The reactions to a class of results, each with its feature."""
        return self._reactions.get(result, ())

    def command_of(self, follow_up: FollowUp, member_id: int, at: datetime) -> Command:
        """The command of a follow-up row, for `member_id`. Raises KeyError for a command name that no feature has."""
        return self.commands[follow_up.command](
            member_id=member_id, request_key=follow_up.request_key, at=at, actor=ENGINE, **follow_up.payload
        )

    def outcome_of(self, code: str, facts: str | bytes) -> Outcome:
        """The outcome that a receipt stores. Raises KeyError for a code that this version does not know."""
        outcome: Outcome = _adapter(cast("Hashable", self.outcomes[code])).validate_json(facts)
        return outcome

    def _handling(self, feature: Feature, handler: Handler) -> Handling:
        reactions = self._reactions.get(handler.gives, ())
        lots = () if handler.lots is None else (handler.lots,)
        reads = {*handler.reads, *lots, *(read for _, reaction in reactions for read in reaction.reads)}
        noted = tuple(read for read in reads if read.note is not None)
        tellings = tuple(
            (one, telling) for one in self.features for telling in one.tellings if telling.on is handler.gives
        )
        counting = tuple(pair for pair in reactions if pair[1].meters is not no_meters)
        return Handling(feature, handler, reactions, frozenset(reads), noted, tellings, counting)


def facts_of(outcome: Outcome) -> bytes:
    """The outcome's fields as JSON, as a receipt keeps them."""
    return _adapter(cast("Hashable", type(outcome))).dump_json(outcome)


@cache
def _adapter(outcome: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", outcome))


def _reactions(features: Iterable[Feature]) -> dict[type[Outcome], tuple[tuple[Feature, Reaction], ...]]:
    found: dict[type[Outcome], list[tuple[Feature, Reaction]]] = defaultdict(list)
    for feature in features:
        for reaction in feature.reactions:
            found[reaction.on].append((feature, reaction))
    return {result: tuple(reactions) for result, reactions in found.items()}

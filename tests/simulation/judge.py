"""Compares what happened in a step with the second ledger, and takes it over.

The order in which a member's commands were decided is told by the numbers of its receipts; what each was to come to is predicted
from the state before it, and compared with the receipt, the answer and the entries. An answer that leaves no receipt (a replay, a
refusal that is not stored) has to be right in some state that the member was in meanwhile; asked through one engine, in states
that keep the order of asking. Shelves that several members share are explained by `order`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision, Outcome, Refusal
from loyalty.engine.refusals import AlreadyDone, NothingDue, UnknownMember
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from tests.simulation.answers import explain_answers
from tests.simulation.features import EXPECTED, LEDGERS
from tests.simulation.happened import Asked, Happened, Mismatch
from tests.simulation.order import in_turn, some_order, told_apart
from tests.simulation.people import look_at_people
from tests.simulation.prediction import Piece, Prediction, Scene
from tests.simulation.predictions import content, fact_of, predict
from tests.simulation.scenes import owed_command, scenes
from tests.simulation.second_ledger import LEASE, Member, Owed, World
from tests.simulation.sight import Sight, difference, look

REGISTRY = Registry(FEATURES)

TOLD = ("rule_version", "scope", "ref", "accepted", "effective_at", "posted_at")
"""What a receipt tells beside its outcome."""
NOTHING_OWED: tuple[type[Refusal], ...] = (
    AlreadyDone,
    NothingDue,
    *(refusal for ledger in LEDGERS for refusal in ledger.nothing_owed),
)
"""Refusals by which a follow-up is done with."""


@dataclass
class _Found:
    """A prediction that came true as a receipt, and the ask that made it."""

    maker: Asked | None
    prediction: Prediction
    seen_on: date | None
    """The day the member themself asked for it; None for what was done to them."""


class Judge:
    """Holds the world as it should be, and a connection to see it as it is."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.world = World()
        self.connection = connection
        self._versions = 0

    async def step(self, now: datetime, happened: Happened) -> None:
        """Compare and take over; raises Mismatch."""
        await look_at_people(self.connection, self.world, happened)
        members = self._touched(happened)
        known = [(self.world.members[member].version, self.world.members[member].seq) for member in members]
        sight = await look(self.connection, members, known)
        by_member: dict[int, list[Asked]] = {member: [] for member in members}
        for asked in happened.asked:
            if asked.command.member_id in by_member:
                by_member[asked.command.member_id].append(asked)
            elif asked.answer and asked.answer != Decision(UnknownMember(asked.command.member_id)):
                raise Mismatch(f"a stranger is told {asked.answer}")
        chains = [  # friends joined after their inviters: what they owe is known first
            self._member(member_id, by_member[member_id], sight, now, happened) for member_id in members
        ]
        self._shelves(chains, happened, sight, now)
        for member_id in members:
            if wrong := difference(self.world.members[member_id], sight):
                raise Mismatch(wrong, member_id)
            self._follow_ups(self.world.members[member_id], sight, now, happened)
        if sight.totals != (len(self.world.members), self._versions):
            raise Mismatch(
                f"accounts and versions are {sight.totals}, not {(len(self.world.members), self._versions)}"
            )

    def _touched(self, happened: Happened) -> list[int]:
        world = self.world
        touched = {asked.command.member_id for asked in happened.asked}
        touched |= {member for member, _ in happened.settled}
        touched |= {world.persons[met.person] for met in happened.met if met.person in world.persons}
        named = {
            other for asked in happened.asked for other in EXPECTED[type(asked.command)].names(asked.command)
        }
        known = [world.members[member] for member in touched if member in world.members]
        concerned = {other for ledger in LEDGERS for member in known for other in ledger.concerns(member)}
        return sorted((touched | named | concerned) & world.members.keys(), reverse=True)

    def _member(
        self, member_id: int, asked: list[Asked], sight: Sight, now: datetime, happened: Happened
    ) -> list[tuple[Asked | None, list[Piece]]]:
        member, receipts = self.world.members[member_id], sight.receipts.get(member_id, [])
        news = {receipt["request_key"] for receipt in receipts}
        keys = Counter(one.command.request_key for one in asked)
        right: dict[Asked, list[int]] = {
            one: []
            for one in asked
            if one.answer and (keys[one.command.request_key] > 1 or one.command.request_key not in news)
        }
        chain: list[tuple[Asked | None, list[Piece]]] = []
        made: dict[Asked, int] = {}
        for position in range(len(receipts) + 1):
            alike: dict[str, list[tuple[Asked, bool]]] = {}
            for one, positions in right.items():
                if one not in made and self._is_right_too(member, one, now, happened, alike):
                    positions.append(position)
            if position == len(receipts):
                break
            receipt = receipts[position]
            found = self._maker(member, receipt, [one for one in asked if one not in made], now, happened)
            if found.maker:
                made[found.maker] = position
            self._take_over(member, receipt, found, sight, now)
            chain.append((found.maker, found.prediction.pieces))
        twice = {key for key, times in keys.items() if times > 1} if happened.faulty else set()
        explain_answers(member, asked, right, made, twice)
        return chain

    def _is_right_too(
        self,
        member: Member,
        one: Asked,
        now: datetime,
        happened: Happened,
        alike: dict[str, list[tuple[Asked, bool]]],
    ) -> bool:
        """See `_is_right`; what was asked and answered alike in this state, and is noted in `alike`, is judged once."""
        known = alike.setdefault(one.command.request_key, [])
        for other, is_right in known:
            if other.answer == one.answer and other.command == one.command:
                return is_right
        known.append((one, self._is_right(member, one, now, happened)))
        return known[-1][1]

    def _is_right(self, member: Member, one: Asked, now: datetime, happened: Happened) -> bool:
        """Whether the answer is right in this very state. Once the wire broke, nobody can tell a replay from an earlier try."""
        assert one.answer is not None
        for scene in scenes(self.world, member, one.command, one.answer.outcome, now, happened):
            expected = predict(member, one.command, scene)
            if expected.stored or expected.outcome != one.answer.outcome:
                continue
            if expected.replayed == one.answer.replayed or (expected.replayed and happened.faulty):
                return True
        return False

    def _maker(
        self,
        member: Member,
        receipt: asyncpg.Record,
        asked: Sequence[Asked],
        now: datetime,
        happened: Happened,
    ) -> _Found:
        """Who asked for what this receipt tells, predicted from the state before it."""
        key, outcome = receipt["request_key"], REGISTRY.outcome_of(receipt["code"], receipt["facts"])
        told = (outcome, *(receipt[name] for name in TOLD))
        expectations = []
        for maker, command in self._candidates(member, key, outcome, asked):
            for scene in scenes(self.world, member, command, outcome, now, happened):
                expected = predict(member, command, scene)
                stands = (
                    expected.outcome, scene.version.number, *fact_of(command, scene.day), expected.accepted, scene.at,
                    max(now, member.posted_at),
                )  # fmt: skip
                if expected.stored and stands == told:
                    self._learn(member, command, expected, scene, now)
                    return _Found(maker, expected, scene.day if command.actor == "member" else None)
                expectations.append(stands)
        answers = [one.answer for one in asked if one.command.request_key == key]
        raise Mismatch(
            f"receipt {receipt['no']} ({key}) is\n  {told}\nexpected\n  {expectations[:3]}\nanswered\n  {answers}",
            member.member_id,
        )

    def _candidates(
        self, member: Member, key: str, outcome: Outcome, asked: Sequence[Asked]
    ) -> Iterator[tuple[Asked | None, Command]]:
        """Who may have made a receipt: who was told so, then who does not know, then the engine itself."""
        asking = [one for one in asked if one.command.request_key == key]
        for one in asking:
            if one.answer and not one.answer.replayed and one.answer.outcome == outcome:
                yield one, one.command
        for one in asking:
            if one.answer is None:
                yield one, one.command
        if owed := self.world.owed[member.member_id].get(key):
            yield None, owed_command(member, key, owed)

    def _learn(
        self, member: Member, command: Command, expected: Prediction, scene: Scene, now: datetime
    ) -> None:
        member.answers[command.request_key] = (content(command), expected.outcome)
        if expected.accepted:
            member.facts.add(fact_of(command, scene.day))
            for owes in expected.owes:
                owed = Owed(owes.kind, owes.fields, scene.at, now + LEASE)
                self.world.owed[owes.member_id][owes.key] = owed

    def _take_over(
        self, member: Member, receipt: asyncpg.Record, found: _Found, sight: Sight, now: datetime
    ) -> None:
        expected = found.prediction
        member.version += 1
        self._versions += 1
        member.posted_at = max(now, member.posted_at) if expected.accepted else member.posted_at
        member.seen_on = max(member.seen_on, found.seen_on or member.seen_on)
        if receipt["no"] != member.version:
            raise Mismatch(f"receipt {receipt['no']} where {member.version} should be", member.member_id)
        if not expected.accepted or not expected.sheet:
            return
        member.lots, member.pending = expected.sheet.lots, expected.sheet.pending
        member.growth = expected.sheet.growth
        entries = sight.entries.get(member.member_id, [])
        for move in expected.sheet.moves:
            member.seq += 1
            member.move(move)
            stands = (*move, *member.booked, member.version, member.seq, member.posted_at)
            names = ("src", "dst", "amount", "reason", "expires_on", "available", "pending", "held", "debt", "receipt_no", "seq",
                     "posted_at")  # fmt: skip
            entry = entries.pop(0) if entries else None
            if entry is None or tuple(entry[name] for name in names) != stands:
                raise Mismatch(f"entry {entry} where {stands} should be", member.member_id)
        for learn in expected.learn:
            learn(member)
        member.told.update(expected.tells)

    def _shelves(
        self,
        chains: Sequence[Sequence[tuple[Asked | None, list[Piece]]]],
        happened: Happened,
        sight: Sight,
        now: datetime,
    ) -> None:
        world = self.world
        turn = {one: number for number, one in enumerate(happened.asked)}
        told: dict[str, list[list[tuple[int, Piece]]]] = {}
        for chain in chains:
            for item in sorted({piece.item for _, pieces in chain for piece in pieces}):
                events = [
                    (turn[maker] if maker else 0, p)
                    for maker, pieces in chain
                    for p in pieces
                    if p.item == item
                ]
                told.setdefault(item, []).append(events)
        for item, events_of in told.items():
            left = world.stocked[item] - world.taken[item]
            if happened.mode.kind == "line" and not any(
                self._is_late(one.command, now, happened) for one in happened.asked
            ):
                ordered = [piece for _, piece in sorted(event for events in events_of for event in events)]
                if wrong := in_turn(left, ordered):
                    raise Mismatch(
                        f"{item}: in the order of asking, {wrong} is not what {left} pieces come to"
                    )
            elif not _is_explained(happened, left, [[piece for _, piece in events] for events in events_of]):
                raise Mismatch(f"{item}: no order explains what was told of {left} pieces: {events_of}")
            world.taken[item] -= sum(piece.delta for events in events_of for _, piece in events)
        expected = {item: (count, world.taken[item]) for item, count in world.stocked.items()}
        if sight.taken != expected:
            raise Mismatch(f"the shelves hold {sight.taken}, not {expected}")

    def _is_late(self, command: Command, now: datetime, happened: Happened) -> bool:
        """A command that takes effect later than it was asked also waits its turn again."""
        rounds = [self.world, happened.before] if happened.before else [self.world]
        version = self.world.version_at(min(command.at, now))
        return any(EXPECTED[type(command)].is_late(command, version, world) for world in rounds)

    def _follow_ups(self, member: Member, sight: Sight, now: datetime, happened: Happened) -> None:
        """A row for everything owed; what was owed just now, or settled, is done unless the account is closed.

        What a crash kept from being marked after it was carried out is done whatever has become of the account: it is a repeat.
        """
        owed = self.world.owed[member.member_id]
        rows = sight.follow_ups.get(member.member_id, {})
        if rows.keys() != owed.keys():
            raise Mismatch(f"{member.member_id} is owed {sorted(rows)}, not {sorted(owed)}", member.member_id)
        for key, one in owed.items():
            due = one.fresh or (member.member_id, key) in happened.settled
            command = owed_command(member, key, one)
            done = one.done or (
                due and (member.status == "open" or self._is_carried_out(member, command, now, happened))
            )
            if happened.faulty and rows[key] and not one.done:
                idle = EXPECTED[type(command)].may_find_nothing
                if not idle and not self._is_carried_out(member, command, now, happened):
                    raise Mismatch(f"{command} is marked done and was not", member.member_id)
                done = True
            if rows[key] != done and not (happened.faulty and not one.done):
                raise Mismatch(f"{key} of {member.member_id} is done: {rows[key]}", member.member_id)
            one.done, one.fresh = rows[key], False

    def _is_carried_out(self, member: Member, command: Command, now: datetime, happened: Happened) -> bool:
        """Whether nothing is owed any more: the command was carried out before, or has lost its reason."""
        scene = next(scenes(self.world, member, command, NothingDue(), now, happened))
        expected = predict(member, command, scene)
        return expected.replayed or isinstance(expected.outcome, NOTHING_OWED)


def _is_explained(happened: Happened, left: int, chains: Sequence[Sequence[Piece]]) -> bool:
    """By some order; where more than one engine was at work, as told apart, which whatever fits an order is as well."""
    return some_order(left, chains) if happened.mode.kind == "line" else told_apart(left, chains)

"""Plays a plan: does its deeds through real engines, and lets the judge look after every step."""

import asyncio
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from unittest import mock

import asyncpg

from base.clock import MovableClock
from loyalty.audit import EVER, audit
from loyalty.backtest import Plan as History
from loyalty.backtest import backtest
from loyalty.engine.command import Command
from loyalty.numbers.feed import advance, editions
from loyalty.opening import open_engine
from loyalty.programme.publishing.draft import StaleBase, WouldBeReplaced
from tests.ledger import KEYS, START, ZONE, empty
from tests.simulation.asking import command_of
from tests.simulation.deeds import Ask, Atom, Deed, Join, Jump, Mode, Plan, Publish, Settle, Visit
from tests.simulation.doing import Engines
from tests.simulation.happened import Asked, Happened, Met, Mismatch
from tests.simulation.judge import Judge
from tests.simulation.operators import (
    Draft,
    catch_up,
    draft_of,
    expected_refusal,
    follow_versions,
    publish_draft,
    rules_before,
    shelf_stays,
    take_over,
    withdraw_waiting,
)
from tests.simulation.programmes import START_DIALS, programme
from tests.simulation.second_ledger import LEASE, day_of, next_edge
from tests.simulation.sight import difference, facts_difference, look

FIRST_AUDIT = 3000
"""The commands before the audit in the middle of a plan. It comes early, as the last one decides the same receipts again."""


class Failure(AssertionError):
    """What went wrong, in which step, and whom it concerns."""

    def __init__(self, step: int, what: str, members: tuple[int, ...], persons: frozenset[int]) -> None:
        super().__init__(f"step {step}: {what}")
        self.step, self.members, self.persons = step, members, persons


@dataclass
class Played:
    """What a run came to: commands asked, answers that stayed unknown at first, faults, audits, each outcome's times, and the
    reasons that were written into entries.
    """

    commands: int = 0
    unknown: int = 0
    struck: int = 0
    audits: int = 0
    told: Counter[str] = field(default_factory=Counter)
    reasons: set[str] = field(default_factory=set)


@dataclass
class Table:
    """What plans are played on, one after the other."""

    url: str
    pool: asyncpg.Pool
    rival_pool: asyncpg.Pool
    eyes: asyncpg.Connection


@asynccontextmanager
async def open_table(url: str, pool: asyncpg.Pool) -> AsyncIterator[Table]:
    """The pools and the connection that looks."""
    async with asyncpg.create_pool(url, min_size=1, max_size=4) as rival_pool:
        eyes = await asyncpg.connect(url)
        try:
            yield Table(url, pool, rival_pool, eyes)
        finally:
            await eyes.close()


async def play(table: Table, plan: Plan) -> Played:
    """Play the plan on an emptied database; raises Failure. The wheels' seeds follow from the plan's, so draws come again."""
    await empty(table.pool)
    clock, dice = MovableClock(START), random.Random(plan.seed)  # noqa: S311  # a simulation must come again
    async with (
        open_engine(table.pool, clock, ZONE, KEYS, lanes=1) as line,
        open_engine(table.pool, clock, ZONE, KEYS) as main,
        open_engine(table.rival_pool, clock, ZONE, KEYS, batch_size=16) as rival,
    ):
        game = Game(table, plan, Engines(line, main, rival, clock, table.url, table.eyes))
        with mock.patch("secrets.token_bytes", dice.randbytes):
            await game.play()
    game.played.struck = game.engines.struck
    return game.played


class Game:
    """One run of a plan."""

    def __init__(self, table: Table, plan: Plan, engines: Engines) -> None:
        self.table, self.plan, self.engines, self.clock = table, plan, engines, engines.clock
        self.judge = Judge(table.eyes)
        self.world = self.judge.world
        self.dials = dict(START_DIALS)
        self.history: dict[int, list[Command]] = defaultdict(list)
        self.played = Played()

    async def play(self) -> None:
        """All steps, an audit among them, and a last look at everything."""
        step = 0
        try:
            await self._publish_alone(Draft(self.dials, programme(self.dials), 0, self.clock.now()), None)
            for step, atoms in groupby(self.plan.atoms, key=lambda atom: atom.step):
                await self._step(self.plan.modes.get(step, Mode()), list(atoms))
                if self.played.commands >= FIRST_AUDIT and not self.played.audits:
                    await self._audit()
            await self._settle(1_000_000)
            await self._last_look()
        except Mismatch as wrong:
            persons = {person for person, member in self.world.persons.items() if member in wrong.members}
            raise Failure(step, str(wrong), wrong.members, frozenset(persons)) from wrong

    async def _step(self, mode: Mode, atoms: Sequence[Atom]) -> None:
        at_once: list[Deed] = []
        for atom in atoms:
            match atom.deed:
                case Jump() as jump:
                    now = self.clock.advance(jump.seconds)
                    if jump.edge:
                        now = self.clock.advance(
                            (next_edge(now, jump.edge) - now).total_seconds() - jump.before
                        )
                    if not (jump.lazy and shelf_stays(self.world, now)):
                        await follow_versions(self.engines.main, self.table.eyes, self.world, now)
                case Visit(person) if member := self._member(person):
                    today = day_of(self.clock.now())
                    await self.table.eyes.execute(
                        "UPDATE account SET last_seen_on = $2 WHERE member_id = $1", member, today
                    )
                    self.world.members[member].seen_on = today
                case Settle(limit):
                    await self._settle(limit)
                case Publish() as deed if not any(isinstance(one.deed, Ask) for one in atoms):
                    draft = draft_of(deed, self.world, self.dials, self.clock.now())
                    await self._publish_alone(draft, expected_refusal(draft, self.world, self.clock.now()))
                case Join() | Ask() | Publish() as deed:
                    at_once.append(deed)
                case _:
                    pass
        if at_once:
            await self._at_once(mode, at_once)

    def _member(self, person: int) -> int | None:
        return self.world.persons.get(person)

    async def _publish_alone(self, draft: Draft, refusal: type[Exception] | None) -> None:
        answer = await publish_draft(self.engines.main, draft)
        following = len(self.world.versions) + 1
        if refusal is None and answer == following:
            await take_over(self.table.eyes, self.world, draft, self.clock.now())
            self.dials = draft.dials
        elif refusal is None or not isinstance(answer, refusal):
            raise Mismatch(f"publishing came to {answer!r}, not {refusal or following}")
        elif refusal is WouldBeReplaced:
            await withdraw_waiting(self.engines.main, self.world, self.clock.now())

    async def _settle(self, limit: int) -> None:
        now = self.clock.now()
        due = sorted(
            (one.due, member_id, key)
            for member_id, owed in self.world.owed.items()
            for key, one in owed.items()
            if not one.done and one.due <= now
        )[:limit]
        claimed = await self.engines.main.run_due_follow_ups(now, limit)
        await self.engines.main.settle()
        if claimed != len(due):
            raise Mismatch(f"{claimed} follow-ups were due, not {due}", *(member for _, member, _ in due))
        settled = [(member_id, key) for _, member_id, key in due]
        for member_id, key in settled:
            one = self.world.owed[member_id][key]
            one.attempts += 1
            doubled = (
                2 ** (min(one.attempts, 7) - 1) if self.world.members[member_id].status == "frozen" else 1
            )
            one.due = now + LEASE * doubled
        await self.judge.step(now, Happened(Mode("race"), settled=settled))

    async def _at_once(self, mode: Mode, deeds: Sequence[Deed]) -> None:
        now = self.clock.now()
        happened = Happened(mode)
        asks: list[Asked] = []
        drafts: list[Draft] = []
        persons: list[int] = []
        for deed in deeds:
            if isinstance(deed, Ask) and (member := self._member(deed.person)):
                command = command_of(
                    deed, self.world, member, now, self.history[member], self._entropy(len(asks), deed)
                )
                self.history[member].append(command)
                asks.append(Asked(command, "other" if deed.rival else "one"))
            elif isinstance(deed, Join):
                persons.append(deed.person)
            elif isinstance(deed, Publish):
                drafts.append(draft_of(deed, self.world, self.dials, now, quiet=True))
        self.played.commands += len(asks)
        happened.asked = asks
        refused = [expected_refusal(draft, self.world, now) for draft in drafts]
        publishing = [asyncio.create_task(publish_draft(self.engines.main, draft)) for draft in drafts]
        newcomers = [Met(person, now, None) for person in persons]
        happened.met = await self.engines.do(mode, asks, newcomers)
        answers = [await task for task in publishing]
        if drafts:
            await self._published(drafts, refused, answers, happened)
        else:
            happened.before = await catch_up(self.table.eyes, self.world, now)
        self.played.unknown += sum(one.answer is None for one in asks)
        for one in asks:
            self.played.told[one.answer.outcome.code if one.answer else "unknown"] += 1
        await self.judge.step(now, happened)
        await self._ask_again(happened)

    async def _published(
        self,
        drafts: list[Draft],
        refused: list[type[Exception] | None],
        answers: list[int | Exception],
        happened: Happened,
    ) -> None:
        """One of the operators who published at once wins, the others have a stale base; or all are refused alike."""
        happened.before = rules_before(self.world)
        won = [answer for answer in answers if isinstance(answer, int)]
        lost = {type(answer) for answer in answers if not isinstance(answer, int)}
        if won != ([] if refused[0] else [len(self.world.versions) + 1]) or not lost <= {
            refused[0] or StaleBase
        }:
            raise Mismatch(f"publishing at once came to {answers}, expected {refused[0]}")
        if won:
            await take_over(self.table.eyes, self.world, drafts[0], self.clock.now())
            self.dials = drafts[0].dials
        elif refused[0] is WouldBeReplaced:
            await withdraw_waiting(self.engines.main, self.world, self.clock.now())

    def _entropy(self, place: int, deed: Ask) -> bytes:
        return hashlib.sha256(
            f"{self.plan.seed}:{deed.key}:{place}:{self.played.commands}".encode()
        ).digest()[:16]

    async def _ask_again(self, happened: Happened) -> None:
        """Whoever has no answer asks again with the same key, and is answered: done once, whether before or now."""
        asks = [Asked(one.command, "one") for one in happened.asked if one.answer is None]
        newcomers = [met for met in happened.met if met.told is None]
        if asks or newcomers:
            met = await self.engines.again(asks, newcomers)
            self.played.commands += len(asks)
            await self.judge.step(self.clock.now(), Happened(Mode("race"), asks, met))

    async def _audit(self) -> None:
        """Every invariant over the whole database; the daily facts are among what it compares."""
        self.played.audits += 1
        for edition in await editions(self.table.pool):
            while not (await advance(self.table.pool, edition, self.clock.now(), ZONE)).at_end:
                continue
        report = await audit(self.table.pool, self.clock.now(), KEYS)
        if wrong := [one for one in report.violations if not self._is_old_debt(one.invariant, one.detail)]:
            raise Mismatch(
                f"the audit names {wrong[:5]}", *(one.member_id for one in wrong[:5] if one.member_id)
            )

    def _is_old_debt(self, invariant: str, detail: str) -> bool:
        """Notices and follow-ups left lying are named by the audit after a day, and here nobody delivers while months pass."""
        return invariant == "I21" and ("has been due since" in detail or detail.startswith("follow-up"))

    async def _last_look(self) -> None:
        """All members, all their lots, sign-ins, draws and vouchers, once more."""
        members = sorted(self.world.members)
        known = [(self.world.members[member].version, self.world.members[member].seq) for member in members]
        sight = await look(self.table.eyes, members, known, all_lots=True)
        for member in members:
            if wrong := difference(self.world.members[member], sight, all_lots=True):
                raise Mismatch(wrong, member)
        if fact := await facts_difference(self.table.eyes, self.world):
            raise Mismatch(*fact)
        rows = await self.table.eyes.fetch("SELECT DISTINCT reason FROM entry")
        self.played.reasons = {row["reason"] for row in rows}
        await self._audit()
        await self._back_test()

    async def _back_test(self) -> None:
        """Under the rules of its time the whole history comes out to the point (D03)."""
        found = await backtest(self.table.pool, History(None, EVER), self.clock.now(), KEYS, zone=ZONE)
        if found.differing or found.held_more or found.stopped:
            raise Mismatch(
                f"the back-test differs for {found.differing} members and stops with {found.stopped}"
            )

"""What clients asked and heard, and whether the database agrees: every acknowledged effect exactly once, every refusal never,
every unknown at most once.

The balance is predicted from the answers alone, so an effect that nobody was told of, or that happened twice, shows.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import asyncpg

from loyalty.engine.transactions import snapshot
from tests.faults.halves import Halves, look_at_halves

Verdict = Literal["unknown", "promised", "done", "refused"]

DOORS = ("check_in", "draw", "redeem", "cancel")
"""The commands that members ask for; gifts and jobs are the programme's own."""

RECEIPTS = """
SELECT member_id, request_key, command, accepted, no, facts::text AS facts FROM receipt
WHERE member_id = ANY($1::bigint[]) AND command = ANY($2::text[])
"""
EFFECTS = """
SELECT member_id, receipt_no AS no, 'check_in' AS command, count(*) AS effects FROM check_in
WHERE member_id = ANY($1::bigint[]) GROUP BY 1, 2
UNION ALL
SELECT member_id, receipt_no, 'draw', count(*) FROM draw WHERE member_id = ANY($1::bigint[]) GROUP BY 1, 2
UNION ALL
SELECT member_id, receipt_no, 'redeem', count(*) FROM redemption
WHERE member_id = ANY($1::bigint[]) AND source = 'redeem' GROUP BY 1, 2
UNION ALL
SELECT member_id, no, 'cancel', 1 FROM receipt
WHERE member_id = ANY($1::bigint[]) AND accepted AND command = 'cancel'
"""
CODES = "SELECT code, member_id FROM voucher_code WHERE member_id = ANY($1::bigint[])"
BALANCES = "SELECT member_id, available FROM account WHERE member_id = ANY($1::bigint[])"


async def _not_yet() -> None:
    raise RuntimeError("nothing was sent yet")


@dataclass(eq=False)
class Asked:
    """One request of a member under one key, however often it was sent, and what was heard of it in the end.

    `effects` is how many rows it makes when carried out (ten draws: ten); `delta` what the answer said it did to the balance.
    """

    member_id: int
    key: str
    command: str
    effects: int = 1
    again: Callable[[], Awaitable[None]] = field(default=_not_yet, repr=False)
    verdict: Verdict = "unknown"
    told: Any = None
    delta: int = 0
    codes: tuple[str, ...] = ()
    tries: int = 0
    replayed: int = 0

    def hear(self, verdict: Verdict, told: Any, *, delta: int = 0, codes: tuple[str, ...] = ()) -> None:
        """An answer came; a second one must come to the same, though its words may tell of another day."""
        if self.verdict in ("done", "refused"):
            heard, now_heard = self._essence(), (verdict, delta, codes)
            assert now_heard == heard, f"{self.key} was told {self.told}, then {told}"
            assert isinstance(told, str) or told == self.told, f"{self.key} was told {self.told}, then {told}"
            return
        self.verdict, self.told, self.delta, self.codes = verdict, told, delta, codes

    def _essence(self) -> tuple[Verdict, int, tuple[str, ...]]:
        return self.verdict, self.delta, self.codes


@dataclass
class History:
    """Everything that was asked of one installation during one test; `openids` tell whose phone is whose."""

    asked: list[Asked] = field(default_factory=list)
    opening: dict[int, int] = field(default_factory=dict)
    openids: dict[str, int] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)

    def ask(self, member_id: int, key: str, command: str, *, effects: int = 1) -> Asked:
        """Note a request that is about to be sent."""
        request = Asked(member_id, key, command, effects)
        self.asked.append(request)
        return request

    def find(self, member_id: int, key: str) -> Asked | None:
        """The request under that key, if it was sent before."""
        return next((one for one in self.asked if (one.member_id, one.key) == (member_id, key)), None)

    def of(self, *verdicts: Verdict) -> list[Asked]:
        """The requests that stand so."""
        return [request for request in self.asked if request.verdict in verdicts]

    def told(self) -> Counter[str]:
        """How many of each verdict."""
        return Counter(request.verdict for request in self.asked)

    async def problems(self, pool: asyncpg.Pool) -> list[str]:
        """Where history and database disagree; unknown ones may or may not have been carried out.

        Read as of one instant: what nobody waits for any more may be carried out at this very moment.
        """
        async with snapshot(pool) as eyes:
            return await self._problems(eyes)

    async def _problems(self, eyes: asyncpg.Connection) -> list[str]:
        halves = await look_at_halves(eyes, self.opening, self.openids)
        members = list(halves.person_of)
        receipts = {
            (halves.person_of[row["member_id"]], row["request_key"]): row
            for row in await eyes.fetch(RECEIPTS, members, list(DOORS))
        }
        effects: defaultdict[tuple[int, str, int], int] = defaultdict(int)
        for row in await eyes.fetch(EFFECTS, members):
            effects[row["member_id"], row["command"], row["no"]] += row["effects"]
        codes = {row["code"]: halves.person_of[row["member_id"]] for row in await eyes.fetch(CODES, members)}
        found = []
        for request in self.asked:
            receipt = receipts.pop((request.member_id, request.key), None)
            carried_out = receipt is not None and receipt["accepted"]
            made = (receipt["member_id"], request.command, receipt["no"]) if receipt else None
            count = effects.pop(made, 0) if made else 0
            if request.verdict == "done" and not carried_out:
                found.append(f"acknowledged and lost: {request}")
            if request.verdict == "refused" and carried_out:
                found.append(f"refused and carried out: {request}")
            if count != (request.effects if carried_out else 0):
                found.append(f"{count} effects: {request}")
            if any(codes.get(code) != request.member_id for code in request.codes):
                found.append(f"a voucher that is not in the directory: {request}")
        found += [f"nobody asked for {dict(receipt)}" for receipt in receipts.values()]
        found += [
            f"effects without a receipt: {(member_id, command, no)}: {count}"
            for (member_id, command, no), count in effects.items()
            if (member_id, no) not in halves.arrivals
        ]
        return found + await self._wrong_balances(eyes, halves)

    async def _wrong_balances(self, eyes: asyncpg.Connection, halves: Halves) -> list[str]:
        """Members of whom everything is known, whose balance is not what the answers add up to."""
        open_ends = {request.member_id for request in self.of("unknown", "promised")} | halves.moving
        expected = {person: points + halves.gifts.get(person, 0) for person, points in self.opening.items()}
        for request in self.of("done"):
            expected[request.member_id] += request.delta
        found: Counter[int] = Counter()
        for row in await eyes.fetch(BALANCES, list(halves.person_of)):
            found[halves.person_of[row["member_id"]]] += row["available"]
        return [
            f"member {member_id} has {found[member_id]}, the answers say {balance}"
            for member_id, balance in expected.items()
            if member_id not in open_ends and found[member_id] != balance
        ]

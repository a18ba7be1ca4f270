"""A member's points in memory, which the engine loads and a feature's `decide` changes.

The primitives `book`, `grant`, `promise`, `spend`, `restore`, `forfeit` and `give_up` move points; `grow` changes the growth value
alone. More primitives are functions on a wallet: holds in `holds.py`, refunds in `reversal.py`, the merging of members in
`transfers.py`, and later days of lapse in `extending.py`. All are made of `shift`, which moves points within lots, and `move`,
which moves them between the account's buckets and writes the entry. Each primitive calls both, so that buckets, lots and entries
always agree. Nothing here knows a rule, a clock or a database.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from loyalty.ledger import chain
from loyalty.ledger.account import STORED_AS_OUTFLOW, Account, account_values
from loyalty.ledger.calendar import AT_ONCE
from loyalty.ledger.growth import GROWTH, GrowthRow
from loyalty.ledger.lots import Lot, LotKey, LotShare, Quantities, plan_spend
from loyalty.ledger.writes import Entry, MeterKey, Writes

DEBITED_TO: Final = frozenset({"spent", "held"})
"""The buckets to which a member's points go when they pay for something, at once or for an order to come."""


class Wallet:
    """One member's account and lots, for the decision of one command.

    `posted_at` is the instant of the batch, and never earlier than the account's last one; `today` is its business day. `meters`
    has the meters that the command's handler named, None for one that has no row yet. `unless_seen_after`: a command that rests
    on a member's absence sets the day of their last visit, and is decided again if another visit is stored before it is.
    """

    def __init__(
        self,
        account: Account,
        lots: Iterable[Lot],
        *,
        posted_at: datetime,
        today: date,
        meters: Mapping[MeterKey, int | None] | None = None,
    ) -> None:
        self.member_id = account.member_id
        self.loaded = Account(*account_values(account))
        self.account = account
        self.lots = {lot.key: lot for lot in lots}
        self._lots_loaded = {key: lot.quantities for key, lot in self.lots.items()}
        self.posted_at = posted_at
        self.today = today
        self.meters = meters or {}
        self.writes = Writes()
        self.unless_seen_after: date | None = None
        self.scope = self.ref = ""
        self.rule_version = 0

    def open_receipt(self, scope: str, ref: str, rule_version: int) -> None:
        """Name the receipt to which the entries belong that follow."""
        self.scope, self.ref, self.rule_version = scope, ref, rule_version

    @property
    def receipt_no(self) -> int:
        """The number of the receipt being written, which is the version that the account will have."""
        return self.loaded.version + 1

    @property
    def available(self) -> int:
        """Points that can be spent now (after `book`)."""
        return self.account.available

    @property
    def debited(self) -> int:
        """The points that this command has spent or set aside so far."""
        moves = (entry.facts for entry in self.writes.entries)
        return sum(one.amount for one in moves if one.src == "available" and one.dst in DEBITED_TO)

    def meter(self, key: MeterKey) -> int:
        """The meter's value before this command. Raises KeyError for a meter that the command's handler did not name."""
        return self.meters[key] or 0

    def count(self, key: MeterKey, by: int = 1) -> None:
        """Add to one of the member's meters."""
        self.writes.meters[key] += by

    def uncount(self, key: MeterKey, by: int = 1) -> None:
        """Take from a meter that an earlier command of the member has counted; the handler need not have named it."""
        self.meters = {key: by, **self.meters}
        self.writes.meters[key] -= by

    def changed_lots(self) -> list[tuple[Lot, Quantities | None]]:
        """The new and the changed lots in lot order, each with its loaded quantities; None for a new one."""
        held = [(lot, self._lots_loaded.get(lot.key)) for lot in self.in_order()]
        return [(lot, before) for lot, before in held if lot.quantities != before]

    def book(self) -> tuple[int, int]:
        """Open the lots that open by `today`, and lapse those that lapse by then. Returns (opened, lapsed) in points."""
        return self._open_lots(), self.settle()

    def grant(self, points: int, reason: str, detail: dict[str, Any], expires_on: date) -> None:
        """Add points, which can be spent at once, repay debt first, and count as growth.

        They lapse at once if `expires_on` has come.
        """
        self.account.growth += points
        self._add("issued", points, reason, detail, expires_on)

    def adjust_up(self, points: int, reason: str, detail: dict[str, Any], expires_on: date) -> None:
        """Add points like `grant`, which an operator gives by hand and which count for no growth."""
        self._add("adjusted", points, reason, detail, expires_on)

    def adjust_down(self, points: int, reason: str, detail: dict[str, Any], *, owed: int = 0) -> None:
        """Take points away, earliest expiry first; `owed` of them become a debt. Raises ValueError when too few are available."""
        self.shift(self.plan(points - owed), "remaining", "reversed", "reversed")
        for src, amount in (("available", points - owed), ("debt", owed)):
            if amount:
                self.move(src, "adjusted", amount, reason, detail)

    def promise(
        self, points: int, reason: str, detail: dict[str, Any], expires_on: date, opens_on: date
    ) -> None:
        """Add points that can be spent from the day `opens_on` on; `grant` them if that day has come. They count as growth."""
        if opens_on <= self.today:
            self.grant(points, reason, detail, expires_on)
            return
        self.account.growth += points
        self._put(points, LotKey(expires_on, opens_on, 0))
        self.move("issued", "pending", points, reason, detail, expires_on)

    def grow(self, points: int, reason: str) -> None:
        """Add to the growth value without points; take from it if `points` is negative."""
        if points:
            self.account.growth += points
            line = len(self.writes.rows[GROWTH])
            self.writes.add(GROWTH, GrowthRow(line, reason, points))

    def spend(self, points: int, reason: str, detail: dict[str, Any]) -> None:
        """Take points, earliest expiry first. Raises ValueError when fewer are available, which `decide` must check before."""
        self.shift(self.plan(points), "remaining", "spent", "spent")
        self.move("available", "spent", points, reason, detail)

    def restore(self, uses: Iterable[LotShare], reason: str, detail: dict[str, Any]) -> int:
        """Return spent points to the lots they came from. Points of lots that have expired since lapse; returns how many."""
        total = self.shift(self.shares(uses), "spent", "remaining", "restored")
        self.move("spent", "available", total, reason, detail)
        return self.settle()

    def forfeit(self, reason: str, detail: dict[str, Any]) -> int:
        """Take all points that can be spent, for nothing; how many."""
        left = [(lot, lot.remaining) for lot in self.in_order() if lot.opened and lot.remaining]
        total = self.shift(left, "remaining", "forfeited", "forfeited")
        self.move("available", "forfeited", total, reason, detail)
        return total

    def give_up(self, reason: str, detail: dict[str, Any]) -> int:
        """Take all points, those that are still to open as well, for nothing; how many. Held points stay."""
        waiting = [(lot, lot.remaining) for lot in self.in_order() if not lot.opened and lot.remaining]
        pending = self.shift(waiting, "remaining", "forfeited", "forfeited")
        if pending:
            self.move("pending", "forfeited", pending, reason, detail)
        return pending + (self.forfeit(reason, detail) if self.available else 0)

    def plan(self, points: int) -> list[tuple[Lot, int]]:
        """The lots that pay so many points, earliest expiry first. Raises ValueError when fewer are available."""
        return plan_spend(self.lots.values(), points)

    def shares(self, uses: Iterable[LotShare]) -> list[tuple[Lot, int]]:
        """The lots of these keys, each with its points."""
        return [(self.lots[key], amount) for key, amount in uses]

    def shift(self, shares: Iterable[tuple[Lot, int]], src: str, dst: str, kind: str) -> int:
        """Move points of lots from the quantity `src` to the quantity `dst`, as lot uses of that kind; how many points."""
        total = 0
        for lot, amount in shares:
            setattr(lot, src, getattr(lot, src) - amount)
            setattr(lot, dst, getattr(lot, dst) + amount)
            self.writes.lot_uses[kind, lot.key] += amount
            total += amount
        return total

    def hand_over(self, lot: Lot, key: LotKey, points: int, kind: str) -> None:
        """Move granted points of a lot to the opened lot of `key`, as lot uses of the kinds `<kind>_out` and `<kind>_in`."""
        other = self.lots.setdefault(key, Lot(key, opened=True))
        for one, way, sign in ((lot, "out", -1), (other, "in", 1)):
            one.granted += sign * points
            one.remaining += sign * points
            self.writes.lot_uses[f"{kind}_{way}", one.key] += points

    def in_order(self) -> list[Lot]:
        """The lots in the order of their keys."""
        lots = list(self.lots.values())
        if len(lots) > 1:  # most members have one
            lots.sort(key=lambda lot: lot.key)
        return lots

    def move(
        self,
        src: str,
        dst: str,
        amount: int,
        reason: str,
        detail: dict[str, Any],
        expires_on: date | None = None,
    ) -> None:
        """Move points from one bucket of the account to another, and write the entry. Points that come lapse on `expires_on`."""
        account = self.account
        for bucket, sign in ((src, -1), (dst, 1)):
            if bucket in STORED_AS_OUTFLOW:
                sign = -sign
            setattr(account, bucket, getattr(account, bucket) + sign * amount)
        account.seq += 1
        facts = chain.EntryFacts(
            account.member_id, account.seq, self.receipt_no, self.scope, self.ref, self.rule_version,
            reason, detail, src, dst, amount,
            account.available, account.pending, account.held, account.debt, expires_on, self.posted_at,
        )  # fmt: skip
        account.chain = chain.link(account.chain, facts)
        self.writes.entries.append(Entry(facts, account.chain))

    def settle(self) -> int:
        """Lapse the opened lots whose day has come, and repay debt from the others; how many points lapsed."""
        lapsed = self._lapse_lots()
        self._repay_debt()
        return lapsed

    def _add(self, src: str, points: int, reason: str, detail: dict[str, Any], expires_on: date) -> None:
        self._put(points, LotKey(expires_on, AT_ONCE, 0))
        self.move(src, "available", points, reason, detail, expires_on)
        self.settle()

    def _put(self, points: int, key: LotKey) -> None:
        lot = self.lots.setdefault(key, Lot(key, opened=key.opens_on == AT_ONCE))
        lot.granted += points
        lot.remaining += points
        self.writes.lot_uses["granted", key] += points

    def _open_lots(self) -> int:
        opened = 0
        for lot in self.in_order():
            if not lot.opened and lot.key.opens_on <= self.today:
                lot.opened = True
                if lot.remaining:
                    opened += lot.remaining
                    self.move("pending", "available", lot.remaining, "opened", {}, lot.key.expires_on)
                    self._join(lot)
        return opened

    def _join(self, lot: Lot) -> None:
        """Move what has opened into the lot of points that lapse on the same day, so that a member keeps few lots."""
        if lot.key.opens_on == AT_ONCE or lot.key.expires_on <= self.today:
            return
        self.hand_over(lot, lot.key._replace(opens_on=AT_ONCE), lot.remaining, "opened")

    def _lapse_lots(self) -> int:
        lapsed = 0
        for lot in self.in_order():
            if lot.remaining and lot.key.expires_on <= self.today:
                amount = self.shift([(lot, lot.remaining)], "remaining", "expired", "expired")
                self.move("available", "expired", amount, "lapsed", {}, lot.key.expires_on)
                lapsed += amount
        return lapsed

    def _repay_debt(self) -> None:
        if amount := min(self.account.debt, self.account.available):
            self.shift(self.plan(amount), "remaining", "offset_debt", "offset_debt")
            self.move("available", "debt", amount, "debt_repaid", {})

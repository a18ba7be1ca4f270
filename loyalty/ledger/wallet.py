"""A member's points in memory, which the engine loads and a feature's `decide` changes.

The primitives `book`, `grant`, `promise`, `spend`, `restore`, `reverse`, and `hold` with its ends `capture` and `release` move
points. Each changes buckets, lots and entries together, so that they always agree. `transfer` moves points from one member to
another when the two are merged; `extend` and `revive` put off the day on which they lapse; `grow` changes the growth value alone.
Nothing here knows a rule, a clock or a database.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from loyalty.ledger import chain
from loyalty.ledger.account import STORED_AS_OUTFLOW, Account, account_values
from loyalty.ledger.calendar import AT_ONCE
from loyalty.ledger.growth import GROWTH, GrowthRow
from loyalty.ledger.lots import EXTENDED, ORDINARY, Lot, LotKey, LotShare, Quantities, plan_spend
from loyalty.ledger.writes import Entry, MeterKey, Writes


class Reversal(NamedTuple):
    """Where reversed points were taken from. `unrecovered` were not reversed, because the debt would have passed its limit."""

    pending: int
    available: int
    expired: int
    debt: int
    unrecovered: int

    @property
    def points(self) -> int:
        """All points that were reversed."""
        return self.pending + self.available + self.expired + self.debt


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
        held = [(lot, self._lots_loaded.get(lot.key)) for lot in self._in_order()]
        return [(lot, before) for lot, before in held if lot.quantities != before]

    def book(self) -> tuple[int, int]:
        """Open the lots that open by `today`, and lapse those that lapse by then. Returns (opened, lapsed) in points."""
        opened, lapsed = self._open_lots(), self._lapse_lots()
        self._repay_debt()
        return opened, lapsed

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
        for lot, taken in plan_spend(self.lots.values(), points - owed):
            lot.remaining -= taken
            lot.reversed += taken
            self.writes.lot_uses["reversed", lot.key] += taken
        for src, amount in (("available", points - owed), ("debt", owed)):
            if amount:
                self._move(src, "adjusted", amount, reason, detail, None)

    def promise(
        self, points: int, reason: str, detail: dict[str, Any], expires_on: date, opens_on: date
    ) -> None:
        """Add points that can be spent from the day `opens_on` on; `grant` them if that day has come. They count as growth."""
        if opens_on <= self.today:
            self.grant(points, reason, detail, expires_on)
            return
        key = LotKey(expires_on, opens_on, 0)
        lot = self.lots.setdefault(key, Lot(key, opened=False))
        lot.granted += points
        lot.remaining += points
        self.account.growth += points
        self.writes.lot_uses["granted", key] += points
        self._move("issued", "pending", points, reason, detail, expires_on)

    def grow(self, points: int, reason: str) -> None:
        """Add to the growth value without points; take from it if `points` is negative."""
        if points:
            self.account.growth += points
            line = len(self.writes.rows[GROWTH])
            self.writes.add(GROWTH, GrowthRow(line, reason, points))

    def reverse(
        self, shares: Iterable[tuple[LotKey, int]], reason: str, detail: dict[str, Any], *, most_debt: int
    ) -> Reversal:
        """Take back granted points. `shares` has how many of them were granted into each lot, by the key of their grant.

        Pending points go first, then what is left in the lots they were granted into, then what has lapsed there, which counts as
        given back, then points of any other lot by earliest expiry, then debt until the account owes `most_debt`. Growth stays.
        """
        left = dict(shares)
        pending = self._reverse_pending(left, reason, detail)
        own = self._reverse_own(left, reason, detail)
        expired = self._reverse_expired(left, reason, detail)
        rest = sum(left.values())
        other = min(rest, self.account.available)
        self._take_back(plan_spend(self.lots.values(), other), "available", reason, detail)
        debt = min(rest - other, max(most_debt - self.account.debt, 0))
        if debt:
            self._move("debt", "reversed", debt, reason, detail, None)
        return Reversal(pending, own + other, expired, debt, rest - other - debt)

    def spend(self, points: int, reason: str, detail: dict[str, Any]) -> None:
        """Take points, earliest expiry first. Raises ValueError when fewer are available, which `decide` must check before."""
        for lot, taken in plan_spend(self.lots.values(), points):
            lot.remaining -= taken
            lot.spent += taken
            self.writes.lot_uses["spent", lot.key] += taken
        self._move("available", "spent", points, reason, detail, None)

    def restore(self, uses: Iterable[LotShare], reason: str, detail: dict[str, Any]) -> int:
        """Return spent points to the lots they came from. Points of lots that have expired since lapse; returns how many."""
        total = 0
        for key, amount in uses:
            lot = self.lots[key]
            lot.spent -= amount
            lot.remaining += amount
            self.writes.lot_uses["restored", key] += amount
            total += amount
        self._move("spent", "available", total, reason, detail, None)
        lapsed = self._lapse_lots()
        self._repay_debt()
        return lapsed

    def hold(self, points: int, reason: str, detail: dict[str, Any]) -> None:
        """Set points aside, earliest expiry first. Raises ValueError when fewer are available, which `decide` must check before."""
        for lot, taken in plan_spend(self.lots.values(), points):
            lot.remaining -= taken
            lot.held += taken
            self.writes.lot_uses["held", lot.key] += taken
        self._move("available", "held", points, reason, detail, None)

    def capture(self, uses: Iterable[LotShare], reason: str, detail: dict[str, Any]) -> None:
        """Spend held points, also those of lots that have expired since they were set aside."""
        total = 0
        for key, amount in uses:
            lot = self.lots[key]
            lot.held -= amount
            lot.spent += amount
            self.writes.lot_uses["captured", key] += amount
            total += amount
        self._move("held", "spent", total, reason, detail, None)

    def release(self, uses: Iterable[LotShare], reason: str, detail: dict[str, Any]) -> int:
        """Return held points to the lots they came from. Points of lots that have expired since lapse; returns how many."""
        total = 0
        for key, amount in uses:
            lot = self.lots[key]
            lot.held -= amount
            lot.remaining += amount
            self.writes.lot_uses["released", key] += amount
            total += amount
        self._move("held", "available", total, reason, detail, None)
        lapsed = self._lapse_lots()
        self._repay_debt()
        return lapsed

    def transfer(
        self, key: LotKey, points: int, reason: str, detail: dict[str, Any], *, spent: bool = False
    ) -> None:
        """Add points that another member had in a lot of that key, with their growth; take them away if `points` is negative.

        `spent` points have paid for something that moves along, so that they can be restored. Call `book` after the last transfer.
        """
        lot = self.lots.setdefault(key, Lot(key, opened=key.opens_on <= self.today))
        lot.granted += points
        self.account.growth += points
        self.writes.lot_uses["moved_in" if points > 0 else "moved_out", key] += abs(points)
        if spent:
            lot.spent += points
            self.writes.lot_uses["spent" if points > 0 else "restored", key] += abs(points)
            self._move_signed("issued", "spent", points, reason, detail, None)
        else:
            lot.remaining += points
            bucket = "available" if lot.opened else "pending"
            self._move_signed("issued", bucket, points, reason, detail, key.expires_on)

    def transfer_growth(self, points: int, reason: str, detail: dict[str, Any]) -> None:
        """Add the growth of points that another member has used up; take it away if `points` is negative."""
        self.account.growth += points
        self._move_signed("issued", "adjusted", points, reason, detail, None)

    def transfer_debt(self, points: int, reason: str, detail: dict[str, Any]) -> None:
        """Add points that another member owes; take them away if `points` is negative."""
        self._move_signed("debt", "adjusted", points, reason, detail, None)

    def to_extend(self, gone_on: date, *, lapsed: bool = False) -> int:
        """Points that `extend` would put off, or those that `revive` would if they have lapsed."""
        lots = self._of_day(gone_on)
        return sum(lot.expired if lapsed else lot.remaining for lot in lots)

    def extend(self, gone_on: date, to: date) -> int:
        """Make what remains in the lots that lapse on `gone_on` lapse on `to`, once; how many points. No bucket changes."""
        total = 0
        for lot in self._of_day(gone_on):
            total += lot.remaining
            self._put_off(lot, lot.remaining, to)
        return total

    def revive(self, gone_on: date, to: date, reason: str, detail: dict[str, Any]) -> int:
        """Bring back what lapsed on `gone_on` until it lapses on `to`, once; how many points. They repay debt first."""
        total = 0
        for lot in self._of_day(gone_on):
            if not (amount := lot.expired):
                continue
            lot.expired -= amount
            lot.remaining += amount
            self.writes.lot_uses["unexpired", lot.key] += amount
            total += amount
            self._put_off(lot, amount, to)
        self._move("expired", "available", total, reason, detail, to)
        self._repay_debt()
        return total

    def forfeit(self, reason: str, detail: dict[str, Any]) -> int:
        """Take all points that can be spent, for nothing; how many."""
        total = 0
        for lot in self._in_order():
            if lot.opened and lot.remaining:
                total += lot.remaining
                self.writes.lot_uses["forfeited", lot.key] += lot.remaining
                lot.forfeited += lot.remaining
                lot.remaining = 0
        self._move("available", "forfeited", total, reason, detail, None)
        return total

    def _of_day(self, gone_on: date) -> list[Lot]:
        """The opened lots that lapse on a day and were not extended before."""
        return [
            lot
            for lot in self._in_order()
            if lot.opened and lot.key.expires_on == gone_on and lot.key.terms == ORDINARY
        ]

    def _put_off(self, lot: Lot, amount: int, to: date) -> None:
        if not amount:
            return
        key = LotKey(to, AT_ONCE, EXTENDED)
        later = self.lots.setdefault(key, Lot(key, opened=True))
        for one, kind, sign in ((lot, "extended_out", -1), (later, "extended_in", 1)):
            one.granted += sign * amount
            one.remaining += sign * amount
            self.writes.lot_uses[kind, one.key] += amount

    def _add(self, src: str, points: int, reason: str, detail: dict[str, Any], expires_on: date) -> None:
        key = LotKey(expires_on, AT_ONCE, 0)
        lot = self.lots.setdefault(key, Lot(key, opened=True))
        lot.granted += points
        lot.remaining += points
        self.writes.lot_uses["granted", key] += points
        self._move(src, "available", points, reason, detail, expires_on)
        self._lapse_lots()
        self._repay_debt()

    def _open_lots(self) -> int:
        opened = 0
        for lot in self._in_order():
            if not lot.opened and lot.key.opens_on <= self.today:
                lot.opened = True
                if lot.remaining:
                    opened += lot.remaining
                    self._move("pending", "available", lot.remaining, "opened", {}, lot.key.expires_on)
                    self._join(lot)
        return opened

    def _join(self, lot: Lot) -> None:
        """Move what has opened into the lot of points that lapse on the same day, so that a member keeps few lots."""
        if lot.key.opens_on == AT_ONCE or lot.key.expires_on <= self.today:
            return
        key, amount = lot.key._replace(opens_on=AT_ONCE), lot.remaining
        joined = self.lots.setdefault(key, Lot(key, opened=True))
        for one, kind, sign in ((lot, "opened_out", -1), (joined, "opened_in", 1)):
            one.granted += sign * amount
            one.remaining += sign * amount
            self.writes.lot_uses[kind, one.key] += amount

    def _reverse_pending(self, left: dict[LotKey, int], reason: str, detail: dict[str, Any]) -> int:
        lots = [(lot, min(lot.remaining, left[key])) for key in sorted(left) if (lot := self._unopened(key))]
        self._take_back(lots, "pending", reason, detail)
        for lot, amount in lots:
            left[lot.key] -= amount
        return sum(amount for _, amount in lots)

    def _reverse_own(self, left: dict[LotKey, int], reason: str, detail: dict[str, Any]) -> int:
        taken: list[tuple[Lot, int]] = []
        for key in sorted(left):
            for lot in self._own(key):
                amount = min(lot.remaining - sum(n for one, n in taken if one is lot), left[key])
                if lot.opened and amount > 0:
                    taken.append((lot, amount))
                    left[key] -= amount
        self._take_back(taken, "available", reason, detail)
        return sum(amount for _, amount in taken)

    def _reverse_expired(self, left: dict[LotKey, int], reason: str, detail: dict[str, Any]) -> int:
        total = 0
        for key in sorted(left):
            for lot in self._own(key):
                amount = min(lot.expired, left[key])
                if amount:
                    left[key] -= amount
                    total += amount
                    lot.expired -= amount
                    lot.reversed += amount
                    self.writes.lot_uses["unexpired", lot.key] += amount
                    self.writes.lot_uses["reversed", lot.key] += amount
        if total:
            self._move("expired", "reversed", total, reason, detail, None)
        return total

    def _unopened(self, key: LotKey) -> Lot | None:
        lot = self.lots.get(key)
        return lot if lot and not lot.opened and lot.remaining else None

    def _own(self, key: LotKey) -> list[Lot]:
        """The lots that may hold points granted under this key: the lot itself, and the one that it joined when it opened."""
        keys = dict.fromkeys((key, key._replace(opens_on=AT_ONCE)))
        return [self.lots[one] for one in keys if one in self.lots]

    def _take_back(
        self, taken: Iterable[tuple[Lot, int]], bucket: str, reason: str, detail: dict[str, Any]
    ) -> None:
        total = 0
        for lot, amount in taken:
            lot.remaining -= amount
            lot.reversed += amount
            self.writes.lot_uses["reversed", lot.key] += amount
            total += amount
        if total:
            self._move(bucket, "reversed", total, reason, detail, None)

    def _lapse_lots(self) -> int:
        lapsed = 0
        for lot in self._in_order():
            amount = lot.remaining
            if amount and lot.key.expires_on <= self.today:
                lot.remaining = 0
                lot.expired += amount
                lapsed += amount
                self.writes.lot_uses["expired", lot.key] += amount
                self._move("available", "expired", amount, "lapsed", {}, lot.key.expires_on)
        return lapsed

    def _repay_debt(self) -> None:
        amount = min(self.account.debt, self.account.available)
        if not amount:
            return
        for lot, taken in plan_spend(self.lots.values(), amount):
            lot.remaining -= taken
            lot.offset_debt += taken
            self.writes.lot_uses["offset_debt", lot.key] += taken
        self._move("available", "debt", amount, "debt_repaid", {}, None)

    def _in_order(self) -> list[Lot]:
        lots = list(self.lots.values())
        if len(lots) > 1:  # most members have one
            lots.sort(key=lambda lot: lot.key)
        return lots

    def _move_signed(
        self, src: str, dst: str, points: int, reason: str, detail: dict[str, Any], expires_on: date | None
    ) -> None:
        if points > 0:
            self._move(src, dst, points, reason, detail, expires_on)
        if points < 0:
            self._move(dst, src, -points, reason, detail, expires_on)

    def _move(
        self, src: str, dst: str, amount: int, reason: str, detail: dict[str, Any], expires_on: date | None
    ) -> None:
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

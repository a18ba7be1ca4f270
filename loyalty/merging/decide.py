"""Merging a member into another, and splitting them again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loyalty.engine.carry import Carry, Leave
from loyalty.engine.follow_ups import left_key
from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.lots import LotKey, lots_of
from loyalty.ledger.transfers import transfer, transfer_debt, transfer_growth
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import FollowUp, MeterKey
from loyalty.merging import reads, rows
from loyalty.merging.brought import Brought, Moved, MovedLot, MovedMeter, from_text, to_text
from loyalty.merging.commands import Arrival, MergeIn, MergeOut, SplitIn, SplitOut
from loyalty.merging.outcomes import (
    AlreadyMerged,
    MergedIn,
    MergedOut,
    MergedThrough,
    MergeWaits,
    NotMergeable,
    NotMerged,
    SplitBack,
    SplitOff,
)
from loyalty.operations.decide import note_operation

Carries = Mapping[str, Carry]


def decide_merge_out(wallet: Wallet, command: MergeOut, scene: Scene[Any], carries: Carries) -> Outcome:
    """Take everything out of the wallet, and owe it to the member who joined first."""
    if wallet.account.merged_into is not None:
        return AlreadyMerged(wallet.account.merged_into)
    if command.into >= wallet.member_id:
        return NotMergeable("order")
    if scene.recall(reads.TARGET) != "open":
        return NotMergeable("target")
    if wallet.account.held:
        return NotMergeable("held")
    if scene.recall(reads.OWED):
        return MergeWaits()
    detail, leave = {"other_id": command.into}, Leave(command.into)
    facts = {name: carry.give(wallet, scene, leave) for name, carry in carries.items()}
    growth = wallet.account.growth
    lots = tuple(
        _take_lots(wallet, {lot.key: lot.remaining for lot in wallet.lots.values()}, "merged_out", detail)
    )
    lapsed = _take_lapsed(wallet, facts, carries, "merged_out", detail)
    meters = _take_meters(wallet, scene.recall(reads.METERS))
    moved = Moved(lots, wallet.account.debt, wallet.account.growth, meters, lapsed)
    _transfer_rest(wallet, moved, -1, detail)
    wallet.account.status, wallet.account.merged_into = "merged", command.into
    wallet.writes.change(rows.UNMARKED, rows.NothingRow())
    halves = (wallet.member_id, *scene.recall(reads.HALVES))
    _owe(wallet, command.into, MergeIn.name, Brought(moved, halves, facts))
    after = {"into": command.into, "growth": growth}
    note_operation(wallet, command, "merge", by=command.by, reason=command.reason, after=after)
    return MergedOut(command.into, moved, growth, command.reason)


def decide_merge_in(wallet: Wallet, command: MergeIn, scene: Scene[Any], carries: Carries) -> Outcome:
    """Put what the other member had into the wallet, and point to this member whatever led to them."""
    brought = from_text(command.brought)
    growth = _put(wallet, command, brought, scene, carries, "merged_in")
    wallet.account.halves += len(brought.halves)
    for half in brought.halves:
        wallet.writes.add(rows.MERGED_HALVES, rows.HalfRow(half, command.other_id))
    for update in (rows.POINT_IDENTITIES, rows.POINT_CODES, rows.POINT_SESSIONS):
        wallet.writes.change(update, rows.OtherRow(command.other_id))
    _take_over(wallet, scene.recall(reads.PERSON))
    return MergedIn(command.other_id, command.out_no, brought.moved, growth, wallet.available)


def decide_split_out(wallet: Wallet, command: SplitOut, scene: Scene[Any], carries: Carries) -> Outcome:
    """Take back out what the other member brought, as far as it is left; nobody is driven into debt by a mistaken merge."""
    merge = scene.recall(reads.MERGE)
    if merge is None:
        return _not_here(command.other_id, scene.recall(reads.THROUGH))
    detail, leave = {"other_id": command.other_id}, Leave(command.other_id, merge.receipt_no)
    facts = {name: carry.give(wallet, scene, leave) for name, carry in carries.items()}
    before = wallet.account.growth
    lost = _lost(scene, leave, carries)
    brought = _brought(wallet, _without(merge.moved.lots, lost))
    lots = tuple(_take_lots(wallet, brought, "split_out", detail))
    lapsed = _take_lapsed(wallet, facts, carries, "split_out", detail)
    values = scene.recall(reads.METERS)
    meters = {
        key: min(value, values.get(key, 0)) for key, value in _counted(merge.moved, facts, carries).items()
    }
    debt = min(merge.moved.debt, wallet.account.debt)
    rest = min(merge.growth - (before - wallet.account.growth), max(wallet.account.growth, 0))
    moved = Moved(lots, debt, rest, _take_meters(wallet, meters, values), lapsed)
    _transfer_rest(wallet, moved, -1, detail)
    wallet.account.halves -= merge.halves
    wallet.writes.change(rows.SPLITS, rows.SplitRow(command.other_id, wallet.receipt_no))
    _owe(wallet, command.other_id, SplitIn.name, Brought(moved, (), facts))
    spent = max(merge.moved.points - lost.total() - moved.points, 0)
    after = {"other_id": command.other_id, "spent": spent}
    note_operation(wallet, command, "unmerge", by=command.by, reason=command.reason, after=after)
    return SplitOff(command.other_id, moved, before - wallet.account.growth, spent, command.reason)


def decide_split_in(wallet: Wallet, command: SplitIn, scene: Scene[Any], carries: Carries) -> Outcome:
    """Open the account again with what came back, and point to this member whatever led to them before."""
    brought = from_text(command.brought)
    wallet.account.status, wallet.account.merged_into = "open", None
    growth = _put(wallet, command, brought, scene, carries, "split_in")
    for owner_id in (wallet.member_id, *scene.recall(reads.HALVES)):
        wallet.writes.change(rows.GIVE_IDENTITIES, rows.OwnerRow(command.other_id, owner_id))
    for code in scene.recall(reads.CODES):
        wallet.writes.change(rows.GIVE_CODES, rows.CodeRow(code))
    wallet.writes.change(rows.END_SESSIONS, rows.OtherRow(command.other_id))
    return SplitBack(command.other_id, command.out_no, brought.moved, growth, wallet.available)


def _not_here(other_id: int, via_id: int | None) -> Outcome:
    return NotMerged(other_id) if via_id is None else MergedThrough(other_id, via_id)


def _lost(scene: Scene[Any], leave: Leave, carries: Carries) -> Counter[LotKey]:
    """The points that came with the merge and were taken back since, by the lot that they were granted into."""
    found: Counter[LotKey] = Counter()
    for carry in carries.values():
        found.update(carry.lost(scene, leave))
    return found


def _without(lots: Iterable[MovedLot], lost: Counter[LotKey]) -> Iterator[MovedLot]:
    """The lots that came without the points that were lost: of the very lot first, then of any that would lapse on the same day."""
    left = {LotKey(*lot[:3]): lot.points for lot in lots}
    for key, points in lost.items():
        alike = sorted(one for one in left if one.would_lapse_on == key.would_lapse_on)
        rest = points
        for one in sorted(alike, key=lambda one: one != key):
            gone = min(rest, left[one])
            left[one] -= gone
            rest -= gone
    return (MovedLot(*key, points) for key, points in left.items())


def _brought(wallet: Wallet, lots: Iterable[MovedLot]) -> Counter[LotKey]:
    """The points that came with a merge, by the lots they are in now: they may have opened, or been extended."""
    found: Counter[LotKey] = Counter()
    for moved in lots:
        left = moved.points
        for lot in lots_of(wallet.lots, LotKey(*moved[:3])):
            there = min(left, lot.remaining - found[lot.key])
            found[lot.key] += there
            left -= there
    return found


def _counted(moved: Moved, facts: Mapping[str, Any], carries: Carries) -> dict[MeterKey, int]:
    """What a split takes out of each meter: what came with the merge, or what the facts that leave count."""
    counted = {name for carry in carries.values() for name in carry.counted}
    meters = {
        MeterKey(meter.name, meter.period): meter.value for meter in moved.meters if meter.name not in counted
    }
    for name, carry in carries.items():
        if carry.counted and facts[name]:
            meters |= carry.counts(facts[name])
    return meters


def meters_brought(command: Arrival) -> list[MeterKey]:
    """The meters that an arrival adds to."""
    return [MeterKey(meter.name, meter.period) for meter in from_text(command.brought).moved.meters]


def _take_lots(
    wallet: Wallet, most: Mapping[LotKey, int], reason: str, detail: dict[str, Any]
) -> Iterator[MovedLot]:
    """Take out of each lot what remains of it, at most so many points; what was taken, in lot order."""
    for key in sorted(most):
        lot = wallet.lots.get(key)
        points = min(most[key], lot.remaining) if lot else 0
        if points:
            transfer(wallet, key, -points, reason, detail)
            yield MovedLot(*key, points)


def _take_lapsed(
    wallet: Wallet, facts: Mapping[str, Any], carries: Carries, reason: str, detail: dict[str, Any]
) -> tuple[MovedLot, ...]:
    """Take out the lapsed points that go along with the facts that leave; what was taken, in lot order."""
    taken: Counter[LotKey] = Counter()
    for name, carry in carries.items():
        for key, points in sorted(carry.shares(facts[name]).items()):
            for lot in lots_of(wallet.lots, key):
                lapsed = min(lot.expired, points)
                if lapsed:
                    transfer(wallet, lot.key, -lapsed, reason, detail, of="expired")
                    taken[lot.key] += lapsed
                    points -= lapsed
    return tuple(MovedLot(*key, points) for key, points in sorted(taken.items()))


def _take_meters(
    wallet: Wallet, taken: Mapping[MeterKey, int], stored: Mapping[MeterKey, int] | None = None
) -> tuple[MovedMeter, ...]:
    wallet.meters = dict(taken if stored is None else stored)
    moved = tuple(MovedMeter(*key, value) for key, value in sorted(taken.items()) if value)
    for meter in moved:
        wallet.count(MeterKey(meter.name, meter.period), -meter.value)
    return moved


def _put(
    wallet: Wallet, command: Arrival, brought: Brought, scene: Scene[Any], carries: Carries, reason: str
) -> int:
    """Put in what was brought; the growth that came with the points."""
    detail = {"other_id": command.other_id}
    for name, carry in carries.items():
        carry.take(wallet, scene, brought.facts.get(name))
    before = wallet.account.growth
    for lot in brought.moved.lots:
        transfer(wallet, LotKey(*lot[:3]), lot.points, reason, detail)
    for lot in brought.moved.lapsed:
        transfer(wallet, LotKey(*lot[:3]), lot.points, reason, detail, of="expired")
    _transfer_rest(wallet, brought.moved, 1, detail)
    for meter in brought.moved.meters:
        wallet.count(MeterKey(meter.name, meter.period), meter.value)
    wallet.book()
    growth = wallet.account.growth - before
    for name, carry in carries.items():
        carry.settle(wallet, scene, brought.facts.get(name))
    return growth


def _transfer_rest(wallet: Wallet, moved: Moved, sign: int, detail: dict[str, Any]) -> None:
    transfer_growth(wallet, sign * moved.growth, "moved_growth", detail)
    transfer_debt(wallet, sign * moved.debt, "moved_debt", detail)


def _owe(wallet: Wallet, member_id: int, command: str, brought: Brought) -> None:
    payload = {"other_id": wallet.member_id, "out_no": wallet.receipt_no, "brought": to_text(brought)}
    key = left_key(command, wallet.member_id, wallet.receipt_no)
    wallet.writes.follow_ups.insert(0, FollowUp(member_id, key, command, payload))


def _take_over(wallet: Wallet, other: reads.Person | None) -> None:
    """Take over what the other member chose: the nickname where there is none, no notices if either wanted none, consents."""
    if other is None:
        return
    wallet.writes.change(
        rows.MERGE_PERSONS,
        rows.PersonRow(other.member_id, other.nickname, other.nickname_checked, other.notices_opted_out),
    )
    if other.last_seen_on is not None:
        wallet.writes.change(rows.SEEN_BY, rows.SeenRow(other.last_seen_on))
    if other.following is not None and other.changed_at is not None:
        wallet.writes.change(rows.FOLLOWING_OF, rows.FollowingRow(other.following, other.changed_at))
    for consent in other.consents:
        wallet.writes.change(rows.CONSENTS_OF, consent)

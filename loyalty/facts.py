"""Facts of the features: what `load` read of a member, and the new ones a command leaves. Rows name their fields as columns."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from loyalty import chain
from loyalty.lots import LotKey


class CheckInFact(NamedTuple):
    """A stored sign-in."""

    day: date
    streak: int
    points: int


class ReferralFact(NamedTuple):
    """Who invited this member."""

    inviter_id: int
    qualified: bool


class RedemptionFact(NamedTuple):
    """A stored redemption with the lots that paid for it."""

    receipt_no: int
    line: int
    source: str
    item: str
    name: str
    quantity: int
    took_stock: bool
    points: int
    state: str
    expires_on: date
    paid_from: tuple[tuple[LotKey, int], ...]


@dataclass(slots=True)
class Memories:
    """What `load` read of the features, as far as the command needs it."""

    last_check_in: CheckInFact | None = None
    referral: ReferralFact | None = None
    referrals_rewarded: int = 0
    draws_today: dict[str, int] = field(default_factory=dict)
    last_nonce: dict[int, int] = field(default_factory=dict)
    redemption: RedemptionFact | None = None
    notice_keys: frozenset[tuple[str, str]] = frozenset()
    last_seen_on: date | None = None


class Entry(NamedTuple):
    """An entry with its link in the chain."""

    facts: chain.EntryFacts
    link: bytes


class CheckInRow(NamedTuple):
    """A sign-in."""

    day: date
    streak: int
    points: int


class DrawRow(NamedTuple):
    """One spin; `roll` is what the seed gave, `candidate` the prize it fell on, `prize` the one given."""

    round_id: int
    nonce: int
    wheel: str
    day: date
    line: int
    client_seed: str
    roll: int
    candidate: str
    prize: str
    prize_name: str
    level: str
    slot: int
    won: bool
    took_stock: bool
    points: int
    cost_points: int
    odds_version: str


class RedemptionRow(NamedTuple):
    """A voucher got for points or won; `source` is `redeem` or `draw`."""

    line: int
    source: str
    item: str
    name: str
    quantity: int
    took_stock: bool
    points: int
    voucher_code: str
    terms: str
    expires_on: date


class VoucherRow(NamedTuple):
    """Which redemption a code stands for."""

    code: str
    line: int


class CancelledRow(NamedTuple):
    """A redemption given back."""

    receipt_no: int
    line: int
    closed_at: datetime


class ReferralRow(NamedTuple):
    """Who invited this member."""

    inviter_id: int
    bound_at: datetime


class NoticeRow(NamedTuple):
    """Something to be told, at most once for its kind and key."""

    kind: str
    key: str
    payload: dict[str, Any]


class FollowUp(NamedTuple):
    """A command owed to another member: its name, key and own fields."""

    member_id: int
    request_key: str
    command: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Writes:
    """The new facts of one command: what `store` writes beside account and lots."""

    entries: list[Entry] = field(default_factory=list)
    lot_uses: defaultdict[tuple[str, LotKey], int] = field(default_factory=lambda: defaultdict(int))
    check_ins: list[CheckInRow] = field(default_factory=list)
    draws: list[DrawRow] = field(default_factory=list)
    redemptions: list[RedemptionRow] = field(default_factory=list)
    cancelled: list[CancelledRow] = field(default_factory=list)
    vouchers: list[VoucherRow] = field(default_factory=list)
    referrals: list[ReferralRow] = field(default_factory=list)
    qualified: list[datetime] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    notices: list[NoticeRow] = field(default_factory=list)
    stock: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

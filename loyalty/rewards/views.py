"""积分商城: the rewards that points can be exchanged for, and the vouchers that a member has redeemed or won."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tortoise.expressions import Q

from loyalty.engine.pools import pools_left
from loyalty.ledger.balance import balance
from loyalty.ledger.calendar import day_start
from loyalty.ledger.ids import redemption_id
from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.words import number
from loyalty.programme.in_force.live import LiveRules
from loyalty.rewards.numbers import numbers
from loyalty.rewards.old_points import GrantedSince, open_transition, price_of
from loyalty.rewards.rule import Reward, reward_pool
from loyalty.tiers.limits import required_text, tier_names
from loyalty.tiers.views import tier_now
from loyalty.vouchers.state import RedemptionState, redemption_state
from models.features import Redemption
from models.ledger import Lot as LotRow
from models.ledger import LotUse, Receipt


@dataclass(frozen=True)
class RewardView:
    """A reward as this member sees it; `number` is the one it keeps for ever, and `stock_left` None means unlimited.

    `price_points` is their own price of one piece. Where old points pay less, `old_price_until` is the day from which on it is
    `new_price_points`; else both are None. `picture` is an address, where there is a picture.

    `reason` says in Chinese why the member cannot redeem it now; None if they can.
    """

    id: str
    number: int
    name: str
    kind: str
    price_points: int
    price_fen: int
    stock_left: int | None
    eligible: bool
    reason: str | None
    terms: str
    cancel_hours: int
    new_price_points: int | None = None
    old_price_until: date | None = None
    picture: str | None = None


@dataclass(frozen=True)
class RedemptionView:
    """A voucher. `id` is `<receipt>-<line>` within its member; it is void from `expires_on` on.

    The member may cancel it until `cancellable_until`; None: no more, or never.
    """

    id: str
    receipt_no: int
    line: int
    source: str
    name: str
    quantity: int
    points: int
    state: RedemptionState
    voucher: str
    terms: str
    expires_on: date
    created_at: datetime
    cancellable_until: datetime | None

    @property
    def cancellable(self) -> bool:
        """Whether the member may cancel it now."""
        return self.cancellable_until is not None


async def rewards(member_id: int, live: LiveRules, now: datetime) -> list[RewardView]:
    """Every reward of the rules in force, in their order."""
    points = (await balance(member_id, live.day(now))).spendable
    offered = [(reward_pool(reward.id), reward) for reward in live.rules.rewards]
    left = await pools_left({item: reward.stock for item, reward in offered})
    known = await numbers(live.rules.rewards_by_id)
    limited = any(reward.tiers for reward in live.rules.rewards)
    tier = (await tier_now(member_id, live)).id if limited else ""
    prices = await _prices(member_id, live, live.day(now))
    return [
        _reward(known[one.id], one, left[item], points, prices[one.id], _tier_reason(one, tier, live))
        for item, one in offered
    ]


async def reward_in_reach(member_id: int, live: LiveRules, now: datetime, points: int) -> RewardView | None:
    """A reward that the member can redeem now, in exchange for points that will lapse; None if there is none.

    It is the dearest that these `points` pay alone, or else the cheapest that all of the member's points pay.
    """
    if not live.rules.rewards:
        return None
    offered = [one for one in await rewards(member_id, live, now) if one.eligible]
    paid = [one for one in offered if one.price_points <= points]
    if paid:
        return max(paid, key=lambda one: one.price_points)
    return min(offered, key=lambda one: one.price_points, default=None)


def _tier_reason(reward: Reward, tier: str, live: LiveRules) -> str | None:
    if not reward.tiers or tier in reward.tiers:
        return None
    return required_text(tier_names(live.rules.ladder, reward.tiers))


async def _prices(member_id: int, live: LiveRules, today: date) -> Mapping[str, int]:
    """The member's own price of each reward."""
    prices = {reward.id: reward.price_points for reward in live.rules.rewards}
    changed = [(one, old) for one in live.rules.rewards if (old := open_transition(one, today))]
    if not changed:
        return prices
    rows = await LotRow.filter(
        member_id=member_id, remaining__gt=0, expires_on__gt=today, opens_on__lte=today
    )
    lots = [
        Lot(LotKey(row.expires_on, row.opens_on, row.terms), opened=True, remaining=row.remaining)
        for row in rows
    ]
    for day in {old.earned_before for _, old in changed}:
        since = await _granted_since(member_id, day_start(day, live.zone))
        prices |= {
            one.id: price_of(one, lots, 1, today, since) for one, old in changed if old.earned_before == day
        }
    return prices


async def _granted_since(member_id: int, instant: datetime) -> GrantedSince:
    first = await Receipt.filter(member_id=member_id, posted_at__gte=instant).order_by("no").first()
    granted: Counter[date] = Counter()
    if first is not None:
        for use in await LotUse.filter(member_id=member_id, kind="granted", receipt_no__gte=first.no):
            granted[use.expires_on] += use.amount
    return granted


def _reward(
    number_of: int, reward: Reward, left: int | None, points: int, price: int, tier_reason: str | None
) -> RewardView:
    reason, old = tier_reason, reward.old_points if price < reward.price_points else None
    if reason is None and left == 0:
        reason = "已兑完"
    elif reason is None and points < price:
        reason = f"还差 {number(price - points)} 积分"
    return RewardView(
        id=reward.id,
        number=number_of,
        name=reward.name,
        kind=reward.kind,
        price_points=price,
        price_fen=0,
        stock_left=left,
        eligible=reason is None,
        reason=reason,
        terms=reward.terms,
        cancel_hours=reward.cancel_hours,
        new_price_points=reward.price_points if old else None,
        old_price_until=old.until if old else None,
        picture=reward.picture,
    )


async def redemptions(
    member_id: int, live: LiveRules, now: datetime, *, before: tuple[int, int] | None = None, limit: int = 20
) -> list[RedemptionView]:
    """At most `limit` vouchers, newest first, only those before the receipt number and line `before`."""
    found = Redemption.filter(member_id=member_id, state__not="moved")
    if before is not None:
        receipt_no, line = before
        found = found.filter(Q(receipt_no__lt=receipt_no) | Q(receipt_no=receipt_no, line__lt=line))
    rows = await found.order_by("-receipt_no", "-line").limit(limit)
    return [_redemption(row, live, now) for row in rows]


async def count_redemptions(member_id: int) -> int:
    """The number of a member's vouchers, in any state."""
    return await Redemption.filter(member_id=member_id, state__not="moved").count()


async def redemption(
    member_id: int, receipt_no: int, line: int, live: LiveRules, now: datetime
) -> RedemptionView | None:
    """One voucher of this member; None if the member has no such voucher."""
    found = Redemption.filter(member_id=member_id, receipt_no=receipt_no, line=line, state__not="moved")
    row = await found.first()
    return _redemption(row, live, now) if row else None


def _redemption(row: Redemption, live: LiveRules, now: datetime) -> RedemptionView:
    state = redemption_state(row.state, row.expires_on, live.day(now))
    return RedemptionView(
        id=redemption_id(row.receipt_no, row.line),
        receipt_no=row.receipt_no,
        line=row.line,
        source=row.source,
        name=row.name,
        quantity=row.quantity,
        points=row.points,
        state=state,
        voucher=row.voucher_code,
        terms=row.terms,
        expires_on=row.expires_on,
        created_at=row.created_at,
        cancellable_until=_cancellable_until(row, live, now) if state == "issued" else None,
    )


def _cancellable_until(row: Redemption, live: LiveRules, now: datetime) -> datetime | None:
    """The last instant at which the member may cancel; None if it has passed or there never was one."""
    if row.source != "redeem" or row.cancellable_until is None or row.cancellable_until < now:
        return None
    ends: datetime = min(row.cancellable_until, day_start(row.expires_on, live.zone))
    return ends

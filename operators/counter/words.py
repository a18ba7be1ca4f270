"""What staff read when they take a voucher: what to hand over, or why not."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import AccountClosed
from loyalty.vouchers.outcomes import VoucherNotUsable, VoucherUsed

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def outcome_text(outcome: Outcome, zone: ZoneInfo, stores: Mapping[str, str] = NO_NAMES) -> str:
    """The answer to whoever takes a voucher. `stores` has the names of stores by their ids."""
    match outcome:
        case VoucherUsed():
            terms = f"\n{outcome.terms}" if outcome.terms else ""
            return f"核销成功：{outcome.name} ×{outcome.quantity}。{terms}"
        case VoucherNotUsable(state="used", closed_at=datetime() as at):
            used = used_text(at, outcome.used_by, outcome.store, zone, stores)
            return f"这张券（{outcome.name}）{used}"
        case VoucherNotUsable():
            return f"{outcome.name}：{outcome.sentence}"
        case AccountClosed():
            return "这位会员的积分账户已停用，券不能使用。"
        case Refusal():
            return outcome.sentence
    return outcome.code


def used_text(
    at: datetime, by: str | None, store: str | None, zone: ZoneInfo, stores: Mapping[str, str] = NO_NAMES
) -> str:
    """When, by whom and where a voucher was used."""
    where = f"，门店：{stores.get(store, store)}" if store else ""
    return f"在 {at.astimezone(zone):%Y-%m-%d %H:%M} 已经用过了，经手人：{by or '未记下'}{where}。"

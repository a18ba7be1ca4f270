"""The meters of a member's orders and events: how many, how much was paid, and of which months."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from loyalty.ledger.calendar import add_months
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey

MONTHS_BACK: Final = 60
"""Months in a row are counted up to so many."""
ORDERS: Final = "orders"
SPENT: Final = "spent_fen"
ORDER_METERS: Final = (ORDERS, SPENT)
"""The names of the meters that count orders which are not refunded in full, and what stays paid for them."""
REWARDED: Final = MeterKey("rewarded_order")
"""The meter of the highest position among a member's orders, such as the fifth, that a rule has rewarded."""


class OrderMeters(NamedTuple):
    """The meters that one order counts in: the numbers of orders, and what was paid, in fen."""

    orders: tuple[MeterKey, ...]
    spent: tuple[MeterKey, ...]


@lru_cache(maxsize=1_024)
def order_meters(day: date) -> OrderMeters:
    """The meters of an order of this day: orders ever, of the month and of the day; fen ever and of the year."""
    orders = ("", f"{day:%Y-%m}", day.isoformat())
    return OrderMeters(
        tuple(MeterKey(ORDERS, period) for period in orders),
        (MeterKey(SPENT), MeterKey(SPENT, f"{day:%Y}")),
    )


@lru_cache(maxsize=1_024)
def events_of(kind: str) -> MeterKey:
    """The meter of a member's events of a kind."""
    return MeterKey(f"events:{kind}")


def month_meters(day: date) -> list[MeterKey]:
    """The meters of the orders of the months before the one of `day`, latest first."""
    first = day.replace(day=1)
    return [MeterKey(ORDERS, f"{add_months(first, -back):%Y-%m}") for back in range(1, MONTHS_BACK)]


def day_meters(day: date, days: int) -> list[MeterKey]:
    """The meters of the orders of the last `days` days, the present one included."""
    return [MeterKey(ORDERS, (day - timedelta(days=back)).isoformat()) for back in range(days)]


def months_in_a_row(wallet: Wallet, day: date) -> int:
    """The calendar months in a row with an order, up to the month of `day`, in which there is one now."""
    run = 1
    for key in month_meters(day):
        if wallet.meter(key) <= 0:
            break
        run += 1
    return run


def order_days(wallet: Wallet, keys: Sequence[MeterKey]) -> Iterator[date]:
    """The days of earlier orders, each as often as there were orders."""
    for key in keys:
        for _ in range(wallet.meter(key)):
            yield date.fromisoformat(key.period)

"""What an entry did with the points, as a clause in Chinese: how many, out of which lots, and until when they can be used."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from loyalty.ledger.calendar import NEVER
from loyalty.ledger.words import last_day_text, number

MOST_LOTS: Final = 3


class Share(NamedTuple):
    """Points of the lots that lapse on one day."""

    expires_on: date
    points: int


class Movement(NamedTuple):
    """An entry's movement. `shares` are the lots that it took from; empty where it gave, or its receipt took more than once."""

    src: str
    dst: str
    points: int
    expires_on: date | None
    shares: Sequence[Share] = ()

    @property
    def amount(self) -> str:
        """`60 分`."""
        return f"{number(self.points)} 分"


def _usable(moved: Movement) -> str:
    until = _until(moved.expires_on) if moved.expires_on else "有效期不变"
    return f"{moved.amount}{until}"


def _until(expires_on: date) -> str:
    return "长期有效" if expires_on == NEVER else f"可用到{last_day_text(expires_on)}"


def _lapsing(expires_on: date) -> str:
    return "长期有效" if expires_on == NEVER else f"{last_day_text(expires_on)}到期"


def _taken(verb: str) -> Callable[[Movement], str]:
    def clause(moved: Movement) -> str:
        if not 1 <= len(moved.shares) <= MOST_LOTS:
            return f"从最早到期的积分里{verb} {moved.amount}"
        shares = "、".join(f"{_lapsing(one.expires_on)}的 {number(one.points)} 分" for one in moved.shares)
        return f"{verb}{shares}"

    return clause


_CLAUSES: Final[Mapping[tuple[str, str], Callable[[Movement], str]]] = {
    ("issued", "available"): lambda moved: f"得 {_usable(moved)}",
    ("adjusted", "available"): lambda moved: f"得 {_usable(moved)}",
    ("issued", "pending"): lambda moved: f"得 {_usable(moved)}，还没有到账",
    ("pending", "available"): _usable,
    ("expired", "available"): _usable,
    ("spent", "available"): lambda moved: f"{moved.amount}退回原来的批次，有效期不变",
    ("held", "available"): lambda moved: f"{moved.amount}退回原来的批次，有效期不变",
    ("held", "spent"): lambda moved: f"用掉扣住的 {moved.amount}",
    ("available", "spent"): _taken("用掉"),
    ("available", "held"): _taken("扣住"),
    ("available", "adjusted"): _taken("扣掉"),
    ("available", "expired"): lambda moved: f"{moved.amount}{_last_day(moved)}",
    ("available", "forfeited"): lambda moved: f"清掉 {moved.amount}",
    ("pending", "forfeited"): lambda moved: f"清掉还没到账的 {moved.amount}",
    ("available", "reversed"): lambda moved: f"收回 {moved.amount}",
    ("pending", "reversed"): lambda moved: f"收回还没到账的 {moved.amount}",
    ("expired", "reversed"): lambda moved: f"其中 {moved.amount}早已到期，不用再扣",
    ("debt", "reversed"): lambda moved: f"不够的 {moved.amount}记成欠下的积分",
    ("debt", "adjusted"): lambda moved: f"欠下 {moved.amount}",
    ("adjusted", "debt"): lambda moved: f"欠下的 {moved.amount}转走",
    ("available", "debt"): lambda moved: f"还掉 {moved.amount}",
    ("available", "issued"): lambda moved: f"转出 {moved.amount}",
    ("pending", "issued"): lambda moved: f"转出还没到账的 {moved.amount}",
}


def _last_day(moved: Movement) -> str:
    return f"的最后可用日是{last_day_text(moved.expires_on)}" if moved.expires_on else "到期"


def moved_text(moved: Movement) -> str:
    """The clause; for a movement between buckets that members do not see, the amount alone."""
    clause = _CLAUSES.get((moved.src, moved.dst))
    return clause(moved) if clause else moved.amount

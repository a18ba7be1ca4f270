"""The rule of a lucky wheel: its prices, its limits, and the published table of odds."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection
from functools import cached_property
from itertools import accumulate
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from loyalty.ledger.ids import Id
from loyalty.programme.sections import Points, Rule, Title

ODDS_TOTAL_PPM: Final = 1_000_000
PRIZE_VALUE_CAP_FEN: Final = 5_000_000
"""The dearest prize of a lottery-type promotion: 50,000 yuan (Anti-Unfair Competition Law, revised 2025, article 11)."""


def prize_pool(wheel: str, prize: str) -> str:
    """The name of the pool of a limited prize."""
    return f"prize:{wheel}:{prize}"


def shown_subject(wheel: str) -> str:
    """The name under which `shown` keeps the version of the wheel that a member saw."""
    return f"wheel:{wheel}"


class Prize(Rule):
    """A slot of a wheel. `stock` null means unlimited; a limited prize names the `substitute` that is given when it has run out.

    With `may_end_in_nothing` the operator insists on a substitute that is no prize.
    """

    id: Id
    slot: Annotated[int, Field(ge=0, le=63)]
    name: Title
    level: Title
    kind: Literal["points", "voucher", "repair_card", "none"]
    odds_ppm: Annotated[int, Field(ge=0, le=ODDS_TOTAL_PPM)]
    points: Points = 0
    stock: Annotated[int, Field(ge=0)] | None = None
    substitute: Id | None = None
    may_end_in_nothing: bool = False
    value_fen: Annotated[int, Field(ge=0, le=PRIZE_VALUE_CAP_FEN)] = 0
    valid_days: Annotated[int, Field(ge=1, le=3660)] = 90
    terms: str = ""

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if (self.kind == "points") != (self.points > 0):
            raise ValueError(f"prize {self.id}: points belong to kind 'points', and only there")
        if self.stock is not None and self.substitute is None:
            raise ValueError(f"prize {self.id}: a limited prize needs a published substitute")
        return self

    @property
    def won(self) -> bool:
        """Whether the slot has a prize, so that the draw appears among the winners."""
        return self.kind != "none"


class Wheel(Rule):
    """A lucky wheel: at most `draws_per_day` draws per day, of which `free_per_day` are free and the others cost `cost_points`.

    A round ends with the day or the week, and its seed is then revealed. A day is the default: members can check a draw while they
    still remember it, and a seed that leaked would be worth one day's draws.
    """

    id: Id
    name: Title
    cost_points: Points
    free_per_day: Annotated[int, Field(ge=0, le=100)] = 0
    draws_per_day: Annotated[int, Field(ge=1, le=1000)]
    round: Literal["day", "week"] = "day"
    prizes: Annotated[tuple[Prize, ...], Field(min_length=2, max_length=64)]

    @model_validator(mode="after")
    def _table_is_whole(self) -> Self:
        total = sum(prize.odds_ppm for prize in self.prizes)
        if total != ODDS_TOTAL_PPM:
            raise ValueError(f"wheel {self.id}: odds sum to {total} ppm, not {ODDS_TOTAL_PPM}")
        by_id = {prize.id: prize for prize in self.prizes}
        if len(by_id) != len(self.prizes) or len({prize.slot for prize in self.prizes}) != len(self.prizes):
            raise ValueError(f"wheel {self.id}: prize ids and slots must differ")
        for prize in self.prizes:
            if prize.substitute is not None:
                substitute = by_id.get(prize.substitute)
                if substitute is None or substitute.stock is not None:
                    raise ValueError(
                        f"prize {prize.id}: its substitute must be an endless prize of the same wheel"
                    )
        return self

    @cached_property
    def by_slot(self) -> tuple[Prize, ...]:
        """The prizes in the order of the published table."""
        return tuple(sorted(self.prizes, key=lambda prize: prize.slot))

    @cached_property
    def limited_pools(self) -> tuple[str, ...]:
        """The pools of the prizes that can run out."""
        return tuple(prize_pool(self.id, prize.id) for prize in self.prizes if prize.stock is not None)

    def odds_now(self, gone: Collection[str]) -> dict[str, int]:
        """The odds of each prize by id, in millionths, while the prizes `gone` are out: their substitutes take them over.

        They sum to exactly 1,000,000, as the published ones do.
        """
        odds = {prize.id: prize.odds_ppm for prize in self.by_slot}
        for prize in self.by_slot:
            if prize.id in gone and prize.substitute is not None:
                odds[prize.substitute] += odds[prize.id]
                odds[prize.id] = 0
        return odds

    @cached_property
    def limited(self) -> tuple[Prize, ...]:
        """The prizes that can run out, in the order of the published table."""
        return tuple(prize for prize in self.by_slot if prize.stock is not None)

    @cached_property
    def _by_id(self) -> dict[str, Prize]:
        return {prize.id: prize for prize in self.prizes}

    @cached_property
    def _edges(self) -> tuple[int, ...]:
        """For each slot the first roll that lies beyond it."""
        return tuple(accumulate(prize.odds_ppm for prize in self.by_slot))

    def prize(self, prize_id: str) -> Prize:
        """The prize of that id. Raises KeyError when the wheel has none."""
        return self._by_id[prize_id]

    def prize_at(self, roll: int) -> Prize:
        """The prize that a roll in [0, 1,000,000) falls on, by the published table in slot order."""
        if not 0 <= roll < ODDS_TOTAL_PPM:
            raise ValueError(f"roll {roll} is outside the table")
        return self.by_slot[bisect_right(self._edges, roll)]

    @cached_property
    def odds_version(self) -> str:
        """`2-` and 32 hex digits of the SHA-256 of `covered_text`, so that equal wheels have equal versions."""
        return f"2-{hashlib.sha256(self.covered_text.encode()).hexdigest()[:32]}"

    @cached_property
    def covered_text(self) -> str:
        """Everything of the wheel that its version commits to: each value that differs from its default, as sorted JSON.

        Defaults are left out, so that a field which a later program adds does not change the versions of wheels that do not use it.
        """
        values = self.model_dump(mode="json", exclude_defaults=True)
        values["prizes"] = [prize.model_dump(mode="json", exclude_defaults=True) for prize in self.by_slot]
        return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def covered_by(self, odds_version: str) -> str | None:
        """The text that `odds_version` commits to if it is a version of this wheel, else None.

        A version without a format number is of the first format: 16 hex digits over slot, id and odds alone.
        """
        if odds_version == self.odds_version:
            return self.covered_text
        table = "\n".join(sorted(f"{prize.slot}:{prize.id}:{prize.odds_ppm}" for prize in self.prizes))
        return table if hashlib.sha256(table.encode()).hexdigest()[:16] == odds_version else None

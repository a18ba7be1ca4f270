"""The rule of a lucky wheel: its prices, its limits, and the published table of odds."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from loyalty.ledger.ids import Id
from loyalty.ledger.words import odds_text
from loyalty.programme.declaring.better import (
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    NEUTRAL,
    TOGETHER,
    UNKNOWN,
    Better,
)
from loyalty.programme.declaring.faults import Fault, different, items, refuse, what_there_is
from loyalty.programme.declaring.sections import Pieces, Points, Rule, Terms, Title

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

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    slot: Annotated[int, Field(ge=0, le=63), NEUTRAL] = Field(
        title="格子", description="在转盘上的第几格，从 0 数起，各格不同。"
    )
    name: Annotated[Title, UNKNOWN] = Field(title="名称", description="会员看到的名称。")
    level: Annotated[Title, UNKNOWN] = Field(title="奖级", description="如 一等奖、参与奖。")
    kind: Annotated[Literal["points", "voucher", "repair_card", "none"], UNKNOWN] = Field(
        title="种类",
        description="points 积分，voucher 到店出示的券，repair_card 补签卡，none 没有奖品（谢谢参与）。",
    )
    odds_ppm: Annotated[int, Field(ge=0, le=ODDS_TOTAL_PPM), TOGETHER] = Field(
        title="概率", description="百万分之几；一个转盘所有奖品加起来正好是 1000000。"
    )
    points: Annotated[Points, HIGHER_IS_BETTER] = Field(
        default=0, title="积分", description="种类是 points 时送多少积分；别的种类不写。"
    )
    stock: Annotated[Pieces | None, Better("higher", null="best")] = Field(
        default=None, title="库存", description="总共多少份，已经发出的也算在内；不写就是不限量。"
    )
    substitute: Annotated[Id | None, UNKNOWN] = Field(
        default=None, title="发完改送", description="限量的奖品发完后改送哪一项，写它的编号；那一项要不限量。"
    )
    may_end_in_nothing: Annotated[bool, UNKNOWN] = Field(
        default=False,
        title="发完可以没有奖品",
        description="改送的那一项没有奖品（none）时，要写 true 表示确实如此。",
    )
    value_fen: Annotated[int, Field(ge=0, le=PRIZE_VALUE_CAP_FEN), HIGHER_IS_BETTER] = Field(
        default=0, title="价值", description="价值多少分钱（1 元写 100）；法律规定有奖销售的奖品最高 5 万元。"
    )
    valid_days: Annotated[int, Field(ge=1, le=3660), HIGHER_IS_BETTER] = Field(
        default=90, title="有效天数", description="券从抽中那天起多少天内有效。"
    )
    terms: Annotated[Terms, UNKNOWN] = Field(
        default="", title="使用说明", description="写在券上，告诉会员怎么用。"
    )

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        found = []
        if self.kind == "points" and not self.points:
            found.append(Fault(("points",), "种类是 points 的奖品，要写明送多少积分"))
        if self.kind != "points" and self.points:
            found.append(Fault(("points",), f"只有种类是 points 的奖品才写积分，这一项的种类是 {self.kind}"))
        if self.stock is not None and self.substitute is None:
            found.append(Fault(("substitute",), "限量的奖品要写明发完后改送哪一项（substitute）"))
        refuse(found)
        return self

    def losses(self, before: "Prize") -> Iterator[Fault]:
        """Less chance of a prize. A slot without one may become less likely or, with a prize less likely, more so."""
        if self.won and self.odds_ppm < before.odds_ppm:
            yield Fault(("odds_ppm",), f"{odds_text(before.odds_ppm)} → {odds_text(self.odds_ppm)}")

    @property
    def won(self) -> bool:
        """Whether the slot has a prize, so that the draw appears among the winners."""
        return self.kind != "none"


def whole_table(prizes: tuple[Prize, ...]) -> tuple[Prize, ...]:
    """The prizes of a wheel; raises RuleFaults where they are no table of odds."""
    total, found = sum(prize.odds_ppm for prize in prizes), different(prizes, "id")
    if total != ODDS_TOTAL_PPM:
        off = f"{'多' if total > ODDS_TOTAL_PPM else '少'}了 {abs(total - ODDS_TOTAL_PPM):,}"
        found.append(Fault((), f"所有奖品的 odds_ppm 加起来要正好是 1,000,000，现在是 {total:,}，{off}"))
    by_id = {prize.id: prize for prize in prizes}
    for place, prize in enumerate(prizes):
        if prize.substitute is not None and (sentence := _substitute_fault(by_id, prize.substitute)):
            found.append(Fault((place, "substitute"), sentence))
    refuse([*found, *different(prizes, "slot")])
    return prizes


def _substitute_fault(by_id: Mapping[str, Prize], substitute: str) -> str | None:
    if substitute not in by_id:
        return f"这个转盘里没有编号为 {substitute} 的奖品{what_there_is(substitute, by_id)}"
    if by_id[substitute].stock is not None:
        return f"{substitute} 也是限量的，发完就没有可送的了；请改成一项不限量的奖品"
    return None


class Wheel(Rule):
    """A lucky wheel: at most `draws_per_day` draws per day, of which `free_per_day` are free and the others cost `cost_points`.

    A round ends with the day or the week, and its seed is then revealed. A day is the default: members can check a draw while they
    still remember it, and a seed that leaked would be worth one day's draws.
    """

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的名称。")
    cost_points: Annotated[Points, LOWER_IS_BETTER] = Field(
        title="价格", description="抽一次要多少积分；0 表示免费。"
    )
    free_per_day: Annotated[int, Field(ge=0, le=100), HIGHER_IS_BETTER] = Field(
        default=0, title="每天免费次数", description="每天前几次不花积分。"
    )
    draws_per_day: Annotated[int, Field(ge=1, le=1000), HIGHER_IS_BETTER] = Field(
        title="每天次数", description="每天最多抽几次，免费的也算在内。"
    )
    round: Annotated[Literal["day", "week"], UNKNOWN] = Field(
        default="day",
        title="一轮多久",
        description="day 一天一轮，week 一周一轮；一轮结束就公开它的种子，会员可以核对每次抽奖。",
    )
    prizes: Annotated[
        tuple[Prize, ...], Field(min_length=2, max_length=64), AfterValidator(whole_table), HIGHER_IS_BETTER
    ] = Field(title="奖品", description="转盘上的每一格，没有奖品的格子也要写。")
    tiers: Annotated[tuple[Id, ...], items(20), UNKNOWN] = Field(
        default=(), title="限哪些等级", description="只有这些等级的会员能抽，写等级的编号；不写就不限。"
    )

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

"""The lucky wheel, described to the engine."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature, Publication
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept
from loyalty.engine.reads import SharedRows
from loyalty.games.audit import CHECKS, TICKETS, recompute_draws
from loyalty.games.commands import Draw
from loyalty.games.decide import decide
from loyalty.games.objections import objections
from loyalty.games.outcomes import DrawLimitReached, Drawn, OddsChanged, UnknownWheel
from loyalty.games.rounds import last_turned, pool_sizes, turn_rounds
from loyalty.games.rows import DRAWS, LAST_NONCE, OPEN_ROUNDS, draws_of
from loyalty.games.rule import Wheel, prize_pool
from loyalty.games.words import SENTENCES, rule_texts
from loyalty.programme.tickets import tickets_of
from loyalty.shown.rows import LAST_SHOWN
from loyalty.tiers.rows import TIER


def _pools(command: Draw, wheels: Mapping[str, Wheel], _: date) -> dict[str, int | None]:
    wheel = wheels.get(command.wheel)
    return dict.fromkeys(wheel.limited_pools) if wheel else {}


def _pool_names(wheels: Mapping[str, Wheel]) -> dict[str, str]:
    return {
        prize_pool(wheel.id, prize.id): f"转盘「{wheel.name}」的奖品「{prize.name}」的库存"
        for wheel in wheels.values()
        for prize in wheel.limited
    }


def _suppose(command: Draw, wheels: Mapping[str, Wheel], shared: SharedRows) -> tuple[Draw, SharedRows]:
    """The same dice on the other table of odds, to which the member is supposed to have agreed."""
    rounds = {
        wheel: round_._replace(odds_version=wheels[wheel].odds_version) if wheel in wheels else round_
        for wheel, round_ in shared[OPEN_ROUNDS].items()
    }
    return replace(command, as_shown=False, odds_version=None, price_points=None), {
        **shared,
        OPEN_ROUNDS: rounds,
    }


KEPT: Final = Kept(
    table="draw", title="抽奖", why="发奖；抽完以后还能查证每一次有没有按公布的概率", key=("round_id", "nonce"),
    columns={
        "drawn_at": "时间", "wheel": "转盘", "prize_name": "抽中", "won": "是否中奖", "points": "得到积分",
        "cost_points": "花的积分", "client_seed": "你的种子", "round_id": "轮次", "nonce": "这一轮里的第几次",
    },
)  # fmt: skip

FEATURE: Final = Feature(
    "games",
    handlers=(
        Handler(
            Draw,
            decide,
            gives=Drawn,
            reads=(LAST_NONCE, LAST_SHOWN, TIER),
            shared=(OPEN_ROUNDS,),
            meters=lambda command, day: (draws_of(command.wheel, day), tickets_of(command.wheel)),
            pools=_pools,
            suppose=_suppose,
        ),
    ),
    rule=lambda rules: rules.wheels_by_id,
    outcomes=(Drawn, DrawLimitReached, OddsChanged, UnknownWheel),
    tables=(DRAWS,),
    publication=Publication(
        pool_sizes,
        turn_rounds,
        last_turned,
        pool_names=_pool_names,
        objections=lambda wheels: objections(wheels.values()),
    ),
    checks=(*CHECKS, TICKETS),
    recompute={"draws": recompute_draws},
    taken="SELECT 'prize:' || wheel || ':' || prize AS item, count(*) AS pieces FROM draw WHERE took_stock GROUP BY wheel, prize",
    words=SENTENCES,
    texts=lambda rules, empty: rule_texts(rules.wheels_by_id, empty, rules.ladder),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)

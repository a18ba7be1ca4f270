"""The lucky wheel in Chinese: its entries, its rule, its odds."""

from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.games.rule import Wheel
from loyalty.ledger.words import Sentence, number

SENTENCES: Final[Mapping[str, Sentence]] = {
    "draw": Sentence(
        lambda facts: str(facts["name"]),
        lambda facts: f"参加“{facts['name']}”抽奖一次所用的积分。",
    ),
    "prize": Sentence(
        lambda facts: f"抽中“{facts['prize']}”",
        lambda facts: f"在“{facts['name']}”抽中{facts['level']}“{facts['prize']}”。",
    ),
}


def rule_texts(wheels: Mapping[str, Wheel]) -> Iterator[RuleText]:
    """One topic per wheel."""
    for wheel in wheels.values():
        yield RuleText(f"wheel:{wheel.id}", wheel.name, tuple(_sentences(wheel)))


def wheel_rule(wheel: Wheel) -> str:
    """The rules of a wheel in one paragraph."""
    return "".join(_sentences(wheel))


def odds_text(odds_ppm: int) -> str:
    """Millionths as an exact percentage: 125000 → `12.5%`, 3 → `0.0003%`."""
    whole, rest = divmod(odds_ppm, 10_000)
    digits = f"{rest:04}".rstrip("0")
    return f"{whole}.{digits}%" if digits else f"{whole}%"


def _sentences(wheel: Wheel) -> Iterator[str]:
    yield _price(wheel)
    yield f"每人每天最多 {wheel.draws_per_day} 次。"
    table = "、".join(f"{prize.name} {odds_text(prize.odds_ppm)}" for prize in wheel.by_slot)
    yield f"中奖概率：{table}。"
    for prize in wheel.by_slot:
        if prize.stock is not None and prize.substitute is not None:
            substitute = wheel.prize(prize.substitute).name
            yield f"“{prize.name}”共 {number(prize.stock)} 份，发完后抽中改送“{substitute}”。"


def _price(wheel: Wheel) -> str:
    if wheel.cost_points == 0:
        return "每次抽奖免费。"
    cost = f"每次 {number(wheel.cost_points)} 积分。"
    return f"每天前 {wheel.free_per_day} 次免费，之后{cost}" if wheel.free_per_day else cost

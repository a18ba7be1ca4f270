"""The lucky wheel in Chinese: its entries, its rule, its odds."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.games.rule import Prize, Wheel, prize_pool
from loyalty.ledger.words import Sentence, number, odds_text
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.limits import required_text, tier_names

SENTENCES: Final[Mapping[str, Sentence]] = {
    "draw": Sentence(
        lambda facts: str(facts["name"]),
        lambda facts: f"{facts['name']}抽奖 1 次。",
    ),
    "prize": Sentence(
        lambda facts: f"抽中「{facts['prize']}」",
        lambda facts: f"在「{facts['name']}」抽中{facts['level']}「{facts['prize']}」。",
    ),
}


def rule_texts(wheels: Mapping[str, Wheel], empty: Collection[str], ladder: Ladder) -> Iterator[RuleText]:
    """One topic per wheel; `empty` are the pools in which nothing is left."""
    for wheel in wheels.values():
        gone = [prize.id for prize in wheel.limited if prize_pool(wheel.id, prize.id) in empty]
        yield RuleText(f"wheel:{wheel.id}", wheel.name, tuple(_sentences(wheel, gone, ladder)))


def wheel_rule(wheel: Wheel, ladder: Ladder, gone: Collection[str] = ()) -> str:
    """The rules of a wheel in one paragraph, with what holds while the prizes `gone` are out."""
    return "".join(_sentences(wheel, gone, ladder))


def gone_text(wheel: Wheel, gone: Collection[str]) -> str:
    """The prizes that are out, what is given for them, and its odds as they are now; empty if none is out."""
    odds = wheel.odds_now(gone)
    return "".join(
        f"{'、'.join(names)}已发完，抽中{_instead(given)}；现在「{given.name}」的概率是 {odds_text(odds[given.id])}。"
        for given in wheel.by_slot
        if (
            names := [
                f"「{one.name}」" for one in wheel.limited if one.id in gone and one.substitute == given.id
            ]
        )
    )


def _instead(given: Prize) -> str:
    return f"改送「{given.name}」" if given.won else f"按「{given.name}」算，没有奖品"


def _sentences(wheel: Wheel, gone: Collection[str], ladder: Ladder) -> Iterator[str]:
    if wheel.tiers:
        yield f"{required_text(tier_names(ladder, wheel.tiers))}。"
    yield _price(wheel)
    yield f"每人每天最多 {wheel.draws_per_day} 次。"
    table = "、".join(f"{prize.name} {odds_text(prize.odds_ppm)}" for prize in wheel.by_slot)
    yield f"中奖概率：{table}。"
    for given in wheel.by_slot:
        limited = [
            f"{one.name}限 {number(one.stock or 0)} 份" for one in wheel.limited if one.substitute == given.id
        ]
        if limited:
            yield f"{'、'.join(limited)}，发完{_instead(given)}。"
    if told := gone_text(wheel, gone):
        yield told


def _price(wheel: Wheel) -> str:
    if wheel.cost_points == 0:
        return "每次抽奖免费。"
    cost = f"每次 {number(wheel.cost_points)} 积分。"
    return f"每天前 {wheel.free_per_day} 次免费，之后{cost}" if wheel.free_per_day else cost

"""Tables that would mislead members: they are refused at publication, while versions that were published before stay in force."""

from collections.abc import Iterable, Iterator
from typing import Final

from loyalty.games.rule import Prize, Wheel
from loyalty.ledger.words import odds_text

FIRST_PRIZES: Final = ("特等奖", "一等奖", "头等奖", "头奖")
"""Levels that members take for the first prize."""


def objections(wheels: Iterable[Wheel]) -> Iterator[str]:
    """A Chinese sentence for each prize that cannot be what the published table says; it names wheel and prize."""
    for wheel in wheels:
        for prize in wheel.by_slot:
            yield from (f"转盘「{wheel.name}」的「{prize.name}」{told}" for told in _of_prize(wheel, prize))


def _of_prize(wheel: Wheel, prize: Prize) -> Iterator[str]:
    if prize.stock == 0 and prize.odds_ppm:
        yield (
            f"库存是 0，概率却写着 {odds_text(prize.odds_ppm)}：没有人能拿到它。请补上库存，或者把概率改成 0。"
        )
    if prize.substitute is not None and not (prize.may_end_in_nothing or wheel.prize(prize.substitute).won):
        yield (
            f"发完以后，抽中它的人什么也得不到（substitute 是「{wheel.prize(prize.substitute).name}」）。"
            "请换一件有奖的；确实要这样，就给它写上 may_end_in_nothing: true。"
        )
    if prize.won and not prize.odds_ppm:
        if _is_first(wheel, prize):
            yield f"是{prize.level}，概率却是 0：谁也抽不中它。请写上概率，或者去掉这一项。"
        elif prize.id not in {one.substitute for one in wheel.prizes}:
            yield "概率是 0，也不是别的奖品的替代：谁也得不到它。请写上概率，或者去掉这一项。"


def _is_first(wheel: Wheel, prize: Prize) -> bool:
    """Whether the prize is the wheel's first: by its level, or because none is worth more."""
    dearest = max(one.value_fen for one in wheel.prizes)
    return prize.level in FIRST_PRIZES or (prize.value_fen == dearest > 0)

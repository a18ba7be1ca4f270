"""Imported points in Chinese."""

from collections.abc import Mapping
from typing import Final

from loyalty.ledger.words import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "opening_balance": Sentence(lambda _: "期初积分", lambda _: "从原来的会员系统转入的积分。"),
}

"""Given-up points in Chinese."""

from collections.abc import Mapping
from typing import Final

from loyalty.ledger.words import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "erased": Sentence(lambda _: "注销作废", lambda _: "会员注销，剩下的积分作废。"),
}

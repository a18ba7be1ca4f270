"""The outcomes of putting off the day on which points lapse."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import day_text, last_day_text


@dataclass(frozen=True)
class PointsExtended(Result):
    """`points` that would be gone on `expires_on` are now gone on `extended_to`; it cost `price_points`."""

    code = "points_extended"
    moves_points = False  # without a price no bucket changes: the lot uses tell what moved
    expires_on: date
    extended_to: date
    points: int
    price_points: int
    balance: int


@dataclass(frozen=True)
class ExtensionsOff(Refusal):
    """The programme extends no points."""

    code = "extensions_off"
    title = "积分不能延期"
    category = "not_found"

    sentence = "现在积分不能延期。"


@dataclass(frozen=True)
class AlreadyExtended(Refusal):
    """The points of that day were extended before, and once is all."""

    code = "already_extended"
    title = "已经延过期了"
    public_fields = ("expires_on",)
    expires_on: date

    @property
    def sentence(self) -> str:
        """Names the last day on which the points could have been used."""
        return f"原来可用到{last_day_text(self.expires_on)}的积分已经延过一次，不能再延。"


@dataclass(frozen=True)
class TooEarlyToExtend(Refusal):
    """The points can be extended from the day `from_day` on."""

    code = "too_early_to_extend"
    title = "还没到可以延期的时候"
    public_fields = ("expires_on", "from_day")
    expires_on: date
    from_day: date

    @property
    def sentence(self) -> str:
        """Names the first day of an extension."""
        return f"可用到{last_day_text(self.expires_on)}的积分，从{day_text(self.from_day)}起可以延期。"


@dataclass(frozen=True)
class NothingToExtend(Refusal):
    """No points of that day can be extended: they are used up, gone, extended already, or worth no more than the price."""

    code = "nothing_to_extend"
    title = "没有可以延期的积分"
    public_fields = ("expires_on",)
    expires_on: date

    @property
    def sentence(self) -> str:
        """Names the last day on which the points could be used."""
        return f"可用到{last_day_text(self.expires_on)}的积分里没有可以延期的：用完了、过期了、已经延过，或者还不够延期的价格。"

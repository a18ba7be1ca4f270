"""The outcomes of taking a pack."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import number


@dataclass(frozen=True)
class PackTaken(Result):
    """The pack works up to the day before `until`, or until it brought `points` more."""

    code = "pack_taken"
    moves_points = False  # it may be free
    pack: str
    name: str
    until: date
    points: int
    price_points: int
    balance: int


@dataclass(frozen=True)
class UnknownPack(Refusal):
    """The programme has no such pack."""

    code = "unknown_pack"
    title = "没有这种加速包"
    category = "not_found"
    sentence = "现在没有这种加速包。"


@dataclass(frozen=True)
class PackNotForTier(Refusal):
    """The pack is for other tiers."""

    code = "pack_not_for_tier"
    title = "等级不符"
    category = "forbidden"
    public_fields = ("tiers",)
    name: str
    tiers: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Names the tiers that may take it."""
        return f"「{self.name}」只给{'、'.join(self.tiers)}。"


@dataclass(frozen=True)
class PackLimitReached(Refusal):
    """The member has taken as many of this pack as the year allows."""

    code = "pack_limit_reached"
    title = "今年已经领过了"
    public_fields = ("limit",)
    name: str
    limit: int

    @property
    def sentence(self) -> str:
        """Names the limit."""
        return f"「{self.name}」每年最多领 {number(self.limit)} 个，今年的已经领完了。"


@dataclass(frozen=True)
class PackInUse(Refusal):
    """A pack of this kind still works; two at once would not bring more."""

    code = "pack_in_use"
    title = "还有一个没用完"
    public_fields = ("points_left",)
    name: str
    points_left: int

    @property
    def sentence(self) -> str:
        """Names what the pack may still bring."""
        return f"「{self.name}」还有一个没用完，最多还能多得 {number(self.points_left)} 积分，用完再领。"

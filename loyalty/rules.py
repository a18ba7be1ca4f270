"""The rule set: one typed, immutable value that says how the programme plays. Operators write it as YAML or in a form."""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from loyalty.ids import Id

ODDS_TOTAL_PPM = 1_000_000
PRIZE_VALUE_CAP_FEN = 5_000_000
"""The dearest prize of a lottery-type promotion: 50,000 yuan (Anti-Unfair Competition Law, revised 2025, article 11)."""

Points = Annotated[int, Field(ge=0, le=10_000_000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Rule(BaseModel):
    """Base of all rules: strict types, no unknown fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Programme(Rule):
    """What the programme is called."""

    name: Title
    brand: Title


class ExpiryRule(Rule):
    """Points lapse `months` after they were earned, at the end of that month; null means never."""

    months: Annotated[int, Field(ge=1, le=120)] | None


class WelcomeRule(Rule):
    """The new member's gift."""

    points: Points


class LadderStep(Rule):
    """On day `streak` of each cycle the sign-in pays `bonus` on top."""

    streak: Annotated[int, Field(ge=1)]
    bonus: Points


class CheckInRule(Rule):
    """Daily sign-in: `points` each day and a ladder of bonuses that starts again after `cycle_days`."""

    points: Annotated[Points, Field(ge=1)]
    cycle_days: Annotated[int, Field(ge=1, le=366)] = 7
    ladder: tuple[LadderStep, ...] = ()

    @model_validator(mode="after")
    def _ladder_is_fair(self) -> Self:
        steps = [step.streak for step in self.ladder]
        if steps != sorted(set(steps)):
            raise ValueError("check_in.ladder: steps must rise, each once")
        if steps and steps[-1] > self.cycle_days:
            raise ValueError("check_in.ladder: a step lies beyond cycle_days")
        if not _keeping_is_best([self.award(day)[0] for day in range(1, self.cycle_days + 1)]):
            raise ValueError("check_in.ladder: a member would gain by skipping a day")
        return self

    def award(self, streak: int) -> tuple[int, int]:
        """Points of the `streak`-th day in a row, and how much of it is bonus."""
        day = (streak - 1) % self.cycle_days + 1
        bonus = sum(step.bonus for step in self.ladder if step.streak == day)
        return self.points + bonus, bonus

    def next_bonus(self, streak: int) -> tuple[int, int] | None:
        """(bonus points, days to go) of the next step after `streak` days in a row; None without a ladder."""
        for ahead in range(1, self.cycle_days + 1):
            bonus = self.award(streak + ahead)[1]
            if bonus:
                return bonus, ahead
        return None


def _keeping_is_best(awards: Sequence[int]) -> bool:
    """Whether signing in every day earns at least as much as skipping one day and starting again, from any day on."""
    cycle = len(awards)
    for position in range(cycle):
        kept = restarted = 0
        for ahead in range(2 * cycle):
            kept += awards[(position + ahead) % cycle]
            restarted += awards[(ahead - 1) % cycle] if ahead else 0
            if restarted > kept:
                return False
    return True


class Prize(Rule):
    """A slot of a wheel. `stock` null is endless; a prize that can run out names the `substitute` given instead."""

    id: Id
    slot: Annotated[int, Field(ge=0, le=63)]
    name: Title
    level: Title
    kind: Literal["points", "voucher", "none"]
    odds_ppm: Annotated[int, Field(ge=0, le=ODDS_TOTAL_PPM)]
    points: Points = 0
    stock: Annotated[int, Field(ge=0)] | None = None
    substitute: Id | None = None
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
        """Whether it is worth announcing."""
        return self.kind != "none"


class Wheel(Rule):
    """A lucky wheel: each draw costs `cost_points` after `free_per_day` free ones, at most `draws_per_day` a day."""

    id: Id
    name: Title
    cost_points: Points
    free_per_day: Annotated[int, Field(ge=0, le=100)] = 0
    draws_per_day: Annotated[int, Field(ge=1, le=1000)]
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

    def prize(self, prize_id: str) -> Prize:
        """The prize of that id. Raises KeyError when the wheel has none."""
        return {prize.id: prize for prize in self.prizes}[prize_id]

    def prize_at(self, roll: int) -> Prize:
        """The prize that a roll in [0, 1,000,000) falls on, by the published table in slot order."""
        edge = 0
        for prize in sorted(self.prizes, key=lambda prize: prize.slot):
            edge += prize.odds_ppm
            if roll < edge:
                return prize
        raise ValueError(f"roll {roll} is outside the table")

    @property
    def odds_version(self) -> str:
        """Sixteen hex digits of the SHA-256 of the published table: the same table, the same version."""
        table = [f"{prize.slot}:{prize.id}:{prize.odds_ppm}" for prize in self.prizes]
        return hashlib.sha256("\n".join(sorted(table)).encode()).hexdigest()[:16]


class Reward(Rule):
    """Something to exchange points for. `stock` null is endless; the voucher is valid for `valid_days`."""

    id: Id
    name: Title
    kind: Literal["voucher"]
    price_points: Annotated[Points, Field(ge=1)]
    stock: Annotated[int, Field(ge=0)] | None = None
    valid_days: Annotated[int, Field(ge=1, le=3660)] = 90
    terms: str = ""


class ReferralStep(Rule):
    """With the `qualified`-th qualified friend the inviter gets `bonus` on top, once."""

    qualified: Annotated[int, Field(ge=1)]
    bonus: Points


class ReferralRule(Rule):
    """What a qualified friend earns both sides; off unless the operator switched it on.

    WeChat bans rewarded sharing, so nothing is ever paid for the act of sharing or following; even a reward for a friend's own
    first sign-in is the operator's deliberate choice.
    """

    enabled: bool = False
    inviter_points: Points = 0
    friend_points: Points = 0
    ladder: tuple[ReferralStep, ...] = ()


@dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class Tier:
    """A level reached with `growth` points of growth value. A dataclass, as the API shows it as it is."""

    id: Id
    name: Title
    growth: Annotated[int, Field(ge=0)]
    benefits: tuple[Title, ...] = ()


class Template(Rule):
    """A message template registered at WeChat: its id, and which fact fills each of its typed keys."""

    template_id: str
    fields: dict[str, Literal["brand", "points", "last_day", "tip"]]
    page: str | None = None


class ExpiryNotice(Rule):
    """Warnings before points lapse: ranges of days left, each (from, to) inclusive with from ≥ to."""

    template: Template | None = None
    ranges_days: tuple[tuple[int, int], ...] = ((30, 8), (7, 2), (1, 1))

    @model_validator(mode="after")
    def _ranges_fall(self) -> Self:
        edges = [edge for pair in self.ranges_days for edge in pair]
        if edges != sorted(edges, reverse=True) or any(edge < 1 for edge in edges):
            raise ValueError("notices.expiry.ranges_days: ranges must fall and not reach below one day")
        return self


class WakeUpNotice(Rule):
    """Waking members silent for `silent_days`: by subscribe message, else by an official-account template if one is named."""

    silent_days: Annotated[int, Field(ge=1, le=3660)] = 30
    subscribe: Template | None = None
    template: Template | None = None


class Notices(Rule):
    """What the clock's door tells members."""

    expiry: ExpiryNotice = ExpiryNotice()
    wake_up: WakeUpNotice = WakeUpNotice()


class RuleSet(Rule):
    """All rules of the programme. Validation names what is wrong; an invalid set is never stored."""

    programme: Programme
    expiry: ExpiryRule
    welcome: WelcomeRule
    check_in: CheckInRule
    wheels: tuple[Wheel, ...] = ()
    rewards: tuple[Reward, ...] = ()
    referral: ReferralRule = ReferralRule()
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    notices: Notices = Notices()

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        for what, ids in (
            ("wheels", [wheel.id for wheel in self.wheels]),
            ("rewards", [reward.id for reward in self.rewards]),
            ("tiers", [tier.id for tier in self.tiers]),
        ):
            if len(ids) != len(set(ids)):
                raise ValueError(f"{what}: ids must differ")
        growths = [tier.growth for tier in self.tiers]
        if growths[0] != 0 or growths != sorted(set(growths)):
            raise ValueError("tiers: the first starts at 0 and each lies above the one before")
        return self

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the rules as JSON with sorted keys: the same rules, the same digest."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def wheel(self, wheel_id: str) -> Wheel | None:
        """The wheel of that id, if any."""
        return next((wheel for wheel in self.wheels if wheel.id == wheel_id), None)

    def reward(self, reward_id: str) -> Reward | None:
        """The reward of that id, if any."""
        return next((reward for reward in self.rewards if reward.id == reward_id), None)

    def tiers_at(self, growth: int) -> tuple[Tier, Tier | None]:
        """The highest tier reached with this growth value, and the one above it, if any."""
        reached = self.tiers[0]
        for tier in self.tiers:
            if tier.growth > growth:
                return reached, tier
            reached = tier
        return reached, None

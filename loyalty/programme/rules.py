"""The rule set: one typed, immutable value with all rules of the programme. Operators write it as YAML or in a form.

It is composed of the features' sections, and checks what a section cannot check alone. Dictionaries by id are built once per rule
set, and `live` parses a rule set once per digest.
"""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from loyalty.checkin.repair.rule import RepairRule
from loyalty.checkin.rule import CheckInRule
from loyalty.expiry.rule import ExpiryNotice, ExpiryRule
from loyalty.games.rule import Wheel
from loyalty.programme.quiet_hours import QuietHours
from loyalty.programme.sections import Rule, Title
from loyalty.referral.rule import ReferralRule
from loyalty.rewards.rule import Reward
from loyalty.tiers import Tier
from loyalty.wakeup import WakeUpNotice
from loyalty.welcome import WelcomeRule


class Programme(Rule):
    """The names of the programme and of the brand, and what 人工 answers; without it the chat is handed to human agents."""

    name: Title
    brand: Title
    customer_service: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


class Notices(Rule):
    """The rules of the notices that jobs write. With `quiet_hours` null they are sent at any hour, as soon as they are written."""

    quiet_hours: QuietHours | None = QuietHours()
    expiry: ExpiryNotice = ExpiryNotice()
    wake_up: WakeUpNotice = WakeUpNotice()


class RuleSet(Rule):
    """All rules of the programme. Validation names each fault; an invalid rule set is never stored."""

    programme: Programme
    expiry: ExpiryRule
    welcome: WelcomeRule
    check_in: CheckInRule
    repair: RepairRule | None = None
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

    @cached_property
    def digest(self) -> str:
        """The digest of the rules as this program writes them, so that equal rules have equal digests."""
        return digest_of(self.model_dump(mode="json"))

    @cached_property
    def wheels_by_id(self) -> dict[str, Wheel]:
        """The wheels by their ids."""
        return {wheel.id: wheel for wheel in self.wheels}

    @cached_property
    def rewards_by_id(self) -> dict[str, Reward]:
        """The rewards by their ids."""
        return {reward.id: reward for reward in self.rewards}

    def wheel(self, wheel_id: str) -> Wheel | None:
        """The wheel of that id, if any."""
        return self.wheels_by_id.get(wheel_id)

    def reward(self, reward_id: str) -> Reward | None:
        """The reward of that id, if any."""
        return self.rewards_by_id.get(reward_id)


def digest_of(body: object) -> str:
    """SHA-256, in hex, of a rule set's JSON with sorted keys: what is stored, also if an earlier program wrote fewer fields."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""The rule set: one typed, immutable value with all rules of the programme. Operators write it as YAML or in a form.

It is composed of the features' sections, and checks what a section cannot check alone. Dictionaries by id are built once per rule
set, and `live` parses a rule set once per digest.
"""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from loyalty.cases.rule import RiskRule
from loyalty.checkin.repair.rule import RepairRule
from loyalty.checkin.rule import CheckInRule
from loyalty.deductions.rule import DeductionRule
from loyalty.earning.orders.rule import Refunds
from loyalty.earning.packs.rule import Pack, pack_faults
from loyalty.earning.rules.faults import Named, earning_faults
from loyalty.earning.rules.rule import EarningRule, EventType, Stacking, Store
from loyalty.earning.rules.shown_names import ShownNames
from loyalty.expiry.rule import ExpiryRule
from loyalty.games.rule import Wheel
from loyalty.missions.possible import mission_faults
from loyalty.missions.rule import Mission, by_action
from loyalty.numbers.rule import Figures
from loyalty.polls.rule import Poll
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, NEUTRAL, Better
from loyalty.programme.declaring.faults import Fault, different, is_stored, items, refuse
from loyalty.programme.declaring.sections import Rule
from loyalty.programme.general.sections import Notices, Programme, notice_faults
from loyalty.referral.rule import ReferralRule
from loyalty.rewards.rule import Reward
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.rule import Tier, TierReview, ladder_faults, review_faults, unknown_tiers
from loyalty.welcome import WelcomeRule

I = TypeVar("I", Wheel, Reward, Store, EventType, EarningRule, Mission, Pack, Poll)  # noqa: E741  # items with ids


def ids_differ(values: tuple[I, ...]) -> tuple[I, ...]:
    """Values with different ids; raises RuleFaults for others."""
    refuse(different(values, "id"))
    return values


class RuleSet(Rule):
    """All rules of the programme. Validation names each fault; an invalid rule set is never stored."""

    programme: Annotated[Programme, NEUTRAL] = Field(title="计划", description="积分计划和品牌的名称。")
    expiry: ExpiryRule = Field(title="有效期", description="积分多久到期。")
    welcome: WelcomeRule = Field(title="新人礼", description="新会员得到的积分。")
    check_in: CheckInRule = Field(title="签到", description="每天签到的积分和连签奖励。")
    repair: Annotated[RepairRule | None, Better("higher", null="worst")] = Field(
        default=None, title="补签", description="补签漏掉的一天；不写就没有补签。"
    )
    wheels: Annotated[tuple[Wheel, ...], items(200), AfterValidator(ids_differ), HIGHER_IS_BETTER] = Field(
        default=(), title="转盘", description="幸运大转盘，可以有几个；不写就没有抽奖。"
    )
    rewards: Annotated[tuple[Reward, ...], items(5000), AfterValidator(ids_differ), HIGHER_IS_BETTER] = Field(
        default=(), title="礼品", description="可以用积分兑换的礼品，按这里的先后排列。"
    )
    deductions: Annotated[DeductionRule | None, Better("higher", null="worst")] = Field(
        default=None, title="积分抵现", description="付款时用积分抵现金；不写就不能抵。"
    )
    referral: ReferralRule = Field(
        default=ReferralRule(), title="邀请", description="邀请好友的奖励；不写就没有奖励。"
    )
    tiers: Annotated[
        tuple[Tier, ...], Field(min_length=1), items(500), AfterValidator(ladder_faults), HIGHER_IS_BETTER
    ] = Field(title="等级", description="会员等级，从低到高写。")
    tier_review: Annotated[TierReview | None, Better("unknown", null="best")] = Field(
        default=None,
        title="等级评定",
        description="等级连同历史一起保存，定期评定；不写就按现在的成长值算等级，不保存历史。",
    )
    notices: Annotated[Notices, NEUTRAL] = Field(
        default=Notices(), title="提醒", description="到期提醒和久未来访的问候。"
    )
    stores: Annotated[tuple[Store, ...], items(5000), AfterValidator(ids_differ), HIGHER_IS_BETTER] = Field(
        default=(), title="门店", description="会上报消费的门店；不写就没有门店。"
    )
    events: Annotated[tuple[EventType, ...], items(200), AfterValidator(ids_differ), HIGHER_IS_BETTER] = (
        Field(default=(), title="事件", description="可以上报哪些事件，如消费、评价；没有写的种类会被拒绝。")
    )
    names: Annotated[ShownNames, NEUTRAL] = Field(
        default=ShownNames(), title="中文名", description="规则里用到的渠道、人群、社群，会员看到的名称。"
    )
    earning: Annotated[tuple[EarningRule, ...], items(500), AfterValidator(ids_differ), HIGHER_IS_BETTER] = (
        Field(default=(), title="赚积分", description="什么事件得多少积分，一条规则一项，按这里的先后计算。")
    )
    stacking: Stacking = Field(
        default=Stacking(), title="倍数叠加", description="几条翻倍的规则同时成立时怎么算。"
    )
    packs: Annotated[tuple[Pack, ...], items(50), AfterValidator(ids_differ), HIGHER_IS_BETTER] = Field(
        default=(), title="加速包", description="会员可以领的积分加速包；不写就没有。"
    )
    refunds: Refunds = Field(default=Refunds(), title="退款", description="退款时怎么收回积分。")
    missions: Annotated[tuple[Mission, ...], items(50), AfterValidator(ids_differ), HIGHER_IS_BETTER] = Field(
        default=(), title="任务", description="做满几件事就有奖励的任务，按这里的先后排列；不写就没有。"
    )
    polls: Annotated[tuple[Poll, ...], items(50), AfterValidator(ids_differ), HIGHER_IS_BETTER] = Field(
        default=(), title="投票", description="请会员选一项的投票，每人一票，结果公开；不写就没有。"
    )
    risk: Annotated[RiskRule | None, Better("higher", null="best")] = Field(
        default=None,
        title="风控",
        description="一位会员短时间花积分太多时，暂停花积分、开一个案件等人审核；不写就不自动暂停。",
    )
    figures: Annotated[Figures, NEUTRAL] = Field(
        default=Figures(),
        title="经营数据",
        description="积分成本、行业参考和会员分层的标准，只用来算数据，会员看不到。",
    )

    @field_validator("stacking")
    @classmethod
    def _cap_covers_every_factor(cls, stacking: Stacking, info: ValidationInfo) -> Stacking:
        """Members read each rule's factor, so none may be cut by the cap when it stands alone."""
        rules: tuple[EarningRule, ...] = () if is_stored(info) else info.data.get("earning", ())
        above = [rule for rule in rules if rule.factor > stacking.cap]
        refuse([
            Fault(("cap",), f"规则 {rule.id} 是 {rule.multiply} 倍，会员读到的也是，所以封顶不能比它小")
            for rule in above
        ])  # fmt: skip
        return stacking

    @field_validator("wheels")
    @classmethod
    def _welcome_has_its_wheel(cls, wheels: tuple[Wheel, ...], info: ValidationInfo) -> tuple[Wheel, ...]:
        welcome: WelcomeRule | None = info.data.get("welcome")
        ticket = welcome.ticket if welcome and not is_stored(info) else None
        if ticket is not None and ticket not in {wheel.id for wheel in wheels}:
            refuse([Fault((), f"新人礼送的抽奖用的转盘 {ticket} 不在这里")])
        return wheels

    @field_validator("rewards")
    @classmethod
    def _unlocked_are_there(cls, rewards: tuple[Reward, ...], info: ValidationInfo) -> tuple[Reward, ...]:
        check_in: CheckInRule | None = info.data.get("check_in")
        for step in check_in.ladder if check_in and not is_stored(info) else ():
            found = [one for one in rewards if one.id == step.unlock]
            if step.unlock is not None and not found:
                refuse([Fault((), f"签到解锁的礼品 {step.unlock} 不在这里")])
            if any(one.stock is not None for one in found):
                refuse([Fault((rewards.index(found[0]), "stock"), "签到解锁的礼品要不限量，请去掉库存")])
        return rewards

    @field_validator("missions")
    @classmethod
    def _missions_are_possible(
        cls, missions: tuple[Mission, ...], info: ValidationInfo
    ) -> tuple[Mission, ...]:
        if not is_stored(info) and {"wheels", "rewards", "events"} <= info.data.keys():
            refuse(list(mission_faults(missions, info.data)))
        return missions

    @field_validator("notices")
    @classmethod
    def _brand_fits(cls, notices: Notices, info: ValidationInfo) -> Notices:
        if not is_stored(info) and "programme" in info.data:
            refuse(list(notice_faults(notices, info.data["programme"].brand)))
        return notices

    @field_validator("earning")
    @classmethod
    def _earning_fits(cls, earning: tuple[EarningRule, ...], info: ValidationInfo) -> tuple[EarningRule, ...]:
        if not is_stored(info) and {"tiers", "stores", "events"} <= info.data.keys():
            named = Named(
                {one.id: one for one in info.data["events"]},
                {one.id: one for one in info.data["stores"]},
                [one.id for one in info.data["tiers"]],
            )
            refuse(list(earning_faults(earning, named)))
        return earning

    @field_validator("packs")
    @classmethod
    def _packs_fit(cls, packs: tuple[Pack, ...], info: ValidationInfo) -> tuple[Pack, ...]:
        if not is_stored(info) and {"tiers", "events", "earning"} <= info.data.keys():
            events = {one.id: one for one in info.data["events"]}
            tiers = [one.id for one in info.data["tiers"]]
            refuse(list(pack_faults(packs, info.data["earning"], events, tiers)))
        return packs

    @cached_property
    def packs_by_id(self) -> dict[str, Pack]:
        """The packs by their ids."""
        return {pack.id: pack for pack in self.packs}

    @cached_property
    def earning_by_id(self) -> dict[str, EarningRule]:
        """The earning rules by their ids."""
        return {rule.id: rule for rule in self.earning}

    @model_validator(mode="after")
    def _tiers_fit(self) -> Self:
        refuse(
            [
                Fault(("tiers", *fault.where), fault.sentence)
                for fault in review_faults(self.tiers, self.tier_review)
            ]
            + [
                Fault((section, place, "tiers", *fault.where), fault.sentence)
                for section in ("wheels", "rewards", "missions")
                for place, item in enumerate(getattr(self, section))
                for fault in unknown_tiers(item.tiers, self.tiers)
            ]
        )
        return self

    @cached_property
    def ladder(self) -> Ladder:
        """The tiers with their review."""
        return Ladder(self.tiers, self.tier_review)

    @cached_property
    def digest(self) -> str:
        """The digest of the rules as this program writes them, so that equal rules have equal digests."""
        return digest_of(self.model_dump(mode="json"))

    @cached_property
    def wheels_by_id(self) -> dict[str, Wheel]:
        """The wheels by their ids."""
        return {wheel.id: wheel for wheel in self.wheels}

    @cached_property
    def polls_by_id(self) -> dict[str, Poll]:
        """The polls by their ids."""
        return {poll.id: poll for poll in self.polls}

    @cached_property
    def missions_by_action(self) -> dict[str, tuple[Mission, ...]]:
        """The missions by the actions that count for them."""
        return by_action(self.missions)

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

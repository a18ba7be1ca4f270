"""What brought or took points, as the dimension `rule`, and the campaign it belongs to, as the dimension `campaign`.

A rule is written as `<kind>:<id>`, or as its kind alone where there is only one. Earning rules with dates, packs, wheels, missions
and polls are campaigns; signing in or buying is none.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from loyalty.programme.rules import RuleSet

Detail = Mapping[str, Any]

BY_REASON: Final[Mapping[str, Callable[[Detail], str]]] = {
    "event": lambda _: "event",
    "refund": lambda _: "event",
    "check_in_bonus": lambda _: "check_in",
    "mission": lambda detail: f"mission:{detail['mission']}",
    "mission_bonus": lambda detail: f"mission:{detail['mission']}",
    "poll": lambda detail: f"poll:{detail['poll']}",
    "draw": lambda detail: f"wheel:{detail['wheel']}",
    "prize": lambda detail: f"wheel:{detail['wheel']}",
    "redeem": lambda detail: f"reward:{detail['reward']}",
    "pack": lambda detail: f"pack:{detail['pack']}",
    "deduction_held": lambda _: "deduction",
    "deduction_captured": lambda _: "deduction",
    "deduction_released": lambda _: "deduction",
    "referral_friend": lambda _: "referral",
    "referral_inviter": lambda _: "referral",
    "referral_ladder": lambda _: "referral",
}
"""The rule of an entry by its reason; a reason that is not here is a rule of its own."""
CAMPAIGNS: Final = ("mission", "pack", "poll", "wheel")
NAMES: Final[Mapping[str, str]] = {
    "": "不分规则",
    "event": "消费等事件",
    "earn": "赚积分规则",
    "check_in": "签到",
    "check_in_repair": "补签奖励",
    "repair_card": "补签",
    "mission": "任务",
    "poll": "投票",
    "wheel": "抽奖",
    "reward": "兑换礼品",
    "prize": "抽奖奖品",
    "pack": "加速包",
    "deduction": "积分抵现",
    "referral": "邀请好友",
    "welcome": "新人礼",
    "adjusted": "人工调整",
    "opening_balance": "期初导入",
    "extension": "延期",
    "points_revived": "补办延期",
    "lapsed": "到期",
    "forfeited": "久未来访清零",
    "erased": "注销作废",
    "cancel": "取消兑换",
    "debt_repaid": "补扣欠分",
}
"""The title of each kind of rule."""


def rule_of(reason: str, detail: Detail) -> str:
    """The rule of an entry."""
    known = BY_REASON.get(reason)
    return known(detail) if known else reason


def award_rule(award: str) -> str:
    """The rule of an award for an event: an earning rule, or a pack."""
    return award if award.startswith("pack:") else f"earn:{award}"


def campaign_of(rule: str, rules: RuleSet) -> str:
    """The campaign of a rule under the rule set that governed it; "" for none."""
    kind, _, name = rule.partition(":")
    if kind in CAMPAIGNS:
        return rule
    if kind == "prize":
        return f"wheel:{name.partition(':')[0]}"
    if kind != "earn":
        return ""
    found = next((one for one in rules.earning if one.id == name), None)
    is_limited = found is not None and not (found.from_ is None and found.until is None)
    return rule if is_limited else ""


def rule_title(rule: str, rules: RuleSet) -> str:
    """The Chinese title of a rule or campaign; its id where the rule set no longer has it."""
    kind, _, name = rule.partition(":")
    title = NAMES.get(kind, kind)
    return f"{title}「{_name(kind, name, rules)}」" if name else title


def _name(kind: str, name: str, rules: RuleSet) -> str:
    wheel, _, prize = name.partition(":")
    if kind == "prize":
        return {one.id: one.name for owner in rules.wheels if owner.id == wheel for one in owner.prizes}.get(
            prize, name
        )
    return _names(kind, rules).get(name, name)


def _names(kind: str, rules: RuleSet) -> dict[str, str]:
    """The names by id of what has names of this kind."""
    match kind:
        case "earn":
            return {one.id: one.name for one in rules.earning}
        case "pack":
            return {one.id: one.name for one in rules.packs}
        case "wheel":
            return {one.id: one.name for one in rules.wheels}
        case "mission":
            return {one.id: one.name for one in rules.missions}
        case "reward":
            return {one.id: one.name for one in rules.rewards}
        case "poll":
            return {one.id: one.title for one in rules.polls}
    return {}

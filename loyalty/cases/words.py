"""Chinese sentences about cases, and what members read of the rule."""

from collections.abc import Iterator

from loyalty.cases.commands import Cause
from loyalty.cases.rule import RiskRule
from loyalty.engine.feature import RuleText
from loyalty.ledger.words import number


def cause_text(cause: Cause, found: int, bound: int) -> str:
    """Why a case was opened, for the member and the operator."""
    match cause:
        case "usual":
            return f"一天里花了 {number(found)} 积分，平时一天约 {number(bound)} 积分"
        case "hour_times":
            return f"一小时里花了 {number(found)} 次积分，超过了 {number(bound)} 次"
        case "hour_points":
            return f"一小时里花了 {number(found)} 积分，超过了 {number(bound)} 积分"
        case "day_times":
            return f"一天里花了 {number(found)} 次积分，超过了 {number(bound)} 次"
        case "day_points":
            return f"一天里花了 {number(found)} 积分，超过了 {number(bound)} 积分"


def rule_texts(rule: RiskRule | None) -> Iterator[RuleText]:
    """That spending may stop, and what a member can do then. The limits are not told: nobody is to stay just below them."""
    if rule is not None:
        yield RuleText(
            "risk",
            "账户保护",
            (
                "短时间内花的积分比平时多得多时，为了防止盗用，会暂停花积分，等工作人员核对。",
                "暂停时积分一分不少，签到和得积分照常；可以申诉，核对后会告诉你结果。",
            ),
        )

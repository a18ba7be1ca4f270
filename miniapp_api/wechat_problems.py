"""The problem that a member hears when a call to WeChat failed, with an honest Retry-After."""

from datetime import datetime

from web.problems import Kind, Problem
from wechat.errors import NEEDS_AN_OPERATOR, ApiError, RateLimited, retry_after_s

WECHAT_UNAVAILABLE = Kind("wechat_unavailable", 503, "微信暂时没有回应")


def wechat_problem(error: ApiError, now: datetime, what: str) -> Problem:
    """`what` is the noun of the sentence: it fails for a moment, until the day's quota is renewed, or until an operator acts."""
    headers = {"Retry-After": str(retry_after_s(error, now))}
    if isinstance(error, RateLimited) and error.is_of_the_day:
        return Problem(WECHAT_UNAVAILABLE, f"今天的{what}次数已经用完，请明天再试。", headers=headers)
    if isinstance(error, NEEDS_AN_OPERATOR):
        return Problem(
            WECHAT_UNAVAILABLE, f"{what}暂时用不了，需要工作人员处理，请晚些时候再试。", headers=headers
        )
    return Problem(WECHAT_UNAVAILABLE, f"{what}暂时没有成功，请稍后再试。", headers=headers)

"""/check-ins: sign in for today, and show the calendar of a month."""

import re
from collections.abc import Sequence
from datetime import date

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.checkin.views import MonthView, month
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountAhead, AccountClosed
from loyalty.missions.outcomes import finished
from loyalty.referral.outcomes import friend_gift
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Nothing
from web.operations import Parameter
from web.problems import INVALID, Problem
from web.refusals import accepted, kinds_of

MONTH_PATTERN = r"^(19[7-9]|2[0-9]{2})[0-9]-(0[1-9]|1[0-2])$"
"""Months from 1970-01 on."""


class CheckInAnswer(TypedDict):
    """Today's sign-in: `points` includes `bonus`; the next bonus comes in `next_bonus_in` days.

    `referral_points` is the bonus of an invited member's first sign-in, `mission_points` what missions brought that the sign-in
    finished. Both are paid beside `points`; `balance` includes them.
    """

    day: date
    streak: int
    points: int
    balance: int
    bonus: int
    referral_points: int
    mission_points: int
    next_bonus: int | None
    next_bonus_in: int | None


async def check_in(request: MemberRequest, _: Nothing) -> web.Response:
    """Sign in for today."""
    command = CheckIn(
        **asked_by(request),
    )
    decision = await request.run(command)
    answer = _signed_in(accepted(decision, CheckedIn), decision.consequences)
    return json_answer(answer, status=201, replayed=decision.replayed)


async def show_month(request: MemberRequest) -> web.Response:
    """The calendar of `month`, by default the current month."""
    live = request.caller.live
    year, number = _month_asked(request.http.query.get("month"), live.day(request.now))
    return json_answer(await month(request.caller.member_id, year, number, live, request.now))


def _signed_in(outcome: CheckedIn, consequences: Sequence[Outcome]) -> CheckInAnswer:
    gift, missions = friend_gift(consequences), finished(consequences)
    balances = [outcome.balance, *(one.balance for one in (gift, *missions) if one is not None)]
    return CheckInAnswer(
        day=outcome.day,
        streak=outcome.streak,
        points=outcome.points,
        balance=max(balances),
        bonus=outcome.bonus,
        referral_points=gift.points if gift else 0,
        mission_points=sum(done.points for one in missions for done in one.done),
        next_bonus=outcome.next_bonus,
        next_bonus_in=outcome.next_bonus_in,
    )


def _month_asked(text: str | None, today: date) -> tuple[int, int]:
    if text is None:
        return today.year, today.month
    if not re.fullmatch(MONTH_PATTERN, text):
        raise Problem(INVALID, "month 应写作 YYYY-MM，例如 2026-11。")
    return int(text[:4]), int(text[5:])


OPERATIONS = (
    MEMBER.with_body(
        "POST",
        "/check-ins",
        check_in,
        "签到",
        Nothing,
        CheckInAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(AlreadyCheckedIn, AccountClosed, AccountAhead),
    ),
    MEMBER.get(
        "/check-ins",
        show_month,
        "签到日历",
        MonthView,
        query=(Parameter("month", "YYYY-MM，默认本月", pattern=MONTH_PATTERN),),
        problems=(INVALID,),
    ),
)

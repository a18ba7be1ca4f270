"""The sign-in card: the ladder of streak rewards, the month's calendar, the button."""

import calendar
from datetime import date

from emulator.phone.clients.http_call import Json, Refused
from emulator.phone.elements import icons
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.mini.screen import Mini


def checkin_card(mini: Mini, today: date, me: Json, signed: Json) -> None:
    """Draw the card from `GET /me` and `GET /check-ins`."""
    done = bool(me["check_in"]["today"])
    with box("card", "checkin-card"):
        with box("card-head"):
            with box("card-heading"):
                text("每日签到", "card-title")
                streak = f"已连续 {signed['streak']} 天" if signed["streak"] else "今天开始签到吧"
                text(streak, "card-note", "streak")
            if done:
                text("今日已签到", "pill-button is-done", "btn-checkin")
            else:
                button("签到", "pill-button", lambda: check_in(mini), "btn-checkin")
        _ladder(signed, done)
        _month(today, signed["days"])


async def check_in(mini: Mini) -> None:
    """Sign in and show the points and the streak as a toast."""
    try:
        facts = await mini.api.post_idempotent("/check-ins", {})
    except Refused as refused:
        mini.overlay.toast(str(refused))
        await mini.refresh()
        return
    mini.overlay.toast(f"签到成功，+{facts['points']} 积分 · 连续 {facts['streak']} 天")
    await mini.refresh()


def _ladder(signed: Json, done: bool) -> None:
    steps = signed["ladder"]
    reached = _reached(int(signed["streak"]), len(steps), done)
    with box("ladder", "ladder"):
        for place, step in enumerate(steps, start=1):
            with box("ladder-step" + (" is-done" if place <= reached else "")):
                text(f"+{step['points']}", "ladder-points" + (" is-bonus" if step.get("bonus") else ""))
                text(f"第{step['day']}天", "ladder-day")


def _reached(streak: int, cycle: int, done: bool) -> int:
    """The steps of the present round that the member has done; a full round stays full until the next sign-in."""
    if not cycle or not streak:
        return 0
    rest = streak % cycle
    return cycle if rest == 0 and done else rest


def _month(today: date, days: list[str]) -> None:
    signed = {date.fromisoformat(day) for day in days}
    with box("calendar", "calendar"):
        text(f"{today.year}年{today.month}月", "calendar-title")
        with box("calendar-grid"):
            for weekday in "一二三四五六日":
                text(weekday, "calendar-weekday")
            for day in calendar.Calendar().itermonthdates(today.year, today.month):
                _day(day, today, day in signed)


def _day(day: date, today: date, is_signed: bool) -> None:
    if day.month != today.month:
        text("", "calendar-day")
        return
    classes = "calendar-day" + (" is-today" if day == today else "") + (" is-later" if day > today else "")
    if not is_signed:
        text(str(day.day), classes)
        return
    with box(f"{classes} is-signed"):
        drawing(icons.CHECK)

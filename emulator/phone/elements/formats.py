"""Chinese formats of dates and instants, and the initials of names. All days are days in Shanghai."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"


def local(instant: datetime) -> datetime:
    """The instant in Shanghai time."""
    return instant.astimezone(SHANGHAI)


def day_text(day: date) -> str:
    """`11月3日`."""
    return f"{day.month}月{day.day}日"


def full_day_text(day: date) -> str:
    """`2026年11月3日 星期二`."""
    return f"{day.year}年{day_text(day)} 星期{_WEEKDAYS[day.weekday()]}"


def chat_time_text(instant: datetime, now: datetime) -> str:
    """The grey line between bubbles, as in WeChat: the time alone for today, then with 昨天, the weekday, or the date."""
    then, today = local(instant), local(now).date()
    time = then.strftime("%H:%M")
    age = (today - then.date()).days
    if age == 0:
        return time
    if age == 1:
        return f"昨天 {time}"
    if 1 < age < 7:
        return f"星期{_WEEKDAYS[then.weekday()]} {time}"
    year = f"{then.year}年" if then.year != today.year else ""
    return f"{year}{day_text(then.date())} {time}"


def initial(name: str) -> str:
    """The character shown in an avatar: the last one, because Chinese names begin with the family name."""
    return name[-1:].upper()

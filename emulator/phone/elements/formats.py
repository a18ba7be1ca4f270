"""Chinese formats of dates, instants and numbers. All days are days in Shanghai."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_NEVER = date(9999, 12, 31)


def local(instant: datetime) -> datetime:
    """The instant in Shanghai time."""
    return instant.astimezone(SHANGHAI)


def parsed(instant: str) -> datetime:
    """An ISO 8601 instant of the API, in Shanghai time."""
    return local(datetime.fromisoformat(instant))


def day_text(day: date) -> str:
    """`11月3日`."""
    return f"{day.month}月{day.day}日"


def full_day_text(day: date) -> str:
    """`2026年11月3日 星期二`."""
    return f"{day.year}年{day_text(day)} 星期{_WEEKDAYS[day.weekday()]}"


def moment_text(instant: str) -> str:
    """`2026-11-03 09:41` from an ISO 8601 instant."""
    return parsed(instant).strftime("%Y-%m-%d %H:%M")


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


def last_day_text(expires_on: str) -> str:
    """The last usable day. `expires_on` of the API is the day after it, the first on which the points are expired."""
    first_gone = date.fromisoformat(expires_on)
    if first_gone == _NEVER:
        return "长期有效"
    last = first_gone - timedelta(days=1)
    return f"{last.year}年{day_text(last)}"


def initial(name: str) -> str:
    """The character shown in an avatar: the last one, because Chinese names begin with the family name."""
    return name[-1:].upper()


def number(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


def odds_text(odds_ppm: int) -> str:
    """Millionths as a percentage without trailing zeros: 125000 → `12.5%`, 300 → `0.03%`."""
    return f"{odds_ppm / 10_000:.4f}".rstrip("0").rstrip(".") + "%"

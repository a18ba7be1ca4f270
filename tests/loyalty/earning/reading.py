"""Reads the sentence of an earning rule back into the words of the rule file: what a member understands, and nothing else.

It is written from the sentences, not from the program, so that a sentence which says something else than the rule is noticed.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

TIERS: Final = {"普通会员": "basic", "银卡会员": "silver", "金卡会员": "gold"}
STORES: Final = {"人民广场店": "sh-01", "静安店": "sh-02"}
EVENTS: Final = {"消费": "purchase", "运动打卡": "workout"}
CHANNELS: Final = {"网上商城": "online", "门店": "store"}
SEGMENTS: Final = {"久未到店": "at_risk"}
COMMUNITIES: Final = {"跑步社": "run-club"}
ATTRIBUTES: Final = {"运动分钟数": "minutes", "项目": "sport", "带图": "photo"}
VALUES: Final = {"跑步": "run", "游泳": "swim"}
CONSENTS: Final = {"同意接收提醒": "notices", "授权手机号": "phone"}
PERIODS: Final = {
    "每天": "day", "每周": "week", "每月": "month", "每年": "year", "每笔订单": "order", "总共": "ever",
}  # fmt: skip
DAYS: Final = dict(
    zip(
        "一二三四五六日",
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        strict=True,
    )
)
DATE: Final = r"\d+年\d+月\d+日(?: \d\d:\d\d)?"
Words = dict[str, Any]


def read_rule(sentence: str) -> Words:
    """The rule that a sentence states."""
    name, _, rest = sentence.removesuffix("。").partition("：")
    earns, *more = rest.split("；")
    rule: Words = {"name": name, "when": []}
    *when, award = earns.split("，") if "按比例算" not in earns else _before_award(earns)
    if award.startswith("第一次"):
        rule["when"].append({"first_of_its_kind": True})
    for phrase in when:
        _read_when(rule, phrase)
    _read_award(rule, award)
    for clause in more:
        _read_clause(rule, clause)
    return rule


def _before_award(earns: str) -> list[str]:
    head, _, tail = earns.partition("（")
    *when, award = head.split("，")
    return [*when, f"{award}（{tail}"]


def _integer(text: str) -> int:
    return int(text.replace(",", ""))


def _fen(text: str) -> int:
    whole, _, rest = text.replace(",", "").partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def _moment(text: str) -> datetime:
    day, _, clock = text.partition(" ")
    year, month, date = map(int, re.findall(r"\d+", day))
    hour, minute = map(int, clock.split(":")) if clock else (0, 0)
    return datetime(year, month, date, hour, minute)  # noqa: DTZ001  # the programme's clock


def _end(text: str) -> datetime:
    """A day counts in full, an instant does not."""
    return _moment(text) if ":" in text else _moment(text) + timedelta(days=1)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def _range(text: str, value: Callable[[str], int]) -> Words:
    found: Words = {}
    for key, word in (("at_least", "(?<!不)满"), ("below", "不满")):
        if bound := re.search(rf"{word} ([\d,.]+)", text):
            found[key] = value(bound[1])
    return found


def _ids(text: str, names: dict[str, str]) -> list[str]:
    return [names[one] for one in text.split("、")]


def _known(text: str, names: dict[str, str]) -> list[str]:
    """Ids by their names; what has no name is told as it is."""
    return [names.get(one, one) for one in text.split("、")]


def _tests(text: str) -> Words:
    told, verb, rest = re.fullmatch(r"(.+?) ?(不少于|低于|是) ?(.+)", text).groups()  # type: ignore[union-attr]
    name = ATTRIBUTES.get(told, told)
    if verb != "是":
        return {name: {"at_least" if verb == "不少于" else "below": int(rest)}}
    if found := re.fullmatch(r"(.+?) ?之一", rest):
        return {name: {"one_of": list(map(_value, found[1].split("、")))}}
    return {name: {"equals": _value(rest)}}


def _value(text: str) -> Any:
    return int(text) if re.fullmatch(r"-?\d+", text) else VALUES.get(text, text)


FESTIVALS: Final = {
    "元旦": "new_year", "春节": "spring_festival", "清明节": "tomb_sweeping", "劳动节": "labor_day", "端午节": "dragon_boat",
    "中秋节": "mid_autumn", "国庆节": "national_day",
}  # fmt: skip
PHRASES: Final[list[tuple[str, Callable[..., Words]]]] = [
    (r"入会(不?满.+)", lambda text: {"member_for": _range(text, _integer)}),
    (r"单笔(.+)", lambda text: {"amount": _range(text, _fen)}),
    ("生日当天", lambda: {"birthday": "day"}),
    ("生日所在的一周", lambda: {"birthday": "week"}),
    ("生日当月", lambda: {"birthday": "month"}),
    (r"(周[一二三四五六日].*)", lambda text: {"weekday": [DAYS[day[1]] for day in text.split("、")]}),
    (r"(.+)当天", lambda text: {"festival": [FESTIVALS[name] for name in text.split("、")]}),
    (r"(\d\d:\d\d) 到(?:次日)? (\d\d:\d\d)", lambda begin, end: {"time_of_day": {"from": begin, "until": end}}),
    (r"在(.+)的门店", lambda text: {"region": text.split("、")}),
    (r"在(.+)", lambda text: {"store": _ids(text, STORES)}),
    (r"渠道是 ?(.+)", lambda text: {"channel": _known(text, CHANNELS)}),
    ("入会后的首单", lambda: {"order_number": {"ever": 1}}),
    (r"入会后的第 ([\d,]+) 单", lambda text: {"order_number": {"ever": _integer(text)}}),
    (r"每满 ([\d,]+) 单的那一单", lambda text: {"order_number": {"every": _integer(text)}}),
    (
        r"(\d+) 天内的第 ([\d,]+) 单",
        lambda days, nth: {"order_number": {"within_days": int(days), "nth": _integer(nth)}},
    ),
    (r"每连续消费满 (\d+) 个月的那个月", lambda months: {"months_in_a_row": int(months)}),
    (r"限「(.+)」的会员", lambda text: {"segment": _known(text, SEGMENTS)}),
    (r"限(.+)", lambda text: {"tier": _ids(text, TIERS)}),
    (r"来自社群「(.+)」", lambda text: {"community": _known(text, COMMUNITIES)}),
    (r"符合「(.+)」", lambda text: {"attribute": {ATTRIBUTES.get(text, text): {"equals": True}}}),
    (r"不符合「(.+)」", lambda text: {"attribute": {ATTRIBUTES.get(text, text): {"equals": False}}}),
    (r"已(.+)", lambda text: {"consent": _ids(text, CONSENTS)}),
    (r"(\w+? ?(?:是|不少于|低于).+)", lambda text: {"attribute": _tests(text)}),
]  # fmt: skip


def _read_when(rule: Words, phrase: str) -> None:
    if window := re.fullmatch(rf"({DATE})到({DATE})", phrase):
        rule |= {"from": _written(_moment(window[1])), "until": _written(_end(window[2]))}
    elif window := re.fullmatch(rf"({DATE})起", phrase):
        rule["from"] = _written(_moment(window[1]))
    elif window := re.fullmatch(rf"到 ({DATE}) ?为止", phrase):
        rule["until"] = _written(_end(window[1]))
    else:
        rule["when"].append(_condition(phrase))


def _condition(phrase: str) -> Words:
    for pattern, told in PHRASES:
        if found := re.fullmatch(pattern, phrase):
            return told(*found.groups())
    raise AssertionError(phrase)


def _read_award(rule: Words, text: str) -> None:
    text = text.removeprefix("第一次")
    event = next(name for name in EVENTS if text.startswith(name))
    rule["on"] = EVENTS[event]
    gives = text.removeprefix(event)
    if factor := re.fullmatch(r"得 ([\d./]+) 倍积分", gives):
        rule["multiply"] = int(factor[1]) if factor[1].isdigit() else factor[1]
    else:
        rule["award"] = _award(gives, "积分")


def _award(text: str, what: str) -> Words:
    if flat := re.fullmatch(rf"得 ([\d,]+) {what}", text):
        return {"points": _integer(flat[1])}
    if whole := re.fullmatch(rf"每满 ([\d,.]+) 元得 1 {what}", text):
        return {"points": 1, "per_fen": _fen(whole[1])}
    part = re.fullmatch(rf"每 ([\d,.]+) 元得 ([\d,]+) {what}（按比例算，舍去小数）", text)
    assert part, text
    return {"points": _integer(part[2]), "per_fen": _fen(part[1])}


def _read_clause(rule: Words, clause: str) -> None:
    if "到账" in clause:
        rule["pending_days"] = _pending(clause)
    elif clause == "不涨成长值":
        rule["growth"] = "none"
    elif clause.startswith("另外"):
        rule["growth"] = _award(clause.removeprefix("另外"), "成长值")
    elif clause.startswith("积分"):
        rule["expiry"] = _expiry(clause.removeprefix("积分").strip())
    elif clause.startswith("全体会员"):
        rule["budget"] = _budget(clause)
    else:
        rule.setdefault("limit", []).append(_limit(clause))


def _pending(clause: str) -> Any:
    days = [_opens(one) for one in clause.split("，")]
    if len(days) == 1:
        return days[0][1]
    return {TIERS.get(name, "default"): one for name, one in days}


def _opens(text: str) -> tuple[str, int]:
    name, days = re.fullmatch(r"(\D*?) ?(?:(\d+) 天后|马上)到账", text).groups()  # type: ignore[union-attr]
    return name, int(days or 0)


def _expiry(text: str) -> Words:
    if text == "长期有效":
        return {"never": True}
    if months := re.fullmatch(r"(\d+) 个月有效，到期当月月底清零", text):
        return {"months": int(months[1])}
    if days := re.fullmatch(r"(\d+) 天有效，获得当天算第 1 天", text):
        return {"days": int(days[1])}
    fixed = re.fullmatch(r"每年 (.+?)(?:到期，宽限 (\d+) 天后清零|到期清零)", text)
    assert fixed, text
    dates = [f"{int(month):02}-{int(day):02}" for month, day in re.findall(r"(\d+) 月 (\d+) 日", fixed[1])]
    return {"fixed": dates} | ({"grace_days": int(fixed[2])} if fixed[2] else {})


def _budget(clause: str) -> Words:
    keys = {"每天": "per_day", "每月": "per_month", "总共": "total"}
    sizes = re.findall(r"(每天|每月|总共)最多多?得 ([\d,]+) 积分", clause)
    return {keys[per]: _integer(size) for per, size in sizes}


def _limit(clause: str) -> Words:
    pattern = r"(.+?)(?:每个 ?(\w+?) ?)?(每天|每周|每月|每年|每笔订单|总共)最多(?: ([\d,]+) 次)?、?(?:多?得 ([\d,]+) 积分)?"
    whom, apart, per, times, points = re.fullmatch(pattern, clause).groups()  # type: ignore[union-attr]
    limit: Words = {"per": PERIODS[per]} | ({"of": ATTRIBUTES.get(apart, apart)} if apart else {})
    limit |= {"times": _integer(times)} if times else {}
    limit |= {"points": _integer(points)} if points else {}
    return limit | ({"tier": _ids(whom, TIERS)} if whom != "每人" else {})

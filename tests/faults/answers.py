"""What an answer says: done or refused, what it did to the balance, and the voucher codes in it."""

import re
from typing import Any

from emulator.push import Delivery
from tests.faults.history import Asked

GOT = re.compile(r"([\d,]+) 分已到账|签到成功 \+([\d,]+) 分")
PAID = re.compile(r"用了 ([\d,]+) 分")
CODE = re.compile(r"券码 (\w+)")
DONE = ("签到成功", "已到账", "恭喜抽中", "这次没有抽中", "兑换成功")
REFUSED = ("签过啦", "积分不够", "次数用完了", "已经兑完", "太晚", "要换的话", "要抽的话")
WORDS_OF = {
    "check_in": ("签到成功", "签过啦", "这条签到"),
    "draw": ("抽中", "抽一次", "抽奖次数", "抽奖规则变了"),
    "redeem": ("兑换成功", "积分不够：“", "已经兑完", "要换的话"),
}
NOTHING_SAID = ("开小差", "还没有办理")
"""An apology, and the request to come again later: what becomes of the message is not known by them."""


def hear_text(request: Asked, delivery: Delivery) -> None:
    """What a push came to, in the words a member reads."""
    if delivery.fault is not None:
        return
    if delivery.reply is None:
        if request.verdict == "unknown":
            request.hear("promised", None)
        return
    read_text(request, delivery.reply.content)


def read_text(request: Asked, text: str) -> None:
    """An answer in words."""
    if any(words in text for words in DONE):
        got = sum(int(part.replace(",", "")) for found in GOT.findall(text) for part in found if part)
        paid = sum(int(part.replace(",", "")) for part in PAID.findall(text))
        request.hear("done", text, delta=got - paid, codes=tuple(CODE.findall(text)))
    elif any(words in text for words in REFUSED):
        request.hear("refused", text)
    else:
        assert any(words in text for words in NOTHING_SAID), f"unheard of: {text}"


def hear_json(request: Asked, status: int, told: Any) -> None:
    """What a request came to; 5xx leaves it unknown."""
    if status >= 500:
        return
    told = {name: value for name, value in told.items() if name != "request_id"}
    if status >= 400:
        request.hear("refused", told)
        return
    draws = told.get("draws", ())
    got = sum(draw["prize"]["points"] for draw in draws) if request.command == "draw" else 0
    delta = {
        "check_in": told.get("points", 0),
        "draw": got - told.get("cost_points", 0),
        "redeem": -told.get("points", 0),
        "cancel": told.get("points", 0) - told.get("lapsed", 0),
    }[request.command]
    vouchers = [draw["prize"]["voucher"] for draw in draws] + [told.get("voucher")]
    request.hear("done", told, delta=delta, codes=tuple(code for code in vouchers if code))


def speaks_of(command: str, text: str) -> bool:
    """Whether a chat answer is one to this command."""
    return any(words in text for words in WORDS_OF[command])

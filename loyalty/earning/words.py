"""Entries of events and refunds in Chinese: each explains itself from its own facts."""

from collections.abc import Mapping
from typing import Any, Final

from loyalty.ledger.words import Detail, Sentence, number, yuan

WITHHELD: Final = {"limit": "已到上限", "budget": "预算用完了"}


def _title(facts: Detail) -> str:
    names = [name for _, name, *_ in facts["rules"]]
    return names[0] if len(names) == 1 else str(facts["what"])


def _why(facts: Detail) -> str:
    clauses = [_event(facts), *map(_award, facts["rules"])]
    clauses += [f"{name}，乘以 {factor}" for _, name, factor in facts.get("factors", ())]
    clauses += [f"「{name}」{WITHHELD[why]}，少给了一些" for _, name, why in facts.get("withheld", ())]
    return "；".join(clauses) + "。"


def _event(facts: Detail) -> str:
    """`在静安店消费 88.80 元`."""
    place = f"在{facts['store_name']}" if "store_name" in facts else ""
    amount = f" {yuan(facts['amount_fen'])} 元" if "amount_fen" in facts else ""
    return f"{place}{facts['what']}{amount}"


def _award(rule: list[Any]) -> str:
    _, name, points, per_fen = rule
    if per_fen is None:
        return f"{name}，得 {number(points)} 分"
    return f"{name}，每 {yuan(per_fen)} 元 {number(points)} 分"


def _refund(facts: Detail) -> str:
    return f"订单 {facts['order']} 退款 {yuan(facts['amount_fen'])} 元，收回这部分消费得到的积分。"


SENTENCES: Final[Mapping[str, Sentence]] = {
    "event": Sentence(_title, _why),
    "refund": Sentence(lambda _: "退款收回积分", _refund),
}

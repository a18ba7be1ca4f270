"""What a command came to, as a sentence for the operator who gave it."""

from typing import Final

import asyncpg

from loyalty.adjustments.outcomes import AccountFrozen, AccountThawed, PointsAdjusted
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import AlreadyDone, NotEnoughPoints
from loyalty.engine.transactions import EngineUnavailable
from loyalty.ledger.words import number
from operators.members.adjusting import WaitsForSecond
from operators.rules.requests import RulesPublished

AWAY = (EngineUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError, TimeoutError)
"""What is raised while the database is away."""
GONE: Final = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError, TimeoutError)
"""What a read raises while the database is away; any other fault of a statement is a program's."""
DATABASE_AWAY: Final = "数据库现在连不上"


class Refused(Exception):
    """The command was refused; the message is one Chinese sentence."""


def sentence_of(outcome: Outcome | WaitsForSecond) -> str:
    """What was done, or waits. Raises Refused for a refusal."""
    match outcome:
        case WaitsForSecond():
            return "超过了一个人能调整的限额，已经提交申请，等另一个人批准；现在还没有变动。"
        case PointsAdjusted(points=points, balance=balance, debt=debt):
            what = f"加了 {number(points)} 分" if points > 0 else f"扣了 {number(-points)} 分"
            owed = f"，欠 {number(debt)} 分" if debt else ""
            return f"{what}，现在有 {number(balance)} 分{owed}。"
        case RulesPublished(version=version):
            return f"已批准，发布为第 {version} 版。"
        case AccountFrozen():
            return "账户已冻结。"
        case AccountThawed():
            return "账户已解冻。"
        case NotEnoughPoints(available=available):
            raise Refused(f"这位会员只有 {number(available)} 分，不够扣。")
        case AlreadyDone():
            raise Refused("这个工单已经调整过了。")
        case Refusal():
            raise Refused(outcome.sentence)
    return "已办好。"

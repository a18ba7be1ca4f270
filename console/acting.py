"""Deeds from a page: run one, and tell the operator in a sentence what came of it, also when it was refused."""

from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from nicegui import ui
from redis.exceptions import RedisError

from console.outcomes import Refused
from loyalty.engine.transactions import EngineUnavailable
from loyalty.programme.files import NotPublished
from moving.problems import CannotBegin
from operators.approvals import ApprovalFault
from operators.drafts import DraftRefused
from operators.people import OperatorFault
from operators.reasons import BadText
from operators.roles import NotAllowed
from partner_api.keys import KeyFault

log = structlog.get_logger(__name__)

REFUSALS = (
    NotAllowed, Refused, BadText, ApprovalFault, OperatorFault, DraftRefused, NotPublished, KeyFault, CannotBegin,
)  # fmt: skip
AWAY = (EngineUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError, TimeoutError)


async def perform(deed: Callable[[], Awaitable[str]]) -> bool:
    """Run a deed, which returns the sentence that says what it did. Whether it was done; if not, the operator has read why."""
    try:
        sentence = await deed()
    except REFUSALS as refused:
        say(str(refused), good=False)
        return False
    except RedisError as error:
        log.warning("console_redis_away", error=type(error).__name__)
        say("Redis 现在连不上，这一步没有做，请稍后再试。", good=False)
        return False
    except AWAY as error:
        log.warning("console_database_away", error=type(error).__name__)
        say("数据库现在连不上，这一步没有做，请稍后再试。", good=False)
        return False
    say(sentence, good=True)
    return True


def say(sentence: str, *, good: bool) -> None:
    """Show a sentence at the top; what was refused stays until it is closed."""
    ui.notify(
        sentence, type="positive" if good else "negative", position="top", timeout=4000 if good else 0,
        close_button="知道了" if not good else False, multi_line=True,
    )  # fmt: skip

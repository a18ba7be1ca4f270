"""Deeds from a page: run one, and tell the operator in a sentence what came of it, also when it was refused."""

import json
from collections.abc import Awaitable, Callable

import structlog
from markupsafe import Markup
from nicegui import ui
from redis.exceptions import RedisError

from console.markup import address
from console.outcomes import AWAY, DATABASE_AWAY, Refused
from loyalty.programme.files.reading import NotPublished
from moving.problems import CannotBegin
from operators.access.people import OperatorFault
from operators.approvals.asking import ApprovalFault
from operators.jobs.asking import JobFault
from operators.reasons import BadText
from operators.roles import NotAllowed, SessionOver
from operators.rules.drafting import DraftRefused
from partner_api.keys import KeyFault

BROWSER_ANSWERS = 5.0
"""Seconds for which a deed that is done waits for the operator's browser."""

log = structlog.get_logger(__name__)

REFUSALS = (
    JobFault, NotAllowed, Refused, BadText, ApprovalFault, OperatorFault, DraftRefused, NotPublished, KeyFault, CannotBegin,
)  # fmt: skip


async def perform(deed: Callable[[], Awaitable[str]]) -> bool:
    """Run a deed, which returns the sentence that says what it did. Whether it was done; if not, the operator has read why."""
    try:
        sentence = await deed()
    except SessionOver as over:
        _lead_to_log_in(str(over))
        return False
    except REFUSALS as refused:
        say(str(refused), good=False)
        return False
    except RedisError as error:
        log.warning("console_redis_away", error=type(error).__name__)
        say("Redis 现在连不上，这一步没有做，请稍后再试。", good=False)
        return False
    except AWAY as error:
        log.warning("console_database_away", error=type(error).__name__)
        say(f"{DATABASE_AWAY}，这一步没有做，请稍后再试。", good=False)
        return False
    except Exception:
        log.exception("console_deed_failed")
        say("出了意外，这一步没有做成，已经记在后台的日志里。请刷新页面，看清现在的样子再试。", good=False)
        return False
    await _keep(sentence)
    say(sentence, good=True)
    return True


def _lead_to_log_in(sentence: str) -> None:
    """Tell that the session is over, and lead to the log-in, which comes back to this page."""
    request = ui.context.client.request
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    with ui.dialog(value=True).props("persistent"), ui.card().classes("ask"):
        ui.html(
            Markup(
                "<h2>这一步没有做</h2><p data-testid='over'>{}</p>"
                '<p><a class="button" href="{}">重新登录</a></p>'
            ).format(sentence, address("/login", next=back)),
            sanitize=False,
        )


async def _keep(sentence: str) -> None:
    """
    Have the browser show the sentence on the page that is opened next.

    The answer is waited for, because NiceGUI sends a script that nobody waits for after a navigation that was asked for later.
    """
    try:
        await ui.run_javascript(f"window.jifenSay?.({json.dumps(sentence)})", timeout=BROWSER_ANSWERS)
    except TimeoutError:
        log.info("console_browser_away")


def say(sentence: str, *, good: bool) -> None:
    """Show a sentence at the top; what was refused stays until it is closed."""
    ui.notify(
        sentence, type="positive" if good else "negative", position="top", timeout=4000 if good else 0,
        close_button="知道了" if not good else False, multi_line=True,
    )  # fmt: skip

"""Whether WeChat lets a nickname be shown to others: its content check, asked where the mini-program has it.

A failure of WeChat's blocks nobody: the name is kept as unchecked, is shown whole to its owner only, and is checked again when the
next poster wants it. Where the check is not granted, our own rules of names decide.
"""

from typing import Final, Literal, TypeAlias

import asyncpg
import structlog

from loyalty.members.profile import clear_nickname, set_checked
from loyalty.members.reserved import reserved_word
from loyalty.programme.general.sections import Programme
from wechat.errors import ApiError
from wechat.mini_program import MiniProgramApi

NicknameVerdict: TypeAlias = Literal["passed", "refused", "unknown"]

CHECK_TIMEOUT_S: Final = 1.5
API_NOT_GRANTED: Final = 48001

_OPENID: Final = """
SELECT subject FROM identity WHERE member_id = $1 AND provider = $2 ORDER BY linked_at DESC LIMIT 1
"""

log = structlog.get_logger(__name__)


async def check_nickname(
    pool: asyncpg.Pool, mini_program: MiniProgramApi, member_id: int, nickname: str
) -> NicknameVerdict:
    """WeChat's verdict within 1.5 s; `unknown` after a failure. A text that WeChat would have a person review is refused."""
    openid = await pool.fetchval(_OPENID, member_id, mini_program.app_id)
    if openid is None:
        return "unknown"
    try:
        verdict = await mini_program.check_text(openid, nickname, CHECK_TIMEOUT_S)
    except ApiError as error:
        if error.errcode == API_NOT_GRANTED:
            return "passed"
        log.warning("nickname_check_failed", api=error.api, errcode=error.errcode)
        return "unknown"
    return "passed" if verdict == "pass" else "refused"


async def nickname_for_poster(
    pool: asyncpg.Pool,
    mini_program: MiniProgramApi,
    member_id: int,
    nickname: str,
    programme: Programme,
    *,
    checked: bool,
) -> str | None:
    """The nickname if it may be shown to others, else None; an unchecked one is checked, and removed if WeChat refuses it.

    Reserved words are looked for every time, because the brand may have changed since the name was chosen.
    """
    if reserved_word(nickname, (programme.brand, programme.name)):
        return None
    if checked:
        return nickname
    verdict = await check_nickname(pool, mini_program, member_id, nickname)
    if verdict == "refused":
        await clear_nickname(member_id, nickname)
    if verdict != "passed":
        return None
    await set_checked(member_id, nickname, checked=True)
    return nickname

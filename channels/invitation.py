"""A member's invitation: the parametric QR code of either account, its picture, and a poster.

The official account's codes are temporary ones, made anew when they run out: an account has 100,000 permanent ones for
ever, so members never get those (WeChat docs: 生成带参数的二维码).
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from channels.fonts import chinese_typeface
from channels.pictures import PosterText, as_png, draw_poster, draw_qrcode
from loyalty.members.profile import scene_of
from wechat.errors import Transient
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi

Kind = Literal["oa", "miniapp"]

TICKET_LIFE: Final = timedelta(days=30)
KEPT_FOR: Final = timedelta(days=25)
POSTER_KEPT_FOR: Final = timedelta(days=1)
INVITE_PAGE: Final = "pages/invite/index"
CODE_WIDTH: Final = 600

_DRAWERS: Final = ThreadPoolExecutor(2, thread_name_prefix="picture")
"""A poster costs a fifth of a second of CPU: however many are asked for, no more are drawn at a time."""
_REDIS_PATIENCE_S: Final = 0.5
_PLATFORM: Final = "https://api.weixin.qq.com"
_PICTURES: Final = "https://mp.weixin.qq.com"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A temporary code of the official account: its `ticket`, the `url` inside it, made at (Unix seconds)."""

    ticket: str
    url: str
    made_at: float


async def ticket_of(
    official_account: OfficialAccountApi, redis: Redis, code: str, now: datetime | None = None
) -> Ticket:
    """The code that carries the member's scene, good for at least five days more. Raises ApiError.

    `now` is the programme's clock (default: the machine's); by it a code that was kept is judged.
    """
    now = now or datetime.now(UTC)
    key = f"invite:oa:{code}"
    kept = _ticket(await _recall(redis, key))
    if kept is not None and abs(now.timestamp() - kept.made_at) < KEPT_FOR.total_seconds():
        return kept
    made = await official_account.create_qrcode(
        scene_of(code), expire_seconds=int(TICKET_LIFE.total_seconds())
    )
    ticket = Ticket(made.ticket, made.url, now.timestamp())
    await _keep(redis, key, json.dumps(asdict(ticket)).encode())
    return ticket


async def qrcode_png(
    official_account: OfficialAccountApi,
    mini_program: MiniProgramApi,
    redis: Redis,
    code: str,
    kind: Kind,
    now: datetime | None = None,
) -> bytes:
    """The member's QR code as PNG: `oa` leads to following the account, `miniapp` into the mini-program. Raises ApiError."""
    if kind == "oa":
        ticket = await ticket_of(official_account, redis, code, now)
        return await _drawn(lambda: draw_qrcode(ticket.url))
    key = f"invite:miniapp:{code}"
    kept = await _recall(redis, key)
    if kept is not None:
        return kept
    made = await mini_program.code_unlimited(scene_of(code), INVITE_PAGE, CODE_WIDTH)
    png = await _drawn(lambda: _readable(made))
    await _keep(redis, key, png)
    return png


async def poster_png(
    official_account: OfficialAccountApi,
    mini_program: MiniProgramApi,
    redis: Redis,
    code: str,
    kind: Kind,
    brand: str,
    nickname: str | None,
    now: datetime | None = None,
) -> bytes:
    """A poster around the member's QR code as PNG, 750 by 1200 pixels; it promises nobody points for sharing.

    Without a Chinese font on this machine it shows the code and the Latin part of the brand. It is kept for a day. Raises ApiError.
    """
    text = poster_text(brand, nickname, kind)
    if kind == "oa":
        url = (await ticket_of(official_account, redis, code, now)).url
        return await _poster(redis, text, url.encode(), lambda: draw_qrcode(url))
    picture = await qrcode_png(official_account, mini_program, redis, code, kind, now)
    return await _poster(redis, text, picture, lambda: picture)


def poster_text(brand: str, nickname: str | None, kind: Kind) -> PosterText:
    """The poster's lines."""
    inviter = " ".join((nickname or "").split())
    place = "关注公众号" if kind == "oa" else "打开小程序"
    return PosterText(
        brand=brand,
        invitation=f"{inviter} 邀请你成为 {brand} 会员" if inviter else f"邀请你成为 {brand} 会员",
        how=f"长按识别二维码，{place}",
        gain="每天签到攒积分，积分兑换礼品",
    )


def qrcode_image_url(api_base: str, ticket: str) -> str:
    """Where the platform shows a ticket's picture; an `api_base` other than the platform's serves it itself."""
    base = _PICTURES if api_base == _PLATFORM else api_base.rstrip("/")
    return f"{base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"


async def _poster(redis: Redis, text: PosterText, source: bytes, picture: Callable[[], bytes]) -> bytes:
    """The poster around `picture`, which follows from `source`; from what was kept, if nothing of it has changed."""
    said = json.dumps(astuple(text)).encode()
    key = f"invite:poster:{hashlib.sha256(hashlib.sha256(source).digest() + said).hexdigest()}"
    kept = await _recall(redis, key)
    if kept is not None:
        return kept
    png = await _drawn(lambda: draw_poster(picture(), text, chinese_typeface()))
    await _keep(redis, key, png, POSTER_KEPT_FOR)
    return png


async def _drawn(work: Callable[[], bytes]) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(_DRAWERS, work)


def _readable(picture: bytes) -> bytes:
    try:
        return as_png(picture)
    except OSError as error:
        raise Transient("/wxa/getwxacodeunlimit", errmsg="answered with an unreadable picture") from error


def _ticket(kept: bytes | None) -> Ticket | None:
    """What was kept, unless another version wrote it."""
    if kept is None:
        return None
    try:
        return Ticket(**json.loads(kept))
    except (ValueError, TypeError):
        log.warning("kept_ticket_unreadable")
        return None


async def _recall(redis: Redis, key: str) -> bytes | None:
    """What was kept under a key; nothing when Redis is away, since everything here can be made again."""
    try:
        async with asyncio.timeout(_REDIS_PATIENCE_S):
            kept: bytes | None = await redis.get(key)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("invitation_cache_away", error=type(error).__name__)
        return None
    return kept


async def _keep(redis: Redis, key: str, value: bytes, kept_for: timedelta = KEPT_FOR) -> None:
    try:
        async with asyncio.timeout(_REDIS_PATIENCE_S):
            await redis.set(key, value, ex=kept_for)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("invitation_cache_away", error=type(error).__name__)

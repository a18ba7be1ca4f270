"""A member's invitation: the QR code that carries their invitation code, for either account, and a poster around it.

The official account's QR codes are temporary and are created again before they expire. Members get no permanent ones,
because an account may create only 100,000 of those in its lifetime (WeChat docs: 生成带参数的二维码).
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote

import structlog
from redis.asyncio import Redis

from channels.fonts import chinese_typeface
from channels.picture_cache import Shelf, cached_picture, read_cache, write_cache
from channels.pictures import PosterText, as_png, draw_poster, draw_qrcode
from loyalty.members.profile import scene_of
from wechat.errors import Transient
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi

Kind = Literal["oa", "miniapp"]

TICKET_LIFE: Final = timedelta(days=30)
CACHED_FOR: Final = timedelta(days=25)
OA_CODES: Final = Shelf("oa-code", 5_000, CACHED_FOR)
MINIAPP_CODES: Final = Shelf("miniapp-code", 2_000, CACHED_FOR)
POSTERS: Final[dict[Kind, Shelf]] = {
    kind: Shelf(f"{kind}-poster", 500, timedelta(days=1)) for kind in ("oa", "miniapp")
}
"""Posters of 64 KB, mini-program codes of about 40 KB and our own codes of 3 KB: at most some 160 MB in Redis."""
INVITE_PAGE: Final = "pages/referral/index"
CODE_WIDTH: Final = 600

_DRAWERS: Final = ThreadPoolExecutor(2, thread_name_prefix="picture")
"""Drawing a poster takes 0.2 s of CPU, so no more than this many are drawn at once."""
_PLATFORM: Final = "https://api.weixin.qq.com"
_PICTURES: Final = "https://mp.weixin.qq.com"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A temporary QR code of the official account: its `ticket`, the `url` it encodes, created at `made_at` (Unix seconds)."""

    ticket: str
    url: str
    made_at: float


async def ticket_of(
    official_account: OfficialAccountApi, redis: Redis, code: str, now: datetime | None = None
) -> Ticket:
    """The QR code that carries the invitation code, valid for at least five more days. Raises ApiError.

    The age of a cached code is measured at `now` (default: the machine's clock).
    """
    now = now or datetime.now(UTC)
    key = f"invite:oa:{code}"
    cached = _ticket(await read_cache(redis, key))
    if cached is not None and abs(now.timestamp() - cached.made_at) < CACHED_FOR.total_seconds():
        return cached
    made = await official_account.create_qrcode(
        scene_of(code), expire_seconds=int(TICKET_LIFE.total_seconds())
    )
    ticket = Ticket(made.ticket, made.url, now.timestamp())
    await write_cache(redis, key, json.dumps(asdict(ticket)).encode(), CACHED_FOR)
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
        url = (await ticket_of(official_account, redis, code, now)).url
        return await cached_picture(
            redis, OA_CODES, code, url.encode(), lambda: _drawn(lambda: draw_qrcode(url))
        )

    async def fetched() -> bytes:
        made = await mini_program.code_unlimited(scene_of(code), INVITE_PAGE, CODE_WIDTH)
        return await _drawn(lambda: _readable(made))

    return await cached_picture(redis, MINIAPP_CODES, code, INVITE_PAGE.encode(), fetched)


async def poster_png(
    official_account: OfficialAccountApi,
    mini_program: MiniProgramApi,
    redis: Redis,
    code: str,
    kind: Kind,
    brand: str,
    nickname: str | None,
    now: datetime | None = None,
    gain: str | None = None,
    colour: str = PosterText.colour,
) -> bytes:
    """A poster around the member's QR code as PNG, 750 by 1200 pixels, cached for a day. It promises no points for sharing.
    `gain` is what the friend and the inviter get; None for what every member can do. `colour` is the brand's, `#rrggbb`.

    Without a Chinese font on this machine it shows the code and the Latin part of the brand. Raises ApiError.
    """
    text = replace(poster_text(brand, nickname, kind, gain), colour=colour)
    picture = await qrcode_png(official_account, mini_program, redis, code, kind, now)
    source = picture + json.dumps(astuple(text)).encode()
    return await cached_picture(
        redis,
        POSTERS[kind],
        code,
        source,
        lambda: _drawn(lambda: draw_poster(picture, text, chinese_typeface())),
    )


def poster_text(brand: str, nickname: str | None, kind: Kind, gain: str | None = None) -> PosterText:
    """The poster's lines."""
    inviter = " ".join((nickname or "").split())
    place = "关注公众号" if kind == "oa" else "打开小程序"
    return PosterText(
        brand=brand,
        invitation=f"{inviter} 邀请你成为 {brand} 会员" if inviter else f"邀请你成为 {brand} 会员",
        how=f"长按识别二维码，{place}",
        gain=gain or "每天签到攒积分，积分兑换礼品",
    )


def qrcode_image_url(api_base: str, ticket: str) -> str:
    """The address of a ticket's picture: at WeChat, or at `api_base` where that is not WeChat's."""
    base = _PICTURES if api_base == _PLATFORM else api_base.rstrip("/")
    return f"{base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"


async def _drawn(work: Callable[[], bytes]) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(_DRAWERS, work)


def _readable(picture: bytes) -> bytes:
    try:
        return as_png(picture)
    except OSError as error:
        raise Transient("/wxa/getwxacodeunlimit", errmsg="answered with an unreadable picture") from error


def _ticket(cached: bytes | None) -> Ticket | None:
    """The cached ticket; None where another version of the program wrote a different form."""
    if cached is None:
        return None
    try:
        return Ticket(**json.loads(cached))
    except (ValueError, TypeError):
        log.warning("cached_ticket_unreadable")
        return None

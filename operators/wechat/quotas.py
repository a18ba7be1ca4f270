"""How often WeChat's APIs can still be called today."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from operators.wechat.checked import said
from runtime.resources import Resources
from wechat.errors import ApiError
from wechat.registered import Quota

OA_APIS: Final[Mapping[str, str]] = {
    "/cgi-bin/message/template/send": "模板消息",
    "/cgi-bin/message/custom/send": "客服消息",
    "/cgi-bin/user/info": "查用户信息",
    "/cgi-bin/qrcode/create": "生成二维码",
}
MINI_APIS: Final[Mapping[str, str]] = {"/cgi-bin/message/subscribe/send": "订阅消息"}


@dataclass(frozen=True)
class QuotaLine:
    """What is left today of an API's quota; `told` where it is not known."""

    title: str
    quota: Quota | None
    told: str = ""


async def quotas(resources: Resources) -> list[QuotaLine]:
    """What is left today of the quotas of the APIs that matter."""
    asked = [
        *(_quota(resources.official_account.quota, api, title) for api, title in OA_APIS.items()),
        *(_quota(resources.mini_program.quota, api, title) for api, title in MINI_APIS.items()),
    ]
    return list(await asyncio.gather(*asked))


async def _quota(ask: Callable[[str], Awaitable[Quota]], api: str, title: str) -> QuotaLine:
    try:
        return QuotaLine(title, await ask(api))
    except ApiError as refused:
        return QuotaLine(title, None, said(refused))

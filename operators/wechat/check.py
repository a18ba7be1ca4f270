"""微信接入检查: each thing that a real account needs, looked at by asking WeChat and our own address. Nothing is changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import aiohttp

from bot import menu
from bot.app import PATH
from channels.notices.kinds import KINDS
from loyalty.programme.declaring.sections import Template
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.programme.rules import RuleSet
from operators.views.notices import KIND_TITLES
from runtime.resources import Resources
from wechat.aes import sign
from wechat.errors import ApiError, RateLimited
from wechat.registered import Quota, RegisteredTemplate

State: TypeAlias = Literal["good", "bad", "look"]
"""`look`: WeChat does not tell it, so the operator compares it."""
ECHO: Final = "jifen-check"
NONCE: Final = "check"
OWN_TIMEOUT_S: Final = 5.0
OA_CONSOLE: Final = "公众平台（mp.weixin.qq.com，公众号）"
MINI_CONSOLE: Final = "公众平台（mp.weixin.qq.com，小程序）"
LIKELY: Final[Mapping[int, str]] = {
    40013: "AppID 不对：请核对「设置与开发 · 开发接口管理 · 基本配置」里的 AppID。",
    40125: "AppSecret 不对：请在「基本配置」里重置 AppSecret，再写进设置。",
    40001: "AppSecret 不对：请在「基本配置」里重置 AppSecret，再写进设置。",
    40164: "服务器的 IP 不在白名单里：请在「基本配置 · IP 白名单」里加上 errmsg 里写的那个 IP。",
    40243: "AppSecret 被冻结了：请在「基本配置」里解冻。",
    48001: "这个账号没有这个接口的权限：要已认证的服务号；请看「设置与开发 · 接口权限」。",
    50002: "账号被限制：请看公众平台的站内信。",
    89503: "微信要管理员确认这个 IP：请管理员在微信里点同意，或者把 IP 加进白名单。",
    89506: "管理员拒绝过这个 IP：24 小时后再试，或者把 IP 加进白名单。",
    89507: "管理员拒绝过这个 IP：1 小时后再试，或者把 IP 加进白名单。",
}
OA_APIS: Final[Mapping[str, str]] = {
    "/cgi-bin/message/template/send": "模板消息",
    "/cgi-bin/message/custom/send": "客服消息",
    "/cgi-bin/user/info": "查用户信息",
    "/cgi-bin/qrcode/create": "生成二维码",
}
MINI_APIS: Final[Mapping[str, str]] = {"/cgi-bin/message/subscribe/send": "订阅消息"}


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at; `told` says what is missing and where it is set."""

    title: str
    state: State
    told: str


@dataclass(frozen=True)
class QuotaLine:
    """What is left today of an API's quota; `told` where it is not known."""

    title: str
    quota: Quota | None
    told: str = ""


async def check(resources: Resources) -> list[Checked]:
    """Look at everything, the account first. Raises what the database raises."""
    rules = await _rules(resources)
    account, address, oa, mini, menu_state = await asyncio.gather(
        _templates_of(resources.official_account.templates),
        _own_address(resources),
        _followed(resources),
        _templates_of(resources.mini_program.templates),
        _menu(resources),
    )
    return [
        _credentials("公众号的 AppID、AppSecret 和 IP 白名单", OA_CONSOLE, account),
        *_settings(resources),
        address,
        oa,
        menu_state,
        *_templates(rules, account, "template", "模板消息", OA_CONSOLE),
        _credentials("小程序的 AppID 和 AppSecret", MINI_CONSOLE, mini),
        *_templates(rules, mini, "subscribe", "订阅消息", MINI_CONSOLE),
        _domain(resources),
    ]


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
        return QuotaLine(title, None, _said(refused))


Found: TypeAlias = Sequence[RegisteredTemplate] | ApiError
"""The templates of an account, or why they could not be asked for."""


async def _templates_of(ask: Callable[[], Awaitable[list[RegisteredTemplate]]]) -> Found:
    try:
        return await ask()
    except ApiError as refused:
        return refused


def _said(refused: ApiError) -> str:
    if isinstance(refused, RateLimited):
        return "这个接口今天或这一分钟的次数用完了，请晚一点再检查。"
    if refused.errcode is None:
        return "连不上微信的接口：请看服务器能不能访问 api.weixin.qq.com。"
    known = LIKELY.get(refused.errcode, "请按错误码查微信的文档。")
    return f"{known}（errcode {refused.errcode}：{refused.errmsg}）"


def _credentials(title: str, where: str, found: Found) -> Checked:
    if isinstance(found, ApiError):
        return Checked(title, "bad", f"{_said(found)} 位置：{where}。")
    return Checked(title, "good", "微信认得这个账号，接口能用。")


def _settings(resources: Resources) -> Iterator[Checked]:
    settings = resources.settings
    title, where = (
        "EncodingAESKey 和消息加密",
        f"{OA_CONSOLE}「设置与开发 · 开发接口管理 · 基本配置 · 服务器配置」",
    )
    if settings.oa_message_mode == "plain":
        told = f"消息没有加密（JIFEN_OA_MESSAGE_MODE 是 plain）：建议在{where}选「安全模式」，再改这个设置。"
        yield Checked(title, "look", told)
    elif settings.oa_encoding_aes_key is None:
        yield Checked(title, "bad", f"没有设置 JIFEN_OA_ENCODING_AES_KEY：从{where}抄过来，43 位。")
    else:
        yield Checked(title, "good", "已设置；对不对，看下面有没有收到过微信的消息。")


async def _own_address(resources: Resources) -> Checked:
    """Ask our own address as WeChat does when it is set there."""
    title, settings = "服务器地址和令牌（Token）", resources.settings
    if settings.public_base_url is None:
        return Checked(
            title,
            "bad",
            "没有设置 JIFEN_PUBLIC_BASE_URL：写公网上能访问的网址，例如 https://jifen.example.com。",
        )
    url = f"{settings.public_base_url}{PATH}"
    token = settings.oa_token.get_secret_value() if settings.oa_token else ""
    timestamp = str(int(resources.clock.now().timestamp()))
    query = {
        "signature": sign(token, timestamp, NONCE), "timestamp": timestamp, "nonce": NONCE, "echostr": ECHO,
    }  # fmt: skip
    try:
        timeout = aiohttp.ClientTimeout(total=OWN_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url, params=query) as answer:
            answers = answer.status == 200 and (await answer.text())[:100] == ECHO
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return Checked(
            title, "bad", f"{url} 打不开：请看服务（jifen serve）是否在运行，域名和反向代理是否指到它。"
        )
    if not answers:
        return Checked(
            title,
            "bad",
            f"{url} 的回答不对：请看反向代理是否指到 jifen serve，两边的 JIFEN_OA_TOKEN 是否一样。",
        )
    return Checked(
        title,
        "good",
        f"{url} 回答正确。公众平台「服务器配置」里的 URL 要写它，Token 和 JIFEN_OA_TOKEN 一样。",
    )


FOLLOWED: Final = "SELECT 1 FROM identity WHERE provider = $1 LIMIT 1"


async def _followed(resources: Resources) -> Checked:
    title = "收到微信的消息"
    if await resources.pool.fetchval(FOLLOWED, resources.settings.oa_app_id) is not None:
        return Checked(title, "good", "收到过公众号的消息：地址、令牌和加密都对。")
    told = "还没有收到过：在公众平台「服务器配置」点「启用」，再用手机关注公众号试一次。"
    return Checked(title, "look", told)


async def _menu(resources: Resources) -> Checked:
    title = "公众号的菜单"
    try:
        present = await resources.official_account.menu()
    except ApiError as refused:
        return Checked(title, "bad", _said(refused))
    if not present:
        return Checked(title, "bad", "还没有菜单：在服务器上运行 jifen menu。")
    if [_plain(one) for one in present] != [_plain(one) for one in menu.buttons(resources.settings)]:
        return Checked(
            title,
            "look",
            "菜单和本系统的不同：想用本系统的，在服务器上运行 jifen menu；自己另做的，请留着能发「积分」的按钮。",
        )
    return Checked(title, "good", "和本系统的一样。")


def _plain(button: Mapping[str, Any]) -> dict[str, Any]:
    """A button without what WeChat adds to it."""
    kept = {
        name: button[name] for name in ("type", "name", "key", "appid", "pagepath", "url") if button.get(name)
    }
    below = [_plain(one) for one in button.get("sub_button") or [] if isinstance(one, dict)]
    return {"name": kept.get("name"), "sub_button": below} if below else kept


async def _rules(resources: Resources) -> RuleSet | None:
    try:
        return (await resources.directory.rules(resources.clock.now())).rules
    except NoRulesPublished:
        return None


def _templates(
    rules: RuleSet | None, found: Found, which: Literal["template", "subscribe"], title: str, where: str
) -> Iterator[Checked]:
    """Each template that the rules name, against those that the account has."""
    if rules is None or isinstance(found, ApiError):
        return
    named = [(kind.code, getattr(kind.templates(rules), which)) for kind in KINDS]
    given = [(code, one) for code, one in named if one is not None]
    if not given:
        told = f"规则里没有用到{title}；要用的话，在「规则 · 提醒」里写上模板编号。"
        yield Checked(title, "look", told)
    have = {one.template_id: one for one in found}
    for code, template in given:
        yield compare(
            f"{title} · {KIND_TITLES.get(code, code)}", template, have.get(template.template_id), where
        )


def compare(title: str, template: Template, registered: RegisteredTemplate | None, where: str) -> Checked:
    """A template of the rules against the one that the account has by its id, None for none."""
    if registered is None:
        told = f"账号里没有编号为 {template.template_id} 的模板：请在{where}的「{_menu_of(title)}」里添加，再把编号写进规则。"
        return Checked(title, "bad", told)
    missing, extra = registered.keys - template.fields.keys(), template.fields.keys() - registered.keys
    if missing or extra:
        wrong = [
            *([f"规则里少了 {'、'.join(sorted(missing))}"] if missing else []),
            *([f"模板里没有 {'、'.join(sorted(extra))}"] if extra else []),
        ]
        return Checked(
            title,
            "bad",
            f"「{registered.title}」的字段对不上：{'；'.join(wrong)}。请在「规则 · 提醒」里照模板改。",
        )
    return Checked(title, "good", f"「{registered.title}」，字段都对得上。")


def _menu_of(title: str) -> str:
    return "广告与服务 · 模板消息" if title.startswith("模板") else "功能 · 订阅消息"


def _domain(resources: Resources) -> Checked:
    title, url = "小程序的服务器域名", resources.settings.public_base_url
    if url is None:
        return Checked(title, "bad", "先设置 JIFEN_PUBLIC_BASE_URL。")
    parts = urlsplit(url)
    if parts.scheme != "https":
        return Checked(title, "bad", f"{url} 不是 https：小程序只能访问 https 的域名，请给域名配证书。")
    told = f"微信不让程序查这一项。请核对{MINI_CONSOLE}「开发管理 · 服务器域名 · request 合法域名」里有 https://{parts.netloc}。"
    return Checked(title, "look", told)

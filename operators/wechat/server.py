"""What WeChat needs of our own server: its address, the encryption of messages, and the domain that the mini-program asks."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bot.app import PATH
from operators.wechat.checked import MINI_CONSOLE, OA_CONSOLE, Checked
from runtime.resources import Resources
from wechat.aes import sign

ECHO: Final = "jifen-check"
NONCE: Final = "check"
OWN_TIMEOUT_S: Final = 5.0
FOLLOWED: Final = "SELECT 1 FROM identity WHERE provider = $1 LIMIT 1"


def check_settings(resources: Resources) -> Iterator[Checked]:
    """The encryption of messages, as it is set here."""
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


async def check_address(resources: Resources) -> Checked:
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


async def check_messages(resources: Resources) -> Checked:
    """Whether a message of the account has ever arrived."""
    title = "收到微信的消息"
    if await resources.pool.fetchval(FOLLOWED, resources.settings.oa_app_id) is not None:
        return Checked(title, "good", "收到过公众号的消息：地址、令牌和加密都对。")
    told = "还没有收到过：在公众平台「服务器配置」点「启用」，再用手机关注公众号试一次。"
    return Checked(title, "look", told)


def check_domain(resources: Resources) -> Checked:
    """The domain that the mini-program must be allowed to ask."""
    title, url = "小程序的服务器域名", resources.settings.public_base_url
    if url is None:
        return Checked(title, "bad", "先设置 JIFEN_PUBLIC_BASE_URL。")
    parts = urlsplit(url)
    if parts.scheme != "https":
        return Checked(title, "bad", f"{url} 不是 https：小程序只能访问 https 的域名，请给域名配证书。")
    told = f"微信不让程序查这一项。请核对{MINI_CONSOLE}「开发管理 · 服务器域名 · request 合法域名」里有 https://{parts.netloc}。"
    return Checked(title, "look", told)

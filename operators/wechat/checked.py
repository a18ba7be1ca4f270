"""What a check found, and what an answer of WeChat's means for whoever sets the account up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from wechat.errors import ApiError, RateLimited

State: TypeAlias = Literal["good", "bad", "look"]
"""`look`: WeChat does not tell it, so the operator compares it."""
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


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at; `told` says what is missing and where it is set."""

    title: str
    state: State
    told: str


def said(refused: ApiError) -> str:
    """What a refusal of WeChat's means, and what to do about it, in Chinese."""
    if isinstance(refused, RateLimited):
        return "这个接口今天或这一分钟的次数用完了，请晚一点再检查。"
    if refused.errcode is None:
        return "连不上微信的接口：请看服务器能不能访问 api.weixin.qq.com。"
    known = LIKELY.get(refused.errcode, "请按错误码查微信的文档。")
    return f"{known}（errcode {refused.errcode}：{refused.errmsg}）"

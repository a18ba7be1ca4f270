"""Refusals of the platform and of the control API.

PlatformError    answered by a platform path as {"errcode", "errmsg"}; source: WeChat docs, 全局返回码
ControlRefused   answered by the control API as {"detail"} with a status of 4xx
"""

import secrets

MESSAGES: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid submenu level",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40053: "invalid action info",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block message",
    48006: "forbid to clear quota because of reaching the limit",
    61010: "code is expired",
    76021: "cgi_path not found, please check",
}


class PlatformError(Exception):
    """The platform refuses a call with `errcode`; `detail` is appended to the standard message of that code."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        super().__init__(errcode, detail)
        self.errcode = errcode
        self.detail = detail

    def body(self) -> dict[str, int | str]:
        """The JSON body, its errmsg ending in ` rid: 8hex-8hex-8hex`."""
        words = MESSAGES.get(self.errcode, "error")
        return {
            "errcode": self.errcode,
            "errmsg": " ".join(part for part in (words, self.detail, _rid()) if part),
        }


class ControlRefused(Exception):
    """The control API cannot do what was asked, answered with `status`; `detail` says why, in Chinese."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


def _rid() -> str:
    return "rid: " + "-".join(secrets.token_hex(4) for _ in range(3))

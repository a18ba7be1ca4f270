"""Logging in and out on a phone, and the first log-in, which sets a password and an authenticator app up."""

import io
import json
from typing import Final

import qrcode
import qrcode.image.svg
from aiohttp import web
from pyotp import TOTP

from clerk.guard import ROOT, Visit, is_encrypted, sent_to, shown
from clerk.html import field, form, said
from operators.access.login import LoggedIn, LoginRefused, MustSetUp, log_in, log_out, set_up
from operators.roles import Action, Operator, may
from operators.sessions import LONGEST
from web.html import NOTHING, Html, joined, markup
from web.security import OPERATOR_COOKIE

APP_ADDRESS: Final = "otpauth://"


async def show_login(visit: Visit) -> web.Response:
    """The form."""
    return _login_page(visit, "", "")


async def take_login(visit: Visit) -> web.Response:
    """Log an operator in who may take vouchers."""
    name, keyring = visit.field("name"), visit.resources.settings.keyring
    found = await log_in(
        visit.resources.pool, keyring, name, visit.field("password"), visit.field("code").strip(), visit.now, visit.origin
    )  # fmt: skip
    match found:
        case LoggedIn():
            return await _enter(visit, found)
        case MustSetUp():
            return _set_up_page(found.token, found.secret, found.address, "")
    return _login_page(visit, name, found.sentence, 401)


async def take_set_up(visit: Visit) -> web.Response:
    """Set the password, once the authenticator app shows the right code."""
    given = tuple(visit.field(one) for one in ("token", "secret", "address"))
    token, secret, address = given
    if visit.field("password") != visit.field("again"):
        return _set_up_page(token, secret, address, "两次输入的密码不一样。", 422)
    keyring, code = visit.resources.settings.keyring, visit.field("code").strip()
    found = await set_up(
        visit.resources.pool, keyring, token, visit.field("password"), code, visit.now, visit.origin
    )
    if isinstance(found, LoginRefused):
        return _set_up_page(token, secret, address, found.sentence, 422)
    return await _enter(visit, found)


async def take_logout(visit: Visit) -> web.Response:
    """End the session."""
    if token := visit.http.cookies.get(OPERATOR_COOKIE):
        await log_out(visit.resources.pool, token, visit.now, visit.origin)
    answer = sent_to(f"{ROOT}/login")
    answer.del_cookie(OPERATOR_COOKIE, path=ROOT)
    return answer


async def _enter(visit: Visit, found: LoggedIn) -> web.Response:
    if not may(found.operator.role, Action.VERIFY_VOUCHER):
        await log_out(visit.resources.pool, found.token, visit.now, visit.origin)
        return _login_page(visit, "", _no_clerk(found.operator), 403)
    answer = sent_to(ROOT)
    answer.set_cookie(
        OPERATOR_COOKIE, found.token, max_age=int(LONGEST.total_seconds()), httponly=True, samesite="Lax",
        secure=is_encrypted(visit.http), path=ROOT,
    )  # fmt: skip
    return answer


def _no_clerk(operator: Operator) -> str:
    return f"{operator.role_name}不能核销券，请用店员、运营或老板的账号登录。"


def _login_page(visit: Visit, name: str, sentence: str, status: int = 200) -> web.Response:
    fields = [
        field("名字", "name", value=name, complete="username"),
        field("密码", "password", kind="password", complete="current-password"),
        field(
            "验证码（验证器上的 6 位数字；第一次登录不用填）", "code", complete="one-time-code", needed=False
        ),
    ]
    body = [
        markup("<h1>门店核销</h1>"),
        said(sentence),
        form(f"{ROOT}/login", fields, "登录"),
        demo_hint(visit),
    ]
    return shown("登录", joined(body), status=status)


def demo_hint(visit: Visit) -> Html:
    """The demo's operators with their passwords and the codes that their apps would show now; empty outside of the demo."""
    settings = visit.resources.settings
    if not settings.is_demo:
        return NOTHING
    try:
        staff = json.loads((settings.data_dir / "demo.json").read_text(encoding="utf-8"))["operators"]
    except (OSError, ValueError, KeyError):
        return NOTHING
    rows = joined(
        markup(
            "<tr><td>{}</td><td><code>{}</code></td><td><code>{}</code></td></tr>",
            one["name"], one["password"], TOTP(one["totp_secret"]).at(visit.now),
        )
        for one in staff if may(one["role"], Action.VERIFY_VOUCHER)
    )  # fmt: skip
    return markup(
        '<section><h2>演示账号</h2><p class="quiet">验证码每半分钟换一个，用过的不能再用；刷新页面看新的。</p>'
        "<table><thead><tr><th>名字</th><th>密码</th><th>验证码</th></tr></thead><tbody>{}</tbody></table></section>",
        rows,
    )


def _set_up_page(token: str, secret: str, address: str, sentence: str, status: int = 200) -> web.Response:
    fields = [
        field("新密码（至少 10 位）", "password", kind="password", complete="new-password"),
        field("再输一遍新密码", "again", kind="password", complete="new-password"),
        field("验证器上的 6 位数字", "code", complete="one-time-code"),
    ]
    hidden = {"token": token, "secret": secret, "address": address}
    body = [
        markup("<h1>第一次登录：设置密码</h1>"),
        said(sentence),
        _app(secret, address),
        form(f"{ROOT}/set-up", fields, "保存并登录", hidden),
    ]
    return shown("设置密码", joined(body), status=status)


def _app(secret: str, address: str) -> Html:
    """How the secret gets into the authenticator app, which may be on this phone or on another."""
    link = markup('<a class="button plain" href="{}">加到这部手机的验证器</a>', address)
    return markup(
        "<p>用手机上的验证器（微信小程序里搜「身份验证器」，或 Google Authenticator、Microsoft Authenticator）记下这个账号，"
        '以后每次登录都要输入它显示的 6 位数字。</p>{}{}<p class="quiet">扫不了码就手工输入：<code>{}</code></p>',
        link if address.startswith(APP_ADDRESS) else NOTHING, _qr(address), secret,
    )  # fmt: skip


def _qr(address: str) -> Html:
    drawn = io.BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(drawn)
    return Html(f'<div class="qr">{drawn.getvalue().decode().partition("?>")[2]}</div>')

"""Logging in and out, and the first log-in, which sets a password and an authenticator app up. Plain HTML, before any session."""

import io
from hmac import compare_digest
from typing import Annotated
from urllib.parse import urlsplit

import qrcode
import qrcode.image.svg
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from console.demo_hint import demo_hint
from console.guard import COOKIE, origin_of
from console.plain import field, form, plain_page, warning
from operators.access.login import LoggedIn, LoginRefused, MustSetUp, log_in, log_out, set_up
from operators.sessions import LONGEST
from runtime.resources import Resources

Text = Annotated[str, Form(max_length=500)]
Wanted = Annotated[str, Form(max_length=8_000)]


def add_login(app: FastAPI, resources: Resources) -> None:
    """Add `/login`, `/set-up` and `/logout`."""

    def page(wanted: str, name: str, sentence: str) -> str:
        return _login_page(wanted, name, sentence, demo_hint(resources.settings, resources.clock.now()))

    async def show_login(request: Request) -> Response:
        return HTMLResponse(page(request.query_params.get("next", ""), "", ""))

    async def take_login(
        request: Request,
        name: Text = "",
        password: Text = "",
        code: Text = "",
        next: Wanted = "",  # noqa: A002  # the field's name in the form
    ) -> Response:
        now = resources.clock.now()
        found = await log_in(
            resources.pool, resources.settings.keyring, name, password, code.strip(), now, origin_of(request)
        )
        match found:
            case LoggedIn(token=token):
                return _enter(request, token, next)
            case MustSetUp():
                return HTMLResponse(_set_up_page(found.token, found.secret, found.address, ""))
        return HTMLResponse(page(next, name, found.sentence), 401)

    async def take_set_up(
        request: Request,
        token: Text = "",
        secret: Text = "",
        address: Text = "",
        password: Text = "",
        again: Text = "",
        code: Text = "",
    ) -> Response:
        if not compare_digest(password.encode(), again.encode()):
            return HTMLResponse(_set_up_page(token, secret, address, "两次输入的密码不一样。"), 422)
        now = resources.clock.now()
        found = await set_up(
            resources.pool, resources.settings.keyring, token, password, code.strip(), now, origin_of(request)
        )
        if isinstance(found, LoginRefused):
            return HTMLResponse(_set_up_page(token, secret, address, found.sentence), 422)
        return _enter(request, found.token, "")

    async def take_logout(request: Request) -> Response:
        if token := request.cookies.get(COOKIE):
            await log_out(resources.pool, token, resources.clock.now(), origin_of(request))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    app.add_api_route("/login", show_login, methods=["GET"])
    app.add_api_route("/login", take_login, methods=["POST"])
    app.add_api_route("/set-up", take_set_up, methods=["POST"])
    app.add_api_route("/logout", take_logout, methods=["POST"])


def _enter(request: Request, token: str, wanted: str) -> Response:
    answer = RedirectResponse(_own_address(wanted), 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_encrypted(request),
        path="/",
    )
    return answer


def _own_address(wanted: str) -> str:
    """The wanted page if it is one of this console, else the first page: a link must not lead elsewhere after the log-in."""
    parts = urlsplit(wanted)
    is_own = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
    )
    return wanted if is_own and "\\" not in wanted else "/"


def _encrypted(request: Request) -> bool:
    return urlsplit(request.headers.get("origin", "")).scheme == "https"


def _login_page(wanted: str, name: str, sentence: str, hint: Markup) -> str:
    fields = [
        field("name", "名字", value=name, complete="username"),
        field("password", "密码", kind="password", complete="current-password"),
        field(
            "code",
            "验证码（手机验证器上的 6 位数字；第一次登录不用填）",
            complete="one-time-code",
            required=False,
        ),
    ]
    body = warning(sentence) + form("/login", fields, "登录", {"next": wanted}) + hint
    return plain_page("登录积分后台", body)


def _set_up_page(token: str, secret: str, address: str, sentence: str) -> str:
    fields = [
        field("password", "新密码（至少 10 位）", kind="password", complete="new-password"),
        field("again", "再输一遍新密码", kind="password", complete="new-password"),
        field("code", "验证器上的 6 位数字", complete="one-time-code"),
    ]
    lead = Markup(
        "<p>用手机上的验证器（微信小程序里搜「身份验证器」，或 Google Authenticator、Microsoft Authenticator）扫这个码，"
        "以后每次登录都要输入它显示的 6 位数字。</p>{}<p class='quiet'>扫不了码就手工输入：<code>{}</code></p>"
    ).format(_qr(address), secret)
    hidden = {"token": token, "secret": secret, "address": address}
    return plain_page(
        "第一次登录：设置密码", warning(sentence) + lead + form("/set-up", fields, "保存并登录", hidden)
    )


def _qr(address: str) -> Markup:
    drawn = io.BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage, border=1).save(drawn)
    return Markup(drawn.getvalue().decode().partition("?>")[2])  # noqa: S704  # our own drawing

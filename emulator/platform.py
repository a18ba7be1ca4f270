"""The platform's own paths, as api.weixin.qq.com answers them.

`ENDPOINTS` has a row per path: its method, which account may call it, and the function that answers. The HTTP status
is 200 even for refusals. Whether a success carries an errcode differs between paths, as on the platform.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from emulator.codes import exchange_login, exchange_phone_number
from emulator.config import Account, AccountKind
from emulator.content_check import check_text
from emulator.custom_messages import send_custom
from emulator.errors import PlatformError
from emulator.menus import create_menu, delete_menu, get_menu
from emulator.phones import user_info
from emulator.qrcodes import create_ticket, miniapp_code
from emulator.quotas import clear_quota, count_call, quota_left
from emulator.subscribe_messages import send_subscription
from emulator.template_messages import list_subscriptions, list_templates, send_template
from emulator.tokens import account_of, authenticate, plain_token, require_grant_type, stable_token
from emulator.world import World

Answer = dict[str, object] | bytes
Credential = Literal["token", "secret"]
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u")


@dataclass(frozen=True)
class Call:
    """One call: its query, and its JSON body (empty for GET)."""

    query: Mapping[str, str]
    body: dict[str, object]


@dataclass(frozen=True)
class Endpoint:
    """A path of the platform. `kind` is the kind of account that may call it; None for both."""

    method: Literal["GET", "POST"]
    kind: AccountKind | None
    answer: Callable[[World, Account, Call], Answer]
    credential: Credential = "token"
    grant_type: str = "client_credential"


def answer_call(world: World, path: str, method: str, query: Mapping[str, str], raw: bytes) -> Answer:
    """Answer one call. Raises PlatformError; of a refused call only its count against the quota is stored."""
    endpoint = ENDPOINTS.get(path)
    if endpoint is None:
        raise PlatformError(40066)
    if method != endpoint.method:
        raise PlatformError(43002 if endpoint.method == "POST" else 43001)
    call, account = _authorize(world, endpoint, query, raw)
    if endpoint.kind not in (None, account.kind):
        raise PlatformError(48001)
    count_call(world, account, path)
    with world.database.transaction():
        return endpoint.answer(world, account, call)


def _authorize(
    world: World, endpoint: Endpoint, query: Mapping[str, str], raw: bytes
) -> tuple[Call, Account]:
    if endpoint.credential == "token":
        account = account_of(world, query.get("access_token"))
        return Call(query, _body(endpoint, raw)), account
    call = Call(query, _body(endpoint, raw))
    given: Mapping[str, object] = call.body if endpoint.method == "POST" else query
    require_grant_type(given, endpoint.grant_type)
    return call, authenticate(world.config, given)


def _body(endpoint: Endpoint, raw: bytes) -> dict[str, object]:
    """The JSON object sent. The platform does not decode `\\u` escapes, so the phone shows them as they were written."""
    if endpoint.method == "GET":
        return {}
    if not raw.strip():
        raise PlatformError(44002)
    try:
        body = json.loads(_ESCAPE.sub(r"\1\\\\u", raw.decode()))
    except ValueError as error:
        raise PlatformError(47001) from error
    if not isinstance(body, dict):
        raise PlatformError(47001)
    return body


def _stable(world: World, account: Account, call: Call) -> Answer:
    return stable_token(world, account, force_refresh=call.body.get("force_refresh", False) is True)


def _with_body(
    answer: Callable[[World, Account, dict[str, object]], Answer],
) -> Callable[[World, Account, Call], Answer]:
    return lambda world, account, call: answer(world, account, call.body)


def _with_query(
    answer: Callable[[World, Account, Mapping[str, str]], Answer],
) -> Callable[[World, Account, Call], Answer]:
    return lambda world, account, call: answer(world, account, call.query)


ENDPOINTS: dict[str, Endpoint] = {
    "/cgi-bin/token": Endpoint(
        "GET", None, lambda world, account, _call: plain_token(world, account), "secret"
    ),
    "/cgi-bin/stable_token": Endpoint("POST", None, _stable, "secret"),
    "/cgi-bin/clear_quota": Endpoint("POST", None, _with_body(clear_quota)),
    "/cgi-bin/openapi/quota/get": Endpoint("POST", None, _with_body(quota_left)),
    "/cgi-bin/qrcode/create": Endpoint("POST", "oa", _with_body(create_ticket)),
    "/cgi-bin/user/info": Endpoint("GET", "oa", _with_query(user_info)),
    "/cgi-bin/menu/create": Endpoint("POST", "oa", _with_body(create_menu)),
    "/cgi-bin/menu/get": Endpoint("GET", "oa", lambda world, account, _call: get_menu(world, account)),
    "/cgi-bin/menu/delete": Endpoint("GET", "oa", lambda world, account, _call: delete_menu(world, account)),
    "/cgi-bin/template/get_all_private_template": Endpoint(
        "GET", "oa", lambda world, _a, _c: list_templates(world)
    ),
    "/wxaapi/newtmpl/gettemplate": Endpoint(
        "GET", "miniapp", lambda world, _a, _c: list_subscriptions(world)
    ),
    "/cgi-bin/message/template/send": Endpoint("POST", "oa", _with_body(send_template)),
    "/cgi-bin/message/custom/send": Endpoint("POST", None, _with_body(send_custom)),
    "/cgi-bin/message/subscribe/send": Endpoint("POST", "miniapp", _with_body(send_subscription)),
    "/sns/jscode2session": Endpoint("GET", None, _with_query(exchange_login), "secret", "authorization_code"),
    "/wxa/getwxacodeunlimit": Endpoint("POST", "miniapp", _with_body(miniapp_code)),
    "/wxa/msg_sec_check": Endpoint("POST", "miniapp", _with_body(check_text)),
    "/wxa/business/getuserphonenumber": Endpoint("POST", "miniapp", _with_body(exchange_phone_number)),
}

"""Pushes as the platform would make them, with wechatpy as the independent hand that encrypts."""

import json
from datetime import UTC, datetime

from wechatpy.crypto import WeChatCrypto, _get_signature

from wechat.body import read_body
from wechat.messages import Push, parse_push

APP_ID = "wx49f0ab532d5d035a"
TOKEN = "token1234567890"
KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
OLD_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TIMESTAMP = str(int(NOW.timestamp()))
NONCE = "415670741"

TEXT = (
    "<xml><ToUserName><![CDATA[gh_aa]]></ToUserName><FromUserName><![CDATA[oU1]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[签到]]></Content><MsgId>24000000000000001</MsgId></xml>"
)
JSON_EVENT = json.dumps(
    {
        "ToUserName": "gh_mp",
        "FromUserName": "oM1",
        "CreateTime": 1700000000,
        "MsgType": "event",
        "Event": "user_enter_tempsession",
        "SessionFrom": "订单-42",
    },
    ensure_ascii=False,
)


def xml_push(**fields: str | int) -> str:
    """A push in XML; every field in CDATA."""
    common = {"ToUserName": "gh_aa", "FromUserName": "oU1", "CreateTime": 1700000000}
    texts = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in (common | fields).items())
    return f"<xml>{texts}</xml>"


def parsed(body: str) -> Push:
    return parse_push(*read_body(body.encode()))


def plain_query(timestamp: str = TIMESTAMP) -> dict[str, str]:
    signature = _get_signature(TOKEN, timestamp, NONCE, "")
    return {"signature": signature, "timestamp": timestamp, "nonce": NONCE, "openid": "oU1"}


def encrypted_push(
    message: str, *, key: str = KEY, app_id: str = APP_ID, as_json: bool = False, timestamp: str = TIMESTAMP
) -> tuple[dict[str, str], bytes]:
    """The query and body of an encrypted push."""
    envelope, _ = read_body(
        WeChatCrypto(TOKEN, key, app_id).encrypt_message(message, NONCE, timestamp).encode()
    )
    query = plain_query(timestamp) | {"encrypt_type": "aes", "msg_signature": str(envelope["MsgSignature"])}
    if as_json:
        return query, json.dumps({"ToUserName": "gh_aa", "Encrypt": envelope["Encrypt"]}).encode()
    body = f"<xml><ToUserName>gh_aa</ToUserName><Encrypt><![CDATA[{envelope['Encrypt']}]]></Encrypt></xml>"
    return query, body.encode()

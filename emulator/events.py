"""Messages and events that the platform pushes to the webhook, as ordered fields.

Source: WeChat docs, 接收普通消息 / 接收事件推送 / 模板消息 / 订阅消息. A value is text, a number, a
mapping, or a list of mappings; `wire` writes it as XML or JSON.
"""

import sqlite3

from emulator.config import Account
from emulator.world import World

Fields = dict[str, object]
FIRST_MSG_ID = 24_000_000_000_000_001


def text_message(world: World, phone: sqlite3.Row, text: str) -> Fields:
    """The member sent a text."""
    number = world.database.next_number("msg_id", FIRST_MSG_ID)
    return {**_head(world, world.config.oa, phone["oa_openid"], "text"), "Content": text, "MsgId": number}


def subscribe(world: World, phone: sqlite3.Row, scene: str | None = None, ticket: str = "") -> Fields:
    """The member follows; after the scan of a parametric QR code the key is `qrscene_` and the scene."""
    if scene is None:
        return _event(world, phone, "subscribe", EventKey="")
    return _event(world, phone, "subscribe", EventKey=f"qrscene_{scene}", Ticket=ticket)


def unsubscribe(world: World, phone: sqlite3.Row) -> Fields:
    """The member unfollowed."""
    return _event(world, phone, "unsubscribe", EventKey="")


def scan(world: World, phone: sqlite3.Row, scene: str, ticket: str) -> Fields:
    """A follower scanned a parametric QR code."""
    return _event(world, phone, "SCAN", EventKey=scene, Ticket=ticket)


def click(world: World, phone: sqlite3.Row, key: str) -> Fields:
    """The member tapped a menu button."""
    return _event(world, phone, "CLICK", EventKey=key)


def unknown_event(world: World, phone: sqlite3.Row) -> Fields:
    """An event that WeChat's documentation does not have, as WeChat may add one at any time."""
    return _event(world, phone, "some_future_event", EventKey="", FutureField={"Inner": "1"})


def template_finished(world: World, phone: sqlite3.Row, msgid: int, status: str) -> Fields:
    """The result of a template message. Its id is named `MsgID`, unlike `MsgId` of messages."""
    return _event(world, phone, "TEMPLATESENDJOBFINISH", MsgID=msgid, Status=status)


def consent_answered(world: World, phone: sqlite3.Row, template_id: str, *, accept: bool) -> Fields:
    """The member answered `wx.requestSubscribeMessage` in the mini-program: accept or reject."""
    entry = {
        "TemplateId": template_id,
        "SubscribeStatusString": "accept" if accept else "reject",
        "PopupScene": "0",
    }
    return _miniapp_event(world, phone, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", entry)


def consent_withdrawn(world: World, phone: sqlite3.Row, revoke_info: str | None) -> Fields:
    """The member withdrew a consent in WeChat's settings (RevokeInfo says which); None: they closed their WeChat account.

    It comes from an account of the platform; the member is in OpenID. Source: WeChat docs, 授权用户资料变更.
    """
    name = "user_authorization_cancellation" if revoke_info is None else "user_authorization_revoke"
    miniapp = world.config.miniapp
    scope = {} if revoke_info is None else {"RevokeInfo": revoke_info}
    about = {"Event": name, "OpenID": phone["miniapp_openid"], "AppID": miniapp.app_id, **scope}
    return {**_head(world, miniapp, "oPlatformAccount", "event"), **about}


def subscription_sent(world: World, phone: sqlite3.Row, template_id: str, msgid: int) -> Fields:
    """A subscription message was delivered to the phone."""
    entry: Fields = {"TemplateId": template_id, "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": "success"}
    return _miniapp_event(world, phone, "subscribe_msg_sent_event", "SubscribeMsgSentEvent", entry)


def _head(world: World, account: Account, openid: str, kind: str) -> Fields:
    return {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": int(world.epoch()),
        "MsgType": kind,
    }


def _event(world: World, phone: sqlite3.Row, name: str, **fields: object) -> Fields:
    return {**_head(world, world.config.oa, phone["oa_openid"], "event"), "Event": name, **fields}


def _miniapp_event(world: World, phone: sqlite3.Row, name: str, wrapper: str, entry: object) -> Fields:
    head = _head(world, world.config.miniapp, phone["miniapp_openid"], "event")
    return {**head, "Event": name, wrapper: {"List": [entry]}}

"""wechatpy's classes behind our adapter: which class, which fields, and never an error of theirs."""

import ast
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES

from tests.source import PACKAGES, ROOT, parsed
from wechat.errors import PushMalformed
from wechat.fields import Fields
from wechat.messages import parse_push
from wechat.typed import field_name, text_of, typed

KINDS = [*((kind, None) for kind in MESSAGE_TYPES), *(("event", event) for event in EVENT_TYPES)]
NAMES = sorted(
    {
        field.name
        for known in (*MESSAGE_TYPES.values(), *EVENT_TYPES.values())
        for field in known._fields.values()
    }
    | {"List", "Event", "Recognition"}
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["", "0", "-1", "1e999", "a", "qrscene_", "qrscene_7", "]]>", "９", "x" * 200])
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("kind", "event", "fields", "expected"),
    [
        ("text", None, {}, "TextMessage"),
        ("voice", None, {}, "VoiceMessage"),
        ("hologram", None, {}, "UnknownMessage"),
        ("event", "unheard_of", {}, "UnknownMessage"),
        ("event", "subscribe", {}, "SubscribeEvent"),
        ("event", "subscribe", {"EventKey": "last_trade_no_4008072001"}, "SubscribeEvent"),
        ("event", "subscribe", {"EventKey": "qrscene_7"}, "SubscribeScanEvent"),
        ("event", "subscribe", {"EventKey": {"qrscene_": "7"}}, "SubscribeEvent"),
        ("event", "unsubscribe", {"EventKey": "qrscene_7"}, "UnsubscribeEvent"),
        ("event", "scan", {"EventKey": "qrscene_7"}, "ScanEvent"),
        ("event", "templatesendjobfinish", {}, "TemplateSendJobFinishEvent"),
        ("event", "subscribe_msg_sent_event", {}, "SubscribeMsgSentEvent"),
        ("event", "text", {}, "UnknownMessage"),
        ("scan", None, {}, "UnknownMessage"),
    ],
)
def test_which_class(kind: str, event: str | None, fields: Fields, expected: str) -> None:
    assert type(typed(kind, event, fields)).__name__ == expected


@pytest.mark.parametrize(
    ("kind", "event", "attribute", "expected"),
    [
        ("text", None, "content", "Content"),
        ("voice", None, "recognition", "Recognition"),
        ("image", None, "content", None),
        ("event", "scan", "scene_id", "EventKey"),
        ("event", "subscribe", "scene_id", None),
        ("event", "subscribe_msg_popup_event", "subscribes_info", "SubscribeMsgPopupEvent"),
        ("event", "subscribe_msg_change_event", "subscribes_info", "SubscribeMsgChangeEvent"),
        ("event", "subscribe_msg_sent_event", "subscribes_info", "SubscribeMsgSentEvent"),
        ("hologram", None, "content", None),
    ],
)
def test_which_field(kind: str, event: str | None, attribute: str, expected: str | None) -> None:
    assert field_name(typed(kind, event, {}), attribute) == expected


def test_only_plain_texts_are_read() -> None:
    """Base64 and numbers are converted when they are read, and would raise."""
    device = typed("event", "device_text", {"Content": "a", "MsgId": "49d72d67_1"})
    with pytest.raises(ValueError, match="base64"):
        device.content  # noqa: B018  # reading it is the point
    assert text_of(device, "content") is None
    assert text_of(device, "id") is None
    assert text_of(device, "no_such_attribute") is None


@pytest.mark.slow
@settings(max_examples=500)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
def test_nothing_in_a_push_raises_out_of_wechatpy(kind: tuple[str, str | None], odd: Fields) -> None:
    common: Fields = {"ToUserName": "gh_aa", "FromUserName": "oU1", "CreateTime": "1700000000"}
    fields: Fields = common | odd | {"MsgType": kind[0]} | ({"Event": kind[1]} if kind[1] else {})
    before = copy.deepcopy(fields)
    try:
        push = parse_push(fields)
    except PushMalformed:
        pass
    else:
        assert (push.kind, push.event) == kind
    assert fields == before, "wechatpy writes defaults into what it is given"


def test_wechatpy_stands_behind_wechat_and_its_clients_stay_out() -> None:
    """Its API client blocks the event loop and takes a token of its own."""
    used = {
        (path.relative_to(ROOT).parts[0], module)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for module in imported(path)
        if module.split(".")[0] == "wechatpy"
    }
    assert used == {
        ("wechat", f"wechatpy.{module}") for module in ("events", "fields", "messages", "replies")
    }


def imported(path: Path) -> list[str]:
    nodes = list(ast.walk(parsed(path.read_text(encoding="utf-8"))))
    plain = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    return plain + [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]

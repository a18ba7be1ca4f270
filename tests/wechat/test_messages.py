"""From fields to a typed push."""

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wechat.oracle import understood
from tests.wechat.pushes import JSON_EVENT, TEXT, parsed, xml_push
from wechat.errors import PushMalformed
from wechat.messages import Push, SubscriptionChoice, SubscriptionResult


def event(name: str, **fields: str | int) -> Push:
    return parsed(xml_push(MsgType="event", Event=name, **fields))


def test_text() -> None:
    push = parsed(TEXT)
    assert (push.to_user, push.from_user, push.created_at) == ("gh_aa", "oU1", 1700000000)
    assert (push.kind, push.content, push.message_id) == ("text", "签到", "24000000000000001")
    assert (push.event, push.event_key, push.scene, push.ticket) == (None, None, None, None)
    assert push.format == "xml"


@pytest.mark.parametrize(
    ("name", "event_key", "scene"),
    [
        ("subscribe", None, None),
        ("subscribe", "", None),
        ("subscribe", "qrscene_inv_7Qk2", "inv_7Qk2"),
        ("subscribe", "qrscene_qrscene_x", "qrscene_x"),
        ("subscribe", "qrscene_", None),
        ("subscribe", "qrscene_" + "x" * 65, None),
        ("subscribe", "last_trade_no_4008072001", None),
        ("subscribe", "scanbarcode|EAN13|1", None),
        ("subscribe", "scanimage|1", None),
        ("SCAN", "inv_7Qk2", "inv_7Qk2"),
        ("SCAN", "scanbarcode|EAN13|1", None),
        ("SCAN", "", None),
        ("CLICK", "签到", None),
    ],
)
def test_scene(name: str, event_key: str | None, scene: str | None) -> None:
    push = event(name, **({} if event_key is None else {"EventKey": event_key, "Ticket": "gQ1"}))
    assert (push.event, push.event_key, push.scene) == (name.lower(), event_key, scene)
    assert push.ticket == (None if event_key is None else "gQ1")


@pytest.mark.parametrize(
    ("fields", "kind", "event_name"),
    [
        ({"MsgType": "Event", "Event": "Unheard_Of"}, "event", "unheard_of"),
        ({"MsgType": "TEXT", "Content": "x"}, "text", None),
        ({"MsgType": "hologram", "MsgId": "1"}, "hologram", None),
        ({"MsgType": "device_event", "Event": "bind"}, "device_event", None),
    ],
)
def test_unknown_kinds_are_values(fields: dict[str, Any], kind: str, event_name: str | None) -> None:
    push = parsed(xml_push(**fields))
    assert (push.kind, push.event) == (kind, event_name)


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [
        ("24000000000000001", "24000000000000001"),
        ("49d72d67_1555684067", "49d72d67_1555684067"),
        ("0", None),
        ("", None),
        (" 7 ", "7"),
    ],
)
def test_message_id_is_text_or_none(given_id: str, kept: str | None) -> None:
    assert parsed(xml_push(MsgType="text", Content="x", MsgId=given_id)).message_id == kept


def test_numbers_in_json_are_kept_exactly() -> None:
    body = json.loads(JSON_EVENT) | {"MsgType": "text", "Content": "a", "MsgId": 24000000000000000123}
    assert parsed(json.dumps(body)).message_id == "24000000000000000123"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ToUserName": ""},
        {"FromUserName": " "},
        {"FromUserName": "o" * 129},
        {"CreateTime": "1e9"},
        {"CreateTime": "-5"},
        {"CreateTime": "９"},
        {"CreateTime": "9" * 12},
        {"CreateTime": ""},
        {"MsgType": ""},
        {"MsgId": "1" * 129},
        {"MsgType": "event", "Event": ""},
        {"MsgType": "event"},
    ],
)
def test_absurd_fields_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(PushMalformed):
        parsed(xml_push(**({"MsgType": "text", "Content": "x"} | wrong)))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("text", name) for name in ("ToUserName", "CreateTime", "MsgType", "MsgId")),
    ],
)
@pytest.mark.parametrize("value", [["a"], {"a": "b"}])
def test_an_address_with_a_list_or_object_is_refused(kind: str, name: str, value: Any) -> None:
    body = {"ToUserName": "g", "FromUserName": "o", "CreateTime": 1, "MsgType": kind, "Content": "x"}
    with pytest.raises(PushMalformed):
        parsed(json.dumps(body | {name: value}))


@pytest.mark.parametrize("kind", ["text", "voice"])
@pytest.mark.parametrize("value", [["a"], {"a": "b"}])
def test_a_text_that_is_a_list_or_object_counts_as_absent(kind: str, value: Any) -> None:
    body = {"ToUserName": "g", "FromUserName": "o", "CreateTime": 1, "MsgType": kind}
    push = parsed(
        json.dumps(body | {"Content": value, "Recognition": value, "Ticket": value, "EventKey": value})
    )
    assert (push.content, push.recognition, push.ticket, push.event_key) == (None, None, None, None)


@pytest.mark.parametrize(
    ("status", "delivered"),
    [("success", True), ("failed:user block", False), ("failed: system failed", False)],
)
def test_template_job(status: str, delivered: bool) -> None:
    job = event("TEMPLATESENDJOBFINISH", MsgID=200163840, Status=status).template_job
    assert job is not None
    assert (job.message_id, job.status, job.delivered) == ("200163840", status, delivered)


ACCEPTED, REJECTED = SubscriptionChoice("T1", "accept"), SubscriptionChoice("T2", "reject")
ENTRY_1 = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "1"}
ENTRY_2 = {"TemplateId": "T2", "SubscribeStatusString": "reject", "PopupScene": 1}


@pytest.mark.parametrize(
    ("entries", "choices"),
    [
        (ENTRY_1, (ACCEPTED,)),
        ([ENTRY_1], (ACCEPTED,)),
        ([ENTRY_1, ENTRY_2], (ACCEPTED, REJECTED)),
        ([], ()),
        (None, ()),
    ],
)
@pytest.mark.parametrize("name", ["popup", "change"])
def test_choices_in_json(name: str, entries: Any, choices: tuple[SubscriptionChoice, ...]) -> None:
    body = json.loads(JSON_EVENT) | {"Event": f"subscribe_msg_{name}_event", "List": entries}
    assert parsed(json.dumps(body)).choices == choices


def test_choices_in_xml() -> None:
    lists = "".join(
        f"<List><TemplateId>{entry['TemplateId']}</TemplateId>"
        f"<SubscribeStatusString>{entry['SubscribeStatusString']}</SubscribeStatusString></List>"
        for entry in (ENTRY_1, ENTRY_2)
    )
    body = xml_push(MsgType="event", Event="subscribe_msg_popup_event").removesuffix("</xml>")
    push = parsed(f"{body}<SubscribeMsgPopupEvent>{lists}</SubscribeMsgPopupEvent></xml>")
    assert push.choices == (ACCEPTED, REJECTED)
    assert [choice.accepted for choice in push.choices] == [True, False]
    assert push.results == ()


def test_results() -> None:
    entry = {"TemplateId": "T1", "MsgID": "1700827132819554304", "ErrorCode": 0, "ErrorStatus": "success"}
    body = json.loads(JSON_EVENT) | {"Event": "subscribe_msg_sent_event", "List": entry}
    push = parsed(json.dumps(body))
    assert push.results == (SubscriptionResult("T1", "1700827132819554304", 0, "success"),)
    assert push.choices == ()
    wrongs: list[dict[str, Any]] = [
        {"ErrorCode": "many"},
        {"ErrorCode": "1" * 10},
        {"TemplateId": ""},
        {"MsgID": ["a"]},
    ]
    for wrong in wrongs:
        assert parsed(json.dumps(body | {"List": [entry | wrong, entry]})).results == push.results
    assert parsed(json.dumps(body | {"List": ["T1", entry, None]})).results == push.results


def test_who_withdrew_is_in_openid() -> None:
    push = event("user_authorization_revoke", OpenID="oReal", FromUserName="oPLATFORM")
    assert (push.from_user, push.openid) == ("oPLATFORM", "oReal")
    assert event("CLICK", OpenID="oReal", EventKey="k").openid == "oU1"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MsgType": "voice", "MediaId": "m", "Recognition": "签到"}, (None, "签到")),
        ({"MsgType": "voice", "MediaId": "m"}, (None, None)),
        ({"MsgType": "image", "MediaId": "m"}, (None, None)),
        ({"MsgType": "text", "Content": "签到", "MediaId": "m"}, ("签到", None)),
        ({"MsgType": "hologram", "Content": "签到", "MediaId": "m"}, (None, None)),
        ({"MsgType": "event", "Event": "CLICK", "Content": "签到"}, (None, None)),
    ],
)
def test_a_kind_has_the_fields_of_its_class(
    fields: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    """As wechatpy declares them, and reads them by itself."""
    body = xml_push(**fields)
    push, view = parsed(body), understood(body)
    assert (push.content, push.recognition) == expected
    assert (getattr(view, "content", None), getattr(view, "recognition", None)) == expected


def test_a_push_cannot_be_changed() -> None:
    push = parsed(TEXT)
    with pytest.raises(FrozenInstanceError):
        push.content = "兑换"  # type: ignore[misc] # that is the point
    with pytest.raises(TypeError):
        push.fields["Content"] = "兑换"  # type: ignore[index] # that is the point


def test_message_key_is_the_same_for_retries() -> None:
    retry = TEXT.replace("<MsgId>", "\n<Extra>1</Extra><MsgId>").replace("<xml>", "<xml>\n")
    assert parsed(retry).message_key == parsed(TEXT).message_key
    assert len(parsed(TEXT).message_key) == 64


def test_message_key_tells_pushes_of_one_second_apart() -> None:
    pushes = [
        parsed(TEXT),
        parsed(TEXT.replace("24000000000000001", "24000000000000002")),
        parsed(TEXT.replace("gh_aa", "gh_bb")),
        parsed(TEXT.replace("oU1", "oU2")),
        event("subscribe"),
        event("unsubscribe"),
        event("subscribe", EventKey="qrscene_1"),
        event("SCAN", EventKey="1"),
        event("CLICK", EventKey="1"),
        event("CLICK", EventKey="1", CreateTime=1700000001),
        event("TEMPLATESENDJOBFINISH", MsgID=1, Status="success"),
        event("TEMPLATESENDJOBFINISH", MsgID=2, Status="success"),
        parsed(xml_push(MsgType="text", Content="a", MsgId=0)),
        parsed(xml_push(MsgType="text", Content="b", MsgId=0)),
    ]
    assert len({push.message_key for push in pushes}) == len(pushes)


NAMES = st.text("ab|_,\"'", min_size=1, max_size=4)


@given(NAMES, NAMES, NAMES, NAMES, NAMES, NAMES)
def test_message_key_cannot_be_shifted(a: str, b: str, c: str, d: str, e: str, f: str) -> None:
    one, other = (Push(a, b, 1, "text", message_id=c), Push(d, e, 1, "text", message_id=f))
    assert (one.message_key == other.message_key) == ((a, b, c) == (d, e, f))
    one, other = (
        Push(a, "o", 1, "event", event=b, event_key=c),
        Push(d, "o", 1, "event", event=e, event_key=f),
    )
    assert (one.message_key == other.message_key) == ((a, b, c) == (d, e, f))

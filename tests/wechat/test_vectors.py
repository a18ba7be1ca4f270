"""Every published vector: opened, sealed, signed or parsed as its source says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.wechat.oracle import understood
from wechat.aes import decode_key, decrypt, encrypt, pad, sign
from wechat.body import read_body
from wechat.codec import PushCodec
from wechat.errors import PushForged
from wechat.messages import Push, parse_push
from wechat.typed import text_of, typed

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "wechat-vectors.json").read_text("utf-8")
)
NOT_USED_YET = {
    "sha1_sorted_amp": "signatures joined with &",
    "jssdk_signature": "the JS-SDK",
    "encrypted_data": "encryptedData of mini-programs",
    "rawdata_signature": "rawData of mini-programs",
    "session_hmac_sha256": "signatures with the session key",
    "aead_aes_gcm": "WeChat Pay",
    "pay_v2_md5_sign": "WeChat Pay",
}


def of(*kinds: str) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in VECTORS if vector["kind"] in kinds]


def test_every_kind_is_known() -> None:
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS) == 54
    tried = {"signature", "msg_signature", "sha1_sorted_concat", "aes_decrypt", "aes_encrypt", "pkcs7_pad"}
    assert {vector["kind"] for vector in VECTORS} == tried | {"xml_parse", "json_push"} | set(NOT_USED_YET)


@pytest.mark.parametrize("vector", of(*NOT_USED_YET))
def test_not_used_yet(vector: dict[str, Any]) -> None:
    pytest.skip(f"not used yet: {NOT_USED_YET[vector['kind']]}")


@pytest.mark.parametrize("vector", of("signature", "msg_signature", "sha1_sorted_concat"))
def test_signatures(vector: dict[str, Any]) -> None:
    given = vector["inputs"]
    parts = given.get("parts") or list(given.values())
    assert [sign(*parts)] == list(vector["expected"].values())


@pytest.mark.parametrize("vector", of("signature"))
def test_url_is_verified(vector: dict[str, Any]) -> None:
    given = vector["inputs"]
    codec = PushCodec("wx1", given["token"], None, mode="plain")
    query = {"timestamp": given["timestamp"], "nonce": given["nonce"], "echostr": "4375120948345356249"}
    assert codec.verify_url(query | vector["expected"]) == "4375120948345356249"


@pytest.mark.parametrize("vector", of("pkcs7_pad"))
def test_padding(vector: dict[str, Any]) -> None:
    given = vector["inputs"]
    assert list(pad(given["text"].encode(), given["block"])) == vector["expected"]["bytes"]


@pytest.mark.parametrize("vector", of("aes_encrypt"))
def test_encryption(vector: dict[str, Any]) -> None:
    given, expected = vector["inputs"], vector["expected"]
    key = decode_key(given["encoding_aes_key"])
    encrypted = encrypt(key, given["appid"], given["plaintext"], given["random"].encode())
    assert encrypted == expected["encrypt"]
    if "msg_signature" in expected:
        signature = sign(given["token"], given["timestamp"], given["nonce"], encrypted)
        assert signature == expected["msg_signature"]


@pytest.mark.parametrize("vector", of("aes_decrypt"))
def test_decryption(vector: dict[str, Any]) -> None:
    given, expected = vector["inputs"], vector["expected"]
    if "error" in expected:
        with pytest.raises(PushForged):
            opened(given)
        return
    message = decrypt(decode_key(given["encoding_aes_key"]), given["appid"], given["encrypt"])
    fields, body_format = read_body(message)
    assert message.decode() == expected.get("plaintext", message.decode())
    assert len(message) == expected.get("msg_len", len(message))
    assert fields | expected.get("xml_fields", {}) == fields
    assert body_format == ("xml" if expected.get("is_xml") or "xml_fields" in expected else body_format)
    if given["timestamp"]:
        assert opened(given).fields == fields


def opened(given: dict[str, Any]) -> Push:
    """Through the whole door, a compatible push with its plain fields beside the envelope included."""
    codec = PushCodec(given["appid"], given["token"], given["encoding_aes_key"])
    query = {name: given[name] for name in ("timestamp", "nonce", "msg_signature")} | {"encrypt_type": "aes"}
    body = f"<xml><Encrypt><![CDATA[{given['encrypt']}]]></Encrypt><Content>forged</Content></xml>"
    now = datetime.fromtimestamp(int(given["timestamp"]), UTC)
    return codec.open(query, body.encode(), now).push


@pytest.mark.parametrize("vector", of("xml_parse", "json_push"))
def test_parsing(vector: dict[str, Any]) -> None:
    body = vector["inputs"].get("xml") or vector["inputs"]["json"]
    push = parse_push(*read_body(body.encode()))
    for name, expected in vector["expected"].items():
        assert seen(push, name) == expected, name


@pytest.mark.parametrize("vector", of("xml_parse"))
def test_wechatpy_by_itself_understands_the_same(vector: dict[str, Any]) -> None:
    body = vector["inputs"]["xml"]
    push, understood_by_itself = parse_push(*read_body(body.encode())), understood(body)
    assert type(typed(push.kind, push.event, push.fields)) is type(understood_by_itself)
    for ours, theirs in [("content", "content"), ("recognition", "recognition"), ("scene", "scene_id")]:
        assert getattr(push, ours) == getattr(understood_by_itself, theirs, None)


def seen(push: Push, name: str) -> Any:
    """What we make of the property a vector names; the rest is a text that wechatpy's class declares."""
    if name == "raw":
        return {field: push.fields[field] for field in ("Event", "OpenID", "RevokeInfo")}
    if name == "id":
        return int((push.template_job.message_id if push.template_job else push.message_id) or 0)
    if name == "sent":
        result = push.results[0]
        return [result.template_id, result.message_id, str(result.error_code), result.status]
    ours = {
        "type": push.kind,
        "event": push.event,
        "content": push.content,
        "source": push.from_user,
        "target": push.to_user,
        "time": push.created_at,
        "key": push.event_key or "",
        "scene_id": push.scene,
        "ticket": push.ticket,
        "status": push.template_job.status if push.template_job else None,
        "list": [[choice.template_id, choice.status] for choice in push.choices],
        "session_from": push.fields.get("SessionFrom"),
    }
    return ours[name] if name in ours else text_of(typed(push.kind, push.event, push.fields), name)

"""The webhook's lock: what opens, what does not, and that the reply is sealed the same way."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from wechatpy.crypto import WeChatCrypto

from tests.wechat.pushes import (
    APP_ID,
    JSON_EVENT,
    KEY,
    NONCE,
    NOW,
    OLD_KEY,
    TEXT,
    TIMESTAMP,
    TOKEN,
    encrypted_push,
    plain_query,
)
from wechat.aes import decode_key, decrypt, encrypt, sign
from wechat.body import read_body
from wechat.codec import MessageMode, PushCodec
from wechat.errors import (
    InvalidCredentials,
    PushError,
    PushForged,
    PushMalformed,
    PushStale,
    PushTooLarge,
)

KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=43, max_size=43)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def codec(mode: MessageMode = "safe") -> PushCodec:
    return PushCodec(APP_ID, TOKEN, KEY, OLD_KEY, mode)


@pytest.mark.parametrize(
    ("mode", "encrypted", "opens"),
    [
        ("plain", False, True),
        ("plain", True, True),
        ("compatible", False, False),
        ("compatible", True, True),
        ("safe", False, False),
        ("safe", True, True),
    ],
)
def test_modes(mode: MessageMode, encrypted: bool, opens: bool) -> None:
    query, body = encrypted_push(TEXT) if encrypted else (plain_query(), TEXT.encode())
    if not opens:
        with pytest.raises(PushForged):
            codec(mode).open(query, body, NOW)
        return
    found = codec(mode).open(query, body, NOW)
    assert (found.push.content, found.encrypted) == ("签到", encrypted)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("message", [TEXT, JSON_EVENT])
def test_envelope_and_message_may_be_either_format(as_json: bool, message: str) -> None:
    found = codec().open(*encrypted_push(message, as_json=as_json), NOW)
    assert found.format == ("json" if as_json else "xml")
    assert found.push.format == ("json" if message == JSON_EVENT else "xml")


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
@pytest.mark.parametrize("as_json", [False, True])
def test_reply_is_sealed_with_the_key_that_worked(key: str, as_json: bool) -> None:
    found = codec().open(*encrypted_push(TEXT, key=key, as_json=as_json), NOW)
    later = NOW + timedelta(seconds=2)
    sealed = codec().seal(found, "<xml>答复</xml>", later)
    envelope, body_format = read_body(sealed.encode())
    timestamp, nonce = str(envelope["TimeStamp"]), str(envelope["Nonce"])
    opened = WeChatCrypto(TOKEN, key, APP_ID).decrypt_message(
        dict(envelope), envelope["MsgSignature"], timestamp, nonce
    )
    assert opened == "<xml>答复</xml>"
    assert (body_format, timestamp) == ("json" if as_json else "xml", str(int(later.timestamp())))


def test_a_given_nonce_is_used_and_fresh_ones_differ() -> None:
    found = codec().open(*encrypted_push(TEXT), NOW)
    assert read_body(codec().seal(found, "<xml/>", NOW, "a]]>b").encode())[0]["Nonce"] == "a]]>b"
    assert len({codec().seal(found, "<xml/>", NOW) for _ in range(20)}) == 20


@pytest.mark.parametrize("reply", ["success", ""])
def test_success_and_empty_are_never_encrypted(reply: str) -> None:
    assert codec().seal(codec().open(*encrypted_push(TEXT), NOW), reply, NOW) == reply


def test_plain_push_gets_a_plain_reply() -> None:
    found = codec("plain").open(plain_query(), TEXT.encode(), NOW)
    assert codec("plain").seal(found, "<xml>答复</xml>", NOW) == "<xml>答复</xml>"


@pytest.mark.parametrize(
    ("seconds", "opens"), [(-601, False), (-600, True), (0, True), (600, True), (601, False)]
)
@pytest.mark.parametrize("encrypted", [False, True])
def test_timestamp_must_be_near(seconds: int, opens: bool, encrypted: bool) -> None:
    query, body = encrypted_push(TEXT) if encrypted else (plain_query(), TEXT.encode())
    now = NOW + timedelta(seconds=seconds)
    if opens:
        assert codec("plain").open(query, body, now).push.content == "签到"
    else:
        with pytest.raises(PushStale):
            codec("plain").open(query, body, now)


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
@pytest.mark.parametrize("how", ["missing", "changed", "empty", "list", "not ascii", "half a pair", "twice"])
def test_encrypted_push_with_a_wrong_query(name: str, how: str) -> None:
    query, body = encrypted_push(TEXT)
    wrong: dict[str, Any] = dict(query)
    if how == "missing":
        del wrong[name]
    elif how == "twice":
        wrong = MultiDict([*query.items(), (name, query[name])])  # type: ignore[assignment] # a mapping too
    else:
        changed = str(int(query[name][:9], 16) + 1) if how == "changed" else ""
        wrong[name] = {"list": [query[name]], "not ascii": "é", "half a pair": "\udcff"}.get(how, changed)
    with pytest.raises(PushError):
        codec().open(wrong, body, NOW)


def test_a_captured_query_does_not_authorise_another_body() -> None:
    query, _ = encrypted_push(TEXT)
    _, other = encrypted_push(TEXT.replace("签到", "兑换"))
    with pytest.raises(PushForged):
        codec().open(query, other, NOW)


@pytest.mark.parametrize("mode", ["safe", "compatible"])
@pytest.mark.parametrize("encrypt_type", ["raw", "", "AES", "rsa", None])
def test_only_plain_mode_can_be_talked_down(mode: MessageMode, encrypt_type: str | None) -> None:
    """The query of an encrypted push holds a `signature` too, which covers no body."""
    captured, _ = encrypted_push(TEXT)
    told = {name: value for name, value in captured.items() if name != "encrypt_type"}
    if encrypt_type is not None:
        told["encrypt_type"] = encrypt_type
    with pytest.raises(PushError):
        codec(mode).open(told, TEXT.encode(), NOW)


def test_all_crypto_failures_look_the_same_outside() -> None:
    signed_garbage = [
        "!" * 44,
        "AAAA",
        "A" * 128,
        encrypt(decode_key(KEY), "wx-other", TEXT, b"0123456789abcdef"),
        encrypt(decode_key("z" * 43), APP_ID, TEXT, b"0123456789abcdef"),
    ]
    said = set()
    for garbage in signed_garbage:
        query = plain_query() | {
            "encrypt_type": "aes",
            "msg_signature": sign(TOKEN, TIMESTAMP, NONCE, garbage),
        }
        with pytest.raises(PushForged) as refused:
            codec().open(query, f"<xml><Encrypt>{garbage}</Encrypt></xml>".encode(), NOW)
        said.add(str(refused.value))
    query, body = encrypted_push(TEXT)
    with pytest.raises(PushForged) as refused:
        codec().open(query | {"msg_signature": "0" * 40}, body, NOW)
    assert said | {str(refused.value)} == {"signature or encryption invalid"}


def test_padding_bytes_must_all_agree() -> None:
    key = decode_key(KEY)
    full = b"r" * 16 + (0).to_bytes(4, "big") + APP_ID.encode()
    filled = 64 - len(full)
    for padding, opens in [(bytes([filled]) * filled, True), (bytes(filled - 1) + bytes([filled]), False)]:
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        text = base64.b64encode(encryptor.update(full + padding) + encryptor.finalize()).decode()
        if opens:
            assert decrypt(key, APP_ID, text) == b""
        else:
            with pytest.raises(PushForged):
                decrypt(key, APP_ID, text)


@given(TEXTS, KEYS)
def test_what_wechatpy_encrypts_we_open(text: str, key: str) -> None:
    envelope, _ = read_body(WeChatCrypto(TOKEN, key, APP_ID).encrypt_message(text, NONCE, "1").encode())
    assert decrypt(decode_key(key), APP_ID, str(envelope["Encrypt"])).decode() == text


@given(TEXTS, KEYS, st.binary(min_size=16, max_size=16))
def test_what_we_encrypt_wechatpy_opens(text: str, key: str, random: bytes) -> None:
    encrypted = encrypt(decode_key(key), APP_ID, text, random)
    signature = sign(TOKEN, "1", NONCE, encrypted)
    found = WeChatCrypto(TOKEN, key, APP_ID).decrypt_message({"Encrypt": encrypted}, signature, "1", NONCE)
    assert found == text


@settings(max_examples=300)
@given(st.data())
def test_mutated_bodies_only_ever_raise_push_error(data: st.DataObject) -> None:
    as_json = data.draw(st.booleans())
    encrypted = data.draw(st.booleans())
    query, body = encrypted_push(TEXT, as_json=as_json) if encrypted else (plain_query(), TEXT.encode())
    if not encrypted and as_json:
        body = JSON_EVENT.encode()
    mutated = bytearray(body)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutated)))
        mutated[at : at + data.draw(st.integers(0, 12))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"<", b"&", b'"', b"{", b"[", b"]]>", b"\x00", b"<xml>"])
        )
    try:
        codec("plain").open(query, bytes(mutated), NOW)
    except PushError as error:
        refused = error
    else:
        return
    assert str(refused) == refused.outward


@given(st.binary(max_size=300), st.dictionaries(st.sampled_from([*plain_query(), "encrypt_type"]), st.text()))
def test_garbage_only_ever_raises_push_error(body: bytes, query: dict[str, str]) -> None:
    with pytest.raises(PushError):
        codec("plain").open(query, body, NOW)
    with pytest.raises(PushError):
        codec("plain").open(plain_query(), body, NOW)


@given(st.binary(max_size=400))
def test_well_encrypted_garbage_only_ever_raises_push_error(message: bytes) -> None:
    key = decode_key(KEY)
    encrypted = encrypt(key, APP_ID, message.decode("latin-1"), b"0123456789abcdef")
    query = plain_query() | {
        "encrypt_type": "aes",
        "msg_signature": sign(TOKEN, TIMESTAMP, NONCE, encrypted),
    }
    with pytest.raises(PushError):
        codec().open(query, json.dumps({"Encrypt": encrypted}).encode(), NOW)


def test_size_limit() -> None:
    filler = "<!--" + "x" * (65536 - len(TEXT.encode()) - 7) + "-->"
    whole = TEXT.encode() + filler.encode()
    assert codec("plain").open(plain_query(), whole, NOW).push.content == "签到"
    with pytest.raises(PushTooLarge):
        codec("plain").open(plain_query(), whole + b" ", NOW)


def test_verify_url() -> None:
    query = plain_query() | {"echostr": "4375120948345356249"}
    assert codec().verify_url(query) == "4375120948345356249"
    with pytest.raises(PushForged):
        codec().verify_url(query | {"nonce": "1"})
    with pytest.raises(PushMalformed):
        codec().verify_url(plain_query())
    with pytest.raises(PushMalformed):
        codec().verify_url(query | {"echostr": "x" * 1025})


@pytest.mark.parametrize(
    ("app_id", "token", "key", "mode"),
    [
        ("", TOKEN, KEY, "safe"),
        (APP_ID, "ab", KEY, "safe"),
        (APP_ID, "a" * 33, KEY, "safe"),
        (APP_ID, "with blank", KEY, "safe"),
        (APP_ID, TOKEN, KEY[:-1], "safe"),
        (APP_ID, TOKEN, KEY + "A", "safe"),
        (APP_ID, TOKEN, KEY[:-1] + "=", "safe"),
        (APP_ID, TOKEN, KEY + "\n", "safe"),
        (APP_ID, TOKEN, KEY[:20] + " " + KEY[21:], "safe"),
        (APP_ID, TOKEN, None, "safe"),
        (APP_ID, TOKEN, None, "compatible"),
        (APP_ID, TOKEN, KEY, "unsafe"),
    ],
)
def test_impossible_credentials_are_refused_at_start(app_id: str, token: str, key: Any, mode: Any) -> None:
    with pytest.raises(InvalidCredentials) as refused:
        PushCodec(app_id, token, key, mode=mode)
    assert key is None or key not in str(refused.value)


def test_a_wrong_previous_key_is_refused_too() -> None:
    with pytest.raises(InvalidCredentials):
        PushCodec(APP_ID, TOKEN, KEY, "short")


def test_plain_mode_needs_no_key_but_then_opens_nothing_encrypted() -> None:
    keyless = PushCodec(APP_ID, TOKEN, None, mode="plain")
    assert keyless.open(plain_query(), TEXT.encode(), NOW).push.content == "签到"
    with pytest.raises(PushForged):
        keyless.open(*encrypted_push(TEXT), NOW)


def test_the_key_shows_in_no_repr() -> None:
    found = codec().open(*encrypted_push(TEXT), NOW)
    assert found.key is not None
    assert repr(found.key) not in repr(found)


def test_timestamp_must_be_plain_digits() -> None:
    for timestamp in ["", "1e9", "-1", "１７１４", "9" * 13, " 1"]:
        with pytest.raises(PushMalformed):
            codec("plain").open(plain_query(timestamp), TEXT.encode(), datetime.fromtimestamp(0, UTC))

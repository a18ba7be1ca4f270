"""The envelope against published numbers (each vector names its source), against wechatpy, and against tampering."""

import base64
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import to_binary

from emulator.envelope import Envelope, EnvelopeError, sign, signature_fits
from tests.emulator.harness import AES_KEY, OA_APP_ID

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("envelope_vectors.json").read_text("utf-8")
)


def vectors(*kinds: str) -> list[Any]:
    return [
        pytest.param(one["inputs"], one["expected"], id=one["name"])
        for one in VECTORS
        if one["kind"] in kinds
    ]


@pytest.mark.parametrize(("inputs", "expected"), vectors("signature", "msg_signature", "sha1_sorted_concat"))
def test_signatures(inputs: dict[str, Any], expected: dict[str, str]) -> None:
    parts = inputs["parts"] if "parts" in inputs else list(inputs.values())
    (signature,) = expected.values()
    assert sign(*parts) == signature
    assert signature_fits(signature, *parts)
    assert not signature_fits(signature[:-1] + "x", *parts)


@pytest.mark.parametrize(("inputs", "expected"), vectors("aes_decrypt"))
def test_decryption(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    signed = [inputs[name] for name in ("token", "timestamp", "nonce", "encrypt")]
    if inputs["msg_signature"] is not None:
        assert signature_fits(inputs["msg_signature"], *signed) is ("error" not in expected)
    if "error" in expected:
        return
    message = Envelope(inputs["encoding_aes_key"], inputs["appid"]).decrypt(inputs["encrypt"])
    assert len(message.encode()) == expected.get("msg_len", len(message.encode()))
    if "plaintext" in expected:
        assert message == expected["plaintext"]
    else:
        fields = {child.tag: child.text for child in ElementTree.fromstring(message)}  # noqa: S314 -- XML of this test
        assert fields.items() >= expected.get("xml_fields", {}).items()


@pytest.mark.parametrize(("inputs", "expected"), vectors("aes_encrypt"))
def test_encryption_with_given_randomness(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    envelope = Envelope(inputs["encoding_aes_key"], inputs["appid"])
    encrypted = envelope.encrypt(inputs["plaintext"].encode(), inputs["random"].encode())
    assert encrypted == expected["encrypt"]
    if "msg_signature" in expected:
        signed = sign(inputs["token"], inputs["timestamp"], inputs["nonce"], encrypted)
        assert signed == expected["msg_signature"]


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_wechatpy_reads_what_we_write_and_the_other_way_round(message: str) -> None:
    ours, theirs = Envelope(AES_KEY, OA_APP_ID), PrpCrypto(base64.b64decode(to_binary(AES_KEY + "=")))
    assert theirs.decrypt(ours.encrypt(message.encode()), OA_APP_ID) == message
    assert ours.decrypt(theirs.encrypt(message, OA_APP_ID).decode()) == message


@given(st.binary(max_size=200))
def test_garbage_is_one_kind_of_error(garbage: bytes) -> None:
    with pytest.raises(EnvelopeError):
        Envelope(AES_KEY, OA_APP_ID).decrypt(base64.b64encode(garbage).decode())


def test_another_accounts_envelope_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="AppID"):
        Envelope(AES_KEY, OA_APP_ID).decrypt(Envelope(AES_KEY, "wx-other").encrypt(b"x"))


@pytest.mark.parametrize("key", ["", AES_KEY[:-1], AES_KEY + "A", AES_KEY[:-1] + "=", AES_KEY[:-1] + "\n"])
def test_a_malformed_key_is_refused_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        Envelope(key, OA_APP_ID)

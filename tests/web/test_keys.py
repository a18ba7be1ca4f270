"""Idempotency-Key as it is read from a request."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from web.keys import optional_request_key, request_key
from web.problems import Problem


@pytest.mark.parametrize("key", ["a", "!", "~" * 64, "7f9c-11", "api:x", "oa:0"])
def test_keys_carry_the_prefix_of_their_caller(key: str) -> None:
    assert request_key(make_mocked_request("POST", "/", {"Idempotency-Key": key}), "api") == f"api:{key}"


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ([], "idempotency_key_missing"),
        ([""], "idempotency_key_missing"),
        (["a b"], "idempotency_key_invalid"),
        (["\t"], "idempotency_key_invalid"),
        (["签"], "idempotency_key_invalid"),
        (["a" * 65], "idempotency_key_invalid"),
        (["a\n"], "idempotency_key_invalid"),
        (["a", "a"], "idempotency_key_invalid"),
        (["", "a"], "idempotency_key_invalid"),
    ],
)
def test_keys_refused(keys: list[str], code: str) -> None:
    headers = CIMultiDict[str]([("Idempotency-Key", key) for key in keys])
    with pytest.raises(Problem) as refused:
        request_key(make_mocked_request("POST", "/", headers), "api")
    assert refused.value.kind.code == code


def test_a_key_that_may_be_left_out() -> None:
    assert optional_request_key(make_mocked_request("POST", "/"), "api") is None

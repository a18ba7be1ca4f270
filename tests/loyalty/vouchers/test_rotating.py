"""The form of the codes that vouchers show: each names one place, and is none of the other codes of the counter."""

import pytest

from loyalty.members.codes import claimed_member, member_code
from loyalty.vouchers.codes import LENGTH
from loyalty.vouchers.rotating import claimed_voucher, is_genuine, voucher_code_now
from loyalty.vouchers.views import VoucherKey, tidy_code
from tests.ledger import KEYS, START

PLACES = [
    (VoucherKey(1, 1, 0), "81100" + "1"),
    (VoucherKey(10_023, 12, 0), "8510023" + "00" + "12"),
    (VoucherKey(10_023, 12, 9), "8510023" + "09" + "12"),
    (VoucherKey(9_999_999_999, 10**18 - 1, 99), "80" + "9" * 10 + "99" + "9" * 18),
]


@pytest.mark.parametrize(("key", "prefix"), PLACES)
def test_a_code_names_its_voucher(key: VoucherKey, prefix: str) -> None:
    code = voucher_code_now(KEYS, key, START).code
    assert code[:-8] == prefix
    assert claimed_voucher(code) == key
    assert is_genuine(KEYS, code, START)
    assert len(code) not in (LENGTH, len(member_code(KEYS, 1, START).code)) or claimed_member(code) is None
    assert claimed_voucher(tidy_code(f"{code[:4]} {code[4:8]}-{code[8:]}")) == key


@pytest.mark.parametrize("key", [VoucherKey(10**10, 1, 0), VoucherKey(1, 1, 100)])
def test_a_place_that_no_code_can_name(key: VoucherKey) -> None:
    with pytest.raises(ValueError, match="no code can name"):
        voucher_code_now(KEYS, key, START)


@pytest.mark.parametrize(
    "text",
    [
        "", "8", "K7M9PQ2RTUVW", "888888888888", "9" * 20, "8" * 40, "８1100112345678", "8110001234567", "81101012345678",
        "81000112345678", "8110011234567x", member_code(KEYS, 7, START).code,
    ],
)  # fmt: skip
def test_what_is_no_code(text: str) -> None:
    assert claimed_voucher(text) is None
    assert not is_genuine(KEYS, text, START)


def test_a_code_is_genuine_for_its_own_voucher_alone() -> None:
    codes = [voucher_code_now(KEYS, VoucherKey(7, 12, line), START).code for line in range(10)]
    assert len({code[-8:] for code in codes}) == 10
    assert not any(is_genuine(KEYS, codes[0][:-8] + other[-8:], START) for other in codes[1:])

"""Members as tills name them, with a limit on the guessing of members' codes (`web.rotating_codes`)."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from loyalty.members.finding import Ref, members_of, readings
from partner_api.requests import Partner
from web.problems import TOO_MANY_REQUESTS, Kind, Problem
from web.rotating_codes import PERIOD_S, CodeFault, fault_of_member_code

WRONG_PER_KEY: Final = 600

UNKNOWN_MEMBER = Kind("unknown_member", 404, "没有这位会员")
MEMBER_CODE_INVALID = Kind("member_code_invalid", 422, "会员码无效或已过期")
MEMBER_CODE_LIMITED = Kind(TOO_MANY_REQUESTS.code, 429, "错误的会员码太多")

UNKNOWN_SENTENCE: Final = "没有找到这位会员，请核对编号、手机号或会员码。"
INVALID_SENTENCE: Final = "会员码无效或已过期，请会员刷新后再出示。"
LIMITED_SENTENCE: Final = "错误的会员码太多，请十分钟后再试，或改用手机号。"

Unfound: TypeAlias = Literal["unknown_member", "member_code_invalid", "member_code_limited"]


_FAULTS: Final[dict[CodeFault, Unfound]] = {
    "invalid": "member_code_invalid",
    "limited": "member_code_limited",
}
FOUND_NOBODY: Final[dict[Unfound, str]] = {
    "unknown_member": UNKNOWN_SENTENCE,
    "member_code_invalid": INVALID_SENTENCE,
    "member_code_limited": LIMITED_SENTENCE,
}


async def find_all(partner: Partner, refs: Iterable[Ref]) -> dict[Ref, int | Unfound]:
    """The member of each reference, or why there is none."""
    asked = tuple(dict.fromkeys(refs))
    faults = {ref: fault for ref in asked if (fault := await _code_fault(partner, ref)) is not None}
    keyring, pool = partner.resources.settings.keyring, partner.resources.pool
    found = await members_of(pool, keyring, partner.apps, [ref for ref in asked if ref not in faults])
    return {ref: faults[ref] if ref in faults else found.get(ref, "unknown_member") for ref in asked}


async def find_one(partner: Partner, text: str) -> int:
    """The member whom a text names, in any of its readings. Raises Problem 404, 422 and 429."""
    return await find_member(partner, readings(text))


async def find_member(partner: Partner, refs: Iterable[Ref]) -> int:
    """The member whom any of the references names. Raises Problem 404, 422 and 429."""
    found = await find_all(partner, refs)
    members = [one for one in found.values() if isinstance(one, int)]
    if members:
        return members[0]
    if "member_code_limited" in found.values():
        raise Problem(MEMBER_CODE_LIMITED, LIMITED_SENTENCE, headers={"Retry-After": str(PERIOD_S)})
    if "member_code_invalid" in found.values():
        raise Problem(MEMBER_CODE_INVALID, INVALID_SENTENCE)
    raise Problem(UNKNOWN_MEMBER, UNKNOWN_SENTENCE)


async def _code_fault(partner: Partner, ref: Ref) -> Unfound | None:
    """What is wrong with a member's code; None if it is right, or the reference is no code."""
    if ref.kind != "member_code":
        return None
    keyring = partner.resources.settings.keyring
    fault = await fault_of_member_code(
        partner.counts, keyring, ref.value, partner.now, asker=partner.key.id, most=WRONG_PER_KEY
    )
    return _FAULTS[fault] if fault else None

"""Finding members by whatever somebody knows of them: member id, phone number, openid, unionid or the code they show."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import asyncpg

from base.sealing import Keyring
from loyalty.members.codes import claimed_member
from loyalty.members.identities import UNIONID, IdentityKey, find_members
from loyalty.members.merged import survivors
from loyalty.members.phones import canonical_phone, members_of_phones

RefKind: TypeAlias = Literal["member_id", "phone", "oa_openid", "miniapp_openid", "unionid", "member_code"]
KINDS: Final[tuple[RefKind, ...]] = get_args(RefKind)
_ID: Final = re.compile(r"[1-9][0-9]{0,9}")
"""At most ten digits, because a member's code has room for no more."""


class Ref(NamedTuple):
    """One member as somebody names them. A code must have been checked before: here it only says whose it is."""

    kind: RefKind
    value: str


class Apps(NamedTuple):
    """The app ids by which openids are stored."""

    oa: str
    miniapp: str


def readings(text: str) -> tuple[Ref, ...]:
    """What a text may name: `kind:value`, or a bare value, told by its form. Empty for what can be none."""
    kind, colon, value = text.partition(":")
    if colon:
        return tuple(Ref(one, value) for one in KINDS if one == kind)
    if claimed_member(text) is not None:
        return (Ref("member_code", text),)
    if canonical_phone(text) is not None:
        return (Ref("phone", text),)
    if _ID.fullmatch(text):
        return (Ref("member_id", text),)
    return Ref("oa_openid", text), Ref("miniapp_openid", text), Ref("unionid", text)


async def members_of(
    database: asyncpg.Pool, keyring: Keyring, apps: Apps, refs: Iterable[Ref]
) -> dict[Ref, int]:
    """The members of these references as they are now, merges followed; one that leads nowhere is missing. Raises KeyMissing."""
    asked = tuple(dict.fromkeys(refs))
    numbers = {ref: number for ref in asked if ref.kind == "phone" and (number := canonical_phone(ref.value))}
    by_phone = await members_of_phones(database, keyring, numbers.values())
    by_identity = await _by_identity(database, apps, asked)
    named = {
        **{ref: by_phone[number] for ref, number in numbers.items() if number in by_phone},
        **by_identity,
        **{ref: member_id for ref in asked if (member_id := _named(ref)) is not None},
    }
    now = await survivors(database, named.values()) if named else {}
    return {ref: now[member_id] for ref, member_id in named.items() if member_id in now}


async def _by_identity(database: asyncpg.Pool, apps: Apps, refs: Sequence[Ref]) -> Mapping[Ref, int]:
    providers = {"oa_openid": apps.oa, "miniapp_openid": apps.miniapp, "unionid": UNIONID}
    keys: dict[Ref, IdentityKey] = {
        ref: (providers[ref.kind], ref.value)
        for ref in refs
        if ref.kind in providers and "\0" not in ref.value
    }
    found = await find_members(database, list(keys.values())) if keys else {}
    return {ref: found[key] for ref, key in keys.items() if key in found}


def _named(ref: Ref) -> int | None:
    if ref.kind == "member_code":
        return claimed_member(ref.value)
    return int(ref.value) if ref.kind == "member_id" and _ID.fullmatch(ref.value) else None

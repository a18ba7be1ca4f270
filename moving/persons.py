"""Whom a row speaks of: the ids in its columns, and the members that they lead to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg

from base.sealing import Keyring
from loyalty.members.identities import UNIONID, IdentityKey, find_members
from loyalty.members.phones import members_of_phones
from moving.columns import FIELDS, PERSONS
from moving.problems import CannotBegin
from moving.reading import Reading
from moving.values import foreign_id, phone, wechat_id, whole_number

EXTERNAL: Final = "external:"
"""The provider of ids of another system is this and the name that the operator gives it."""
EXTERNAL_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
MOST_MEMBERS: Final = 2**53
ACCOUNTS: Final = "SELECT member_id, status, merged_into FROM account WHERE member_id = ANY($1::bigint[])"


class Person(NamedTuple):
    """The ids of a row: our own member id, identities, and a canonical phone number.

    `keys` has the identities and the number as texts, each of which names one person.
    """

    member_id: int | None
    identities: tuple[IdentityKey, ...]
    phone: str | None
    keys: tuple[str, ...]


class Found(NamedTuple):
    """The member whom a person turned out to be, None for a new one; or a fault in Chinese.

    `complete`: all ids of the person lead to that member already.
    """

    member_id: int | None
    fault: str | None = None
    complete: bool = False


@dataclass(frozen=True)
class Providers:
    """Under which provider the ids of each column are kept; None for a column that cannot be used here."""

    oa: str | None
    mini: str | None
    external: str | None

    def of(self, field: str) -> str | None:
        """The provider of a field's ids."""
        if field == "oa_openid":
            return self.oa
        if field == "mini_openid":
            return self.mini
        return UNIONID if field == "unionid" else self.external


def check_persons(places: Mapping[str, int], header: Sequence[str], providers: Providers) -> None:
    """Raises CannotBegin unless the file has columns by which members are found, and their providers are known."""
    used = [field for field in PERSONS if field in places]
    if not used:
        known = "、".join(FIELDS[field].title for field in PERSONS)
        raise CannotBegin(
            f"表头里没有认得出会员的列（{known} 之一）；表头是：{'、'.join(header)}。可以用 --map 列名=字段 指明。"
        )
    if "external" in used and providers.external is None:
        name = header[places["external"]]
        raise CannotBegin(
            f"列『{name}』是哪里的号？是原来系统的会员号，请写 --external 名称（例如 --external crm）；"
            f"是本系统的会员号，请写 --map {name}=本系统会员号。"
        )
    for field, setting in (("oa_openid", "JIFEN_OA_APP_ID"), ("mini_openid", "JIFEN_MINIAPP_APP_ID")):
        if field in used and providers.of(field) is None:
            raise CannotBegin(f"文件里有{FIELDS[field].title}，但没有设置 {setting}。")


def needed_columns(places: Mapping[str, int], providers: Providers) -> dict[str, int]:
    """The columns without those of other ids whose provider is not known, if the table has our own member ids."""
    if "member_id" not in places:
        return dict(places)
    unknown = {field for field in ("external", "oa_openid", "mini_openid") if providers.of(field) is None}
    return {field: place for field, place in places.items() if field not in unknown}


def read_person(reading: Reading, providers: Providers) -> Person:
    """The ids of a row; a fault if it has none."""
    member_id = reading.value("member_id", lambda cell, title: whole_number(cell, title, 1, MOST_MEMBERS))
    identities = []
    for field in ("external", "unionid", "oa_openid", "mini_openid"):
        subject = reading.value(field, foreign_id if field == "external" else wechat_id)
        if subject is not None:
            identities.append((providers.of(field) or "", subject))
    named = member_id is not None or bool(identities)
    number = None if named and reading.is_masked("phone") else reading.value("phone", phone)
    if member_id is None and not identities and number is None and not reading.faults:
        reading.faults.append("没有写是哪位会员")
    keys = [f"{provider}\0{subject}" for provider, subject in identities]
    if number is not None:
        keys.insert(0, f"phone\0{number}")
    return Person(member_id, tuple(identities), number, tuple(keys))


async def find_persons(pool: asyncpg.Pool, keyring: Keyring, persons: Sequence[Person]) -> list[Found]:
    """The members of persons. A member who was merged into another is found as that one. Raises KeyMissing."""
    by_identity = await find_members(pool, [pair for one in persons for pair in one.identities])
    known = {f"{provider}\0{subject}": member_id for (provider, subject), member_id in by_identity.items()}
    numbers = [one.phone for one in persons if one.phone is not None]
    if numbers:
        by_phone = await members_of_phones(pool, keyring, numbers)
        known |= {f"phone\0{number}": member_id for number, member_id in by_phone.items()}
    ids = {one.member_id for one in persons if one.member_id is not None} | set(known.values())
    accounts = await _accounts(pool, ids)
    return [_found(one, known, accounts) for one in persons]


async def _accounts(pool: asyncpg.Pool, ids: set[int]) -> dict[int, tuple[str, int | None]]:
    """Status and `merged_into` of these accounts, and of those that they were merged into."""
    accounts: dict[int, tuple[str, int | None]] = {}
    while ids:
        rows = await pool.fetch(ACCOUNTS, list(ids))
        accounts |= {row["member_id"]: (row["status"], row["merged_into"]) for row in rows}
        ids = {row["merged_into"] for row in rows if row["merged_into"] is not None} - accounts.keys()
    return accounts


def _found(person: Person, known: Mapping[str, int], accounts: Mapping[int, tuple[str, int | None]]) -> Found:
    leading = [known[key] for key in person.keys if key in known]
    ids = set(leading)
    if person.member_id is not None:
        if person.member_id not in accounts:
            return Found(None, f"没有会员 {person.member_id}")
        ids.add(person.member_id)
    ends = {_end(member_id, accounts) for member_id in ids}
    if len(ends) > 1:
        one, other = sorted(ends)[:2]
        return Found(
            None,
            f"这些号属于不同的会员 {one} 和 {other}；是同一个人的话，先运行 jifen members merge {one} {other}",
        )
    if not ends:
        return Found(None)
    (member_id,) = ends
    closed = member_id in accounts and accounts[member_id][0] != "open"
    fault = f"会员 {member_id} 的账户已停用" if closed else None
    return Found(member_id, fault, complete=len(leading) == len(person.keys))


def _end(member_id: int, accounts: Mapping[int, tuple[str, int | None]]) -> int:
    while (into := accounts.get(member_id, ("", None))[1]) is not None:
        member_id = into
    return member_id


def provider_of_external(name: str | None) -> str | None:
    """The provider of the ids of another system, from the name that the operator gives it. Raises CannotBegin."""
    if name is None:
        return None
    if not EXTERNAL_NAME.fullmatch(name):
        raise CannotBegin(
            f"--external 应是 1 到 32 个小写字母、数字或下划线，以字母开头，例如 crm；写的是 {name}。"
        )
    return EXTERNAL + name

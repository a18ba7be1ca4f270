"""The installation that owns a database: the app ids at WeChat, the time zone of the business days, and whether it is a demo.

An openid means another person under another app id, and a business day has other limits in another zone. So a process with other
settings must not work on the database. The newest row is in force; rows are never changed, so they tell what it was tied to before.
"""

from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import asyncpg
from tortoise import fields
from tortoise.models import Model


class Installation(Model):
    """The settings that a database is tied to since `bound_at`, and why they were changed."""

    id = fields.IntField(primary_key=True, generated=False)
    oa_app_id = fields.TextField()
    miniapp_app_id = fields.TextField()
    time_zone = fields.TextField()
    is_demo = fields.BooleanField()
    bound_at = fields.DatetimeField()
    reason = fields.TextField()

    class Meta:
        table = "installation"


class Binding(NamedTuple):
    """The installation that a database is tied to, or that a process would work with; None for an app id that is not set."""

    oa_app_id: str | None
    miniapp_app_id: str | None
    time_zone: str
    is_demo: bool

    @property
    def is_complete(self) -> bool:
        """Whether both app ids are known."""
        return bool(self.oa_app_id and self.miniapp_app_id)


class WrongDatabase(Exception):
    """The database belongs to other settings than those of this process; the message is a Chinese sentence naming both."""


_COLUMNS: Final = ", ".join(Binding._fields)
_NEWEST: Final = f"SELECT {_COLUMNS} FROM installation ORDER BY id DESC LIMIT 1"  # noqa: S608  # names of our own
_INSERT: Final = f"""
INSERT INTO installation (id, {_COLUMNS}, bound_at, reason)
SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6 FROM installation
"""  # noqa: S608  # names of our own
_INSERT_FIRST: Final = f"""
INSERT INTO installation (id, {_COLUMNS}, bound_at, reason) VALUES (1, $1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING
"""  # noqa: S608  # names of our own
_PROVIDERS: Final = (
    "SELECT DISTINCT provider FROM identity WHERE provider ~ '^wx[0-9a-f]{16}$' ORDER BY provider"
)

Database: TypeAlias = asyncpg.Connection | asyncpg.Pool


async def bound_to(database: Database) -> Binding | None:
    """The installation that the database is tied to; None if to nothing yet, also where its schema is older."""
    if not await _has(database, "installation"):
        return None
    row = await database.fetchrow(_NEWEST)
    return Binding(*row) if row else None


async def check_binding(database: Database, present: Binding) -> None:
    """Raise WrongDatabase when the database is tied to something else. Not compared: app ids that the process does not know."""
    bound = await bound_to(database)
    differences = [] if bound is None else _differences(bound, present)
    if bound is not None and bound.is_demo != present.is_demo:
        raise WrongDatabase(
            f"{differences[0]}。请换一个数据库（JIFEN_DATABASE_URL），或者换一个 JIFEN_DATA_DIR。"
        )
    if differences:
        raise WrongDatabase(
            f"{'；'.join(differences)}。请改回设置，或者换成正确的数据库地址。"
            "如果确实要改公众号、小程序或时区，先停下所有进程，再运行 jifen rebind --reason '原因'。"
        )


async def bind(database: Database, present: Binding, now: datetime) -> None:
    """Tie a database that is tied to nothing yet, then `check_binding`. Two processes may do so at once.

    A database with an older schema is left alone. Raises WrongDatabase, also where members came under other app ids.
    """
    if await _has(database, "installation") and await bound_to(database) is None:
        others = [one for one in await providers(database) if one not in present]
        if others:
            raise WrongDatabase(
                f"这个数据库里的会员来自 {'、'.join(others)}，"
                f"而现在的设置是公众号 {present.oa_app_id}、小程序 {present.miniapp_app_id}。"
                "请检查数据库地址和 JIFEN_OA_APP_ID、JIFEN_MINIAPP_APP_ID；如果确实换过账号，运行 jifen rebind --reason '原因'。"
            )
        await database.execute(_INSERT_FIRST, *present, now, "first start")
    await check_binding(database, present)


async def rebind(database: Database, present: Binding, now: datetime, reason: str) -> Binding | None:
    """Tie the database to other settings from now on; returns what it was tied to before.

    Raises WrongDatabase where a demo should become a real installation or the reverse: invented members cannot be taken out.
    """
    bound = await bound_to(database)
    if bound is not None and bound.is_demo != present.is_demo:
        raise WrongDatabase(f"{_kind(bound)}不能改成{_kind(present)}：请另建一个数据库。")
    if bound != present:
        await database.execute(_INSERT, *present, now, reason)
    return bound


async def check_free_for_demo(database: Database, demo: Binding, *, named: bool) -> None:
    """Raise WrongDatabase unless the database is the demo's, or holds nothing yet.

    One that the operator has `named` must not even be migrated: who migrates a database means to use it.
    """
    if await bound_to(database) is not None:
        await check_binding(database, demo)
        return
    if not await _has(database, "member"):
        return
    people = await providers(database)
    if not all(one in demo for one in people) or (not people and (named or await _has_rules(database))):
        raise WrongDatabase(
            "这不是演示的数据库：演示会往里写入编造的会员，还会拨动时钟。"
            "请去掉 JIFEN_DATABASE_URL（演示会自带一个），或者指定一个空的数据库、换一个 JIFEN_DATA_DIR。"
        )


async def providers(database: Database) -> list[str]:
    """The app ids under which members of the database are known."""
    return [row["provider"] for row in await database.fetch(_PROVIDERS)]


async def _has(database: Database, table: str) -> bool:
    found: bool = await database.fetchval("SELECT to_regclass($1) IS NOT NULL", f"public.{table}")
    return found


async def _has_rules(database: Database) -> bool:
    found: bool = await database.fetchval("SELECT EXISTS (SELECT FROM rule_version)")
    return found


def _differences(bound: Binding, present: Binding) -> list[str]:
    named = (
        ("JIFEN_OA_APP_ID", bound.oa_app_id, present.oa_app_id),
        ("JIFEN_MINIAPP_APP_ID", bound.miniapp_app_id, present.miniapp_app_id),
        ("JIFEN_TIMEZONE", bound.time_zone, present.time_zone),
    )
    if bound.is_demo != present.is_demo:
        return [f"这是{_kind(bound)}，而现在要运行的是{'演示' if present.is_demo else '正式的服务'}"]
    return [
        f"{name} 是 {now}，而这个数据库属于 {before}"
        for name, before, now in named
        if now is not None and now != before
    ]


def _kind(binding: Binding) -> str:
    return "演示的数据库" if binding.is_demo else f"正式的数据库（公众号 {binding.oa_app_id}）"

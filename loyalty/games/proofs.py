"""The proof of a draw: everything needed to recompute it, with the round's seed after it has been revealed."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from loyalty.games.rule import Wheel
from loyalty.ledger.ids import draw_id, draw_key
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.rules import RuleSet
from models.features import Draw
from models.rules import WheelRound

METHOD = (
    "HMAC-SHA256，密钥为 server_seed 的原始字节，消息为 UTF-8 文本 "
    "“round_id:member_id:nonce:attempt:client_seed”，attempt 从 0 开始。"
    "结果按大端读作四个 64 位整数，取第一个小于 2^64 以内最大的 1000000 倍数的，"
    "除以 1000000 的余数即 roll；"
    "四个都不小于时 attempt 加 1 再算。"
    "按 slot 从小到大累加 odds_ppm，roll 首次小于累加值的那一格为 candidate；"
    "它的份数已发完时，改送公布的替代奖品。server_seed 的 SHA-256 等于抽奖前公布的 commitment。"
    "odds_version 是 covered 的 UTF-8 文本的 SHA-256（十六进制）：以 2- 开头的取前 32 位，其余的取前 16 位。"
)


@dataclass(frozen=True)
class TableRow:
    """One slot of the published table that governed the draw."""

    slot: int
    prize: str
    name: str
    odds_ppm: int
    substitute: str | None


@dataclass(frozen=True)
class ProofView:
    """One draw with its inputs. `server_seed` (hex) and `revealed_at` are null while the round is open.

    The `roll` fell on `candidate`; `prize` is what was given: the candidate, or its substitute if the candidate had run out. The
    `odds_version` is a digest of `covered`, the text of everything that the wheel promised.
    """

    id: str
    wheel: str
    member_id: int
    round_id: int
    nonce: int
    client_seed: str
    commitment: str
    server_seed: str | None
    revealed_at: datetime | None
    roll: int
    candidate: str
    prize: str
    slot: int
    odds_version: str
    covered: str
    rule_version: int
    table: list[TableRow]
    method: str
    drawn_at: datetime


async def proof(database: asyncpg.Pool, member_id: int, drawn: str) -> ProofView | None:
    """The proof of the draw with the id `drawn`; None when the member has no such draw."""
    key = draw_key(drawn)
    if key is None:
        return None
    round_id, nonce = key
    row = await Draw.get_or_none(member_id=member_id, round_id=round_id, nonce=nonce)
    if row is None:
        return None
    round_ = await WheelRound.get(id=round_id)
    rules = await rules_of(database, row.rule_version)
    return _proof(row, round_, _wheel(rules, row.wheel))


def _wheel(rules: RuleSet, wheel_id: str) -> Wheel:
    wheel = rules.wheel(wheel_id)
    if wheel is None:
        raise LookupError(f"the rule version that governed the draw has no wheel {wheel_id}")
    return wheel


def _table(wheel: Wheel) -> list[TableRow]:
    return [
        TableRow(prize.slot, prize.id, prize.name, prize.odds_ppm, prize.substitute)
        for prize in wheel.by_slot
    ]


def _proof(row: Draw, round_: WheelRound, wheel: Wheel) -> ProofView:
    return ProofView(
        id=draw_id(row.round_id, row.nonce),
        wheel=row.wheel,
        member_id=row.member_id,
        round_id=row.round_id,
        nonce=row.nonce,
        client_seed=row.client_seed,
        commitment=bytes(round_.commitment).hex(),
        server_seed=bytes(round_.server_seed).hex() if round_.server_seed else None,
        revealed_at=round_.revealed_at,
        roll=row.roll,
        candidate=row.candidate,
        prize=row.prize,
        slot=row.slot,
        odds_version=row.odds_version,
        covered=wheel.covered_by(row.odds_version) or "",
        rule_version=row.rule_version,
        table=_table(wheel),
        method=METHOD,
        drawn_at=row.drawn_at,
    )

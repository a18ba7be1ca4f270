"""The rows that a draw reads and writes: the wheel's open round, the member's last number in it, and the new draws."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import asyncpg

from base.sealing import Keyring
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Present, Read, ReadRequest, SharedNote, SharedRead, SharedRequest
from loyalty.games.commands import Draw
from loyalty.games.seeds import HERE, seed_if_known
from loyalty.ledger.writes import MeterKey, Table

SELECT_ROUNDS = f"""
SELECT wheel, id, odds_version, ends_at, commitment, key_id, sealed_seed FROM wheel_round
WHERE wheel = ANY($1::text[]) AND closed_at IS NULL AND opened_in = {HERE}
"""  # noqa: S608  # no values in the text
SELECT_LAST_NONCES = """
SELECT a.member_id, (SELECT max(nonce) FROM draw d WHERE d.member_id = a.member_id AND d.round_id = u.round_id) AS nonce
FROM unnest($1::bigint[], $2::int[]) AS u(member_id, round_id) JOIN account a ON a.member_id = u.member_id
"""


class Round(NamedTuple):
    """An open round of a wheel. SHA-256(server_seed) is public; the seed is secret until the round is closed.

    All draws of the round use the table of odds with the version `odds_version`. The seed is None when none of our keys opens its
    seal. Nothing is drawn on a round that `is_over`.
    """

    id: int
    server_seed: bytes | None
    odds_version: str
    is_over: bool = False


class DrawRow(NamedTuple):
    """One spin: `roll` follows from the seed, `candidate` is the prize it fell on, `prize` the one that was given."""

    round_id: int
    nonce: int
    wheel: str
    day: date
    line: int
    client_seed: str
    roll: int
    candidate: str
    prize: str
    prize_name: str
    level: str
    slot: int
    won: bool
    took_stock: bool
    points: int
    cost_points: int
    odds_version: str


def draws_of(wheel: str, day: date) -> MeterKey:
    """The meter of a member's draws on a wheel on a business day."""
    return MeterKey(f"draws:{wheel}", day.isoformat())


async def _open_rounds(request: SharedRequest) -> Mapping[str, Round]:
    wheels = {command.wheel for command in request.commands if isinstance(command, Draw)}
    rows = await request.connection.fetch(SELECT_ROUNDS, sorted(wheels))
    return {row["wheel"]: _round(row, request.present) for row in rows}


def _round(row: asyncpg.Record, present: Present) -> Round:
    seed = seed_if_known(row, present.keyring)
    return Round(row["id"], seed, row["odds_version"], row["ends_at"] <= present.now)


async def _all_rounds(connection: asyncpg.Connection, keyring: Keyring) -> Mapping[int, tuple[str, Round]]:
    rows = await connection.fetch("SELECT * FROM wheel_round")
    return {
        row["id"]: (
            row["wheel"],
            Round(row["id"], row["server_seed"] or seed_if_known(row, keyring), row["odds_version"]),
        )
        for row in rows
    }


def _round_of(rounds: Mapping[str, Round], command: Draw) -> int | None:
    found = rounds.get(command.wheel)
    return found.id if found else None


def _round_again(rounds: Mapping[int, tuple[str, Round]], round_id: int | None) -> Mapping[str, Round]:
    if round_id is None or round_id not in rounds:
        return {}
    wheel, round_ = rounds[round_id]
    return {wheel: round_}


OPEN_ROUNDS: Final = SharedRead[Mapping[str, Round]](
    "open rounds", _open_rounds, SharedNote("round", _round_of, _all_rounds, _round_again)
)


async def _last_nonces(request: ReadRequest) -> Mapping[int, int]:
    rounds: Mapping[str, Round] = request.shared[OPEN_ROUNDS]
    asked = [
        (one.command.member_id, rounds[one.command.wheel].id)
        for one in request.commands
        if isinstance(one.command, Draw) and one.command.wheel in rounds
    ]
    columns = [member_id for member_id, _ in asked], [round_id for _, round_id in asked]
    rows = await request.connection.fetch(SELECT_LAST_NONCES, *columns)
    return {row["member_id"]: row["nonce"] or 0 for row in rows}


DRAWS: Final = Table(
    "draw",
    DrawRow,
    stamps={"receipt_no": "receipt_no", "rule_version": "rule_version", "drawn_at": "posted_at"},
    key=("round_id", "nonce"),
)


def _last_nonce_in(past: Past, _: DatedCommand, shared: Mapping[SharedRead[Any], Any]) -> int:
    open_rounds = {one.id for one in shared[OPEN_ROUNDS].values()}
    return max((nonce for round_id, nonce in past.rows[DRAWS] if round_id in open_rounds), default=0)


LAST_NONCE: Final = Read[int]("last nonce in the open round", _last_nonces, 0, fold=_last_nonce_in)

"""The audit's checks of draws: their numbers, their price and their round; every roll is recomputed."""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg

from base.sealing import KeyMissing, Keyring, SealBroken
from loyalty.engine.auditing import NOW, Check, Finding, RecomputeRequest
from loyalty.engine.moved import MOVED_METERS
from loyalty.games import fairness
from loyalty.games.seeds import open_seed
from loyalty.programme.rules import RuleSet

PAGE: Final = 500

CHECKS = (
    Check(
        "I18",
        "a member's draws of a round are numbered 1..n, each charged and paid out once",
        """
        SELECT member_id, format('round %s: draws %s..%s, %s of them', round_id, min(nonce), max(nonce), count(*)) AS detail
        FROM draw GROUP BY member_id, round_id HAVING min(nonce) <> 1 OR max(nonce) <> count(*)
        UNION ALL
        SELECT member_id, format('receipt %s: draws cost %s and won %s, entries say %s and %s', receipt_no, d.cost, d.won,
            e.charged, e.granted)
        FROM (
            SELECT member_id, receipt_no, sum(cost_points) AS cost, sum(points) AS won FROM draw GROUP BY member_id, receipt_no
        ) d FULL JOIN (
            SELECT member_id, receipt_no, coalesce(sum(amount) FILTER (WHERE reason = 'draw'), 0) AS charged,
                   coalesce(sum(amount) FILTER (WHERE reason = 'prize'), 0) AS granted
            FROM entry WHERE reason IN ('draw', 'prize') GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE (coalesce(d.cost, 0), coalesce(d.won, 0)) <> (coalesce(e.charged, 0), coalesce(e.granted, 0))
        UNION ALL
        SELECT r.member_id, format('receipt %s (drawn) has no draws', r.no) FROM receipt r
        LEFT JOIN draw d ON d.member_id = r.member_id AND d.receipt_no = r.no
        WHERE r.accepted AND r.code = 'drawn' AND d.member_id IS NULL
        """,
        by_member=True,
    ),
    Check(
        "I18",
        "draws are made by their round's table",
        """
        WITH rounds AS MATERIALIZED (SELECT id, wheel, odds_version FROM wheel_round)
        SELECT d.member_id, format('draw %s-%s is of table %s, its round of %s', d.round_id, d.nonce, d.odds_version,
            w.odds_version) AS detail
        FROM draw d JOIN rounds w ON w.id = d.round_id
        WHERE (d.wheel, d.odds_version) <> (w.wheel, w.odds_version)
        """,
        by_member=True,
    ),
    Check(
        "I18",
        "draws are made while their round is open",
        """
        WITH rounds AS MATERIALIZED (SELECT id, opened_at, least(closed_at, ends_at) AS over_at FROM wheel_round)
        SELECT d.member_id, format('draw %s-%s was made while its round was not open', d.round_id, d.nonce) AS detail
        FROM draw d JOIN rounds w ON w.id = d.round_id
        WHERE d.drawn_at < w.opened_at - interval '1 minute' OR d.drawn_at > w.over_at + interval '1 minute'
        """,
        by_member=True,
    ),
    Check(
        "I18",
        "a round is closed, then revealed, before the next one of its wheel is opened, and no two rounds have one seed",
        """
        WITH rounds AS MATERIALIZED (SELECT * FROM wheel_round)
        SELECT NULL::bigint AS member_id, format('round %s was opened at %s, closed at %s and revealed at %s', id, opened_at,
            closed_at, revealed_at) AS detail
        FROM (
            SELECT *, lead(opened_at) OVER (PARTITION BY wheel ORDER BY id) AS next_opened_at FROM rounds
        ) w
        WHERE revealed_at < closed_at OR closed_at < opened_at OR closed_at > next_opened_at
            OR ends_at > opened_at + interval '8 days'
            OR greatest(opened_at, closed_at) > $1::timestamptz + interval '1 minute'
        UNION ALL
        SELECT NULL, format('rounds %s have one seed', string_agg(id::text, ', ' ORDER BY id)) FROM rounds
        GROUP BY commitment HAVING count(*) > 1
        """,
        (NOW,),
    ),
    Check(
        "meters",
        "the draws of a day are counted as they were made",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('draws of %s on %s: %s counted, %s made', name, period, m.value, d.made) AS detail FROM (
            SELECT member_id, name, period, value FROM meter WHERE name LIKE 'draws:%'
        ) m FULL JOIN (
            SELECT member_id, 'draws:' || wheel AS name, to_char(day, 'YYYY-MM-DD') AS period, count(*) AS made FROM draw
            GROUP BY member_id, wheel, day
        ) d USING (member_id, name, period) FULL JOIN (
            SELECT member_id, name, period, value FROM moved WHERE name LIKE 'draws:%'
        ) v USING (member_id, name, period)
        WHERE coalesce(m.value, 0) <> coalesce(d.made, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
)


TICKETS: Final = Check(
    "meters",
    "tickets held are those that missions and the newcomer's gift brought less those that draws used",
    f"""
    WITH {MOVED_METERS}
    SELECT member_id, format('%s: %s counted, %s brought, %s used', name, m.value, g.brought, u.used) AS detail FROM (
        SELECT member_id, name, value FROM meter WHERE name LIKE 'tickets:%'
    ) m FULL JOIN (
        SELECT member_id, 'tickets:' || (gift->>'ticket') AS name, count(*) AS brought FROM (
            SELECT member_id, jsonb_array_elements(facts->'done') AS gift FROM receipt
            WHERE accepted AND code = 'missions_advanced'
            UNION ALL SELECT member_id, facts FROM receipt WHERE accepted AND code = 'welcomed'
        ) d WHERE gift->>'ticket' IS NOT NULL GROUP BY member_id, gift->>'ticket'
    ) g USING (member_id, name) FULL JOIN (
        SELECT member_id, 'tickets:' || (facts->>'wheel') AS name, sum((facts->>'tickets')::bigint) AS used FROM receipt
        WHERE accepted AND code = 'drawn' AND facts->>'tickets' <> '0' GROUP BY member_id, facts->>'wheel'
    ) u USING (member_id, name) FULL JOIN (
        SELECT member_id, name, value FROM moved WHERE name LIKE 'tickets:%'
    ) v USING (member_id, name)
    WHERE coalesce(m.value, 0) <> coalesce(g.brought, 0) - coalesce(u.used, 0) + coalesce(v.value, 0)
    """,  # noqa: S608  # our own text
    by_member=True,
)

COUNT_DRAWS = "SELECT count(*) FROM draw WHERE member_id > $1 AND member_id <= $2"
SELECT_DRAWS = "SELECT * FROM draw WHERE member_id > $1 AND member_id <= $2"
SELECT_SEEDS = "SELECT id, wheel, commitment, server_seed, key_id, sealed_seed FROM wheel_round ORDER BY id"


async def recompute_draws(request: RecomputeRequest) -> tuple[int, list[Finding]]:
    """I18: every roll follows from the seed, every candidate from the table, every prize from the candidate or its substitute.

    Returns the number of draws recomputed, and a finding for each that does not, for each seed that is not the committed one, and
    for each round whose seed none of the keys opens, which stands for its draws. Without any key, draws of open rounds wait.
    """
    connection = request.connection
    total: int = await connection.fetchval(COUNT_DRAWS, request.after, request.until)
    seeds, sealed, findings = await _seeds(connection, request.keyring)
    done = recomputed = 0
    async for row in connection.cursor(SELECT_DRAWS, request.after, request.until):
        done += 1
        if row["round_id"] not in sealed:
            recomputed += 1
            if not _recomputes(row, seeds.get(row["round_id"]), request.rules):
                detail = f"draw {row['round_id']}-{row['nonce']} does not recompute"
                findings.append(Finding("I18", row["member_id"], detail))
        if done % PAGE == 0:
            request.progress(done, total)
    request.progress(done, total)
    return recomputed, findings


async def _seeds(
    connection: asyncpg.Connection, keyring: Keyring
) -> tuple[dict[int, bytes], set[int], list[Finding]]:
    """The seed of each round, the rounds whose seed we cannot unseal for want of the key, and the seeds that are wrong."""
    seeds: dict[int, bytes] = {}
    sealed: set[int] = set()
    findings = []
    for row in await connection.fetch(SELECT_SEEDS):
        try:
            seed = row["server_seed"] or open_seed(row, keyring)
        except KeyMissing:
            sealed.add(row["id"])
            if keyring.ids:
                findings.append(Finding("I18", None, f"round {row['id']}: none of the keys opens its seed"))
            continue
        except SealBroken:
            seed = b""
        if fairness.commitment(seed) == row["commitment"]:
            seeds[row["id"]] = seed
        else:
            findings.append(
                Finding("I18", None, f"round {row['id']}: its seed is not the one it committed to")
            )
    return seeds, sealed, findings


def _recomputes(draw: Any, server_seed: bytes | None, rules: Mapping[int, RuleSet]) -> bool:
    governing = rules.get(draw["rule_version"])
    wheel = governing.wheel(draw["wheel"]) if governing else None
    if wheel is None or server_seed is None:
        return False
    roll = fairness.roll(server_seed, draw["round_id"], draw["member_id"], draw["client_seed"], draw["nonce"])
    if roll != draw["roll"] or wheel.covered_by(draw["odds_version"]) is None:
        return False
    candidate = wheel.prize_at(roll)
    final_ok = draw["prize"] == candidate.id or (
        candidate.stock is not None and draw["prize"] == candidate.substitute
    )
    return bool(candidate.id == draw["candidate"] and final_ok)

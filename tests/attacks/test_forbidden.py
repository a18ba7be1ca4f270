"""S15: `random`, pickle, unsafe YAML, comparisons that leak, SQL made of values, transactions outside the engine's room.

Each rule is shown to find what it forbids and to leave alone what only looks like it.
"""

from pathlib import PurePosixPath

import pytest

from tests.attacks.rules import COMPOSED_SQL, RULES, TRANSACTION_ROOMS, faults
from tests.source import PACKAGES, ROOT

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

FORBIDDEN = [
    ("guessable_dice", "import random"),
    ("guessable_dice", "from random import choice"),
    ("guessable_dice", "def f():\n    import random as dice"),
    ("serializers_that_run_code", "import pickle"),
    ("serializers_that_run_code", "from marshal import loads"),
    ("serializers_that_run_code", "import os, shelve"),
    ("unsafe_yaml", "import yaml\nyaml.load(text, Loader=yaml.Loader)"),
    ("unsafe_yaml", "yaml.unsafe_load(text)"),
    ("unsafe_yaml", "from yaml import full_load"),
    ("unsafe_yaml", "from yaml import CLoader"),
    ("leaky_comparisons", "given == self._token"),
    ("leaky_comparisons", "if query['signature'] != sign(a, b): pass"),
    ("leaky_comparisons", "hashlib.sha1(x).hexdigest() == given"),
    ("leaky_comparisons", "token.encode() == kept"),
    ("leaky_comparisons", "row.token_hash == fingerprint(token)"),
    ("sql_made_of_values", "pool.execute(f'DELETE FROM member WHERE member_id = {member_id}')"),
    ("sql_made_of_values", "pool.fetch(f'SELECT {column} FROM member')"),
    ("sql_made_of_values", "pool.fetch('SELECT * FROM member WHERE nickname = \\'%s\\'' % nickname)"),
    ("sql_made_of_values", "pool.fetch('SELECT * FROM member WHERE nickname = ' + nickname)"),
    ("sql_made_of_values", "pool.fetch('SELECT * FROM member WHERE a = ' + A + ' AND b = ' + b)"),
    ("sql_made_of_values", "pool.fetch('SELECT * FROM {}'.format(table))"),
    ("stray_transactions", "async with connection.transaction(): pass"),
    ("stray_transactions", "await in_transaction(pool, work)"),
    ("stray_transactions", "from tortoise.transactions import atomic"),
    ("stray_transactions", "await connection.execute('BEGIN')"),
    ("stray_transactions", "await connection.execute(f'BEGIN; {SETTINGS}')"),
    ("stray_transactions", "await connection.execute(' COMMIT')"),
]

ALLOWED = [
    "import secrets\nsecrets.SystemRandom().random()",
    "from base.random_names import x",
    "yaml.safe_load(text)",
    "json.load(file)",
    "hmac.compare_digest(given, token)",
    "if token is None: pass",
    "if kind == 'token': pass",
    "errcode == tokens.EXPIRED_CODE",
    "pool.fetch('SELECT * FROM member WHERE member_id = $1', member_id)",
    "pool.fetch(f'SELECT * FROM {TABLE} WHERE member_id = $1')",
    "pool.fetch('SELECT 1' + WHERE)",
    "text = f'Select one of {names} and go on'",
    "log.info('BEGINNING')",
    "await engine.transact(work)",
]


def test_the_source_keeps_every_rule() -> None:
    found = [
        str(fault)
        for file in SOURCES
        for fault in faults(
            file.read_text(encoding="utf-8"), PurePosixPath(file.relative_to(ROOT).as_posix())
        )
    ]
    assert found == []
    assert len(SOURCES) > 100, "the rules looked at the whole house"


@pytest.mark.parametrize(("rule", "source"), FORBIDDEN)
def test_a_rule_finds_what_it_forbids(rule: str, source: str) -> None:
    assert [fault.rule for fault in faults(source, PurePosixPath("bot/somewhere.py"))] == [rule]


@pytest.mark.parametrize("source", ALLOWED)
def test_a_rule_leaves_alone_what_is_sound(source: str) -> None:
    assert faults(source, PurePosixPath("bot/somewhere.py")) == []


def test_every_rule_was_seen_to_fail() -> None:
    assert {rule for rule, _ in FORBIDDEN} == set(RULES)


def test_the_engines_room_is_the_only_exception() -> None:
    opened = "async with connection.transaction(): pass"
    assert faults(opened, PurePosixPath("loyalty/engine/transactions.py")) == []
    assert faults(opened, PurePosixPath("loyalty/ledger/wallet.py")) != []


def test_what_is_excused_is_still_there() -> None:
    assert [room for room in TRANSACTION_ROOMS if not (ROOT / room).exists()] == []
    for path, expression in COMPOSED_SQL:
        assert f"{{{expression}}}" in (ROOT / path).read_text(encoding="utf-8"), (path, expression)

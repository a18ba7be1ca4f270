"""Answers to 签到 by kind, and the comparison of the acknowledged sign-ins with the stored ones."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.chat_answers import kind_of
from bench.dataset import Dataset, publish_and_fill, today
from bench.errors import SignInsLost, WrongAnswers
from bench.rows.signin import check_in_count
from bench.template import life
from bot.answers import APOLOGY, BUSY
from loyalty.checkin.commands import CheckIn
from tests.bench.test_bench import PROGRAMME
from tests.emulator import harness
from tests.ledger import KEYS, ZONE, Ledger, empty
from wechat.aes import decode_key, encrypt

PLAN: dict[str, Any] = {"aes_key": harness.AES_KEY, "app_id": harness.OA_APP_ID}
YESTERDAY = today(ZONE) - timedelta(days=1)


def sealed(text: str, *, app_id: str = harness.OA_APP_ID) -> bytes:
    """A reply in safe mode."""
    reply = f"<xml><Content><![CDATA[{text}]]></Content></xml>"
    return f"<xml><Encrypt><![CDATA[{encrypt(decode_key(harness.AES_KEY), app_id, reply, b'r' * 16)}]]></Encrypt></xml>".encode()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, sealed("签到成功 +10 分，已连续 1 天"), "signed_in"),
        (200, sealed(BUSY.text), "shed"),
        (200, sealed(APOLOGY.text), "failed"),
        (200, sealed("今天签过啦"), "other"),
        (200, b"success", "promised"),
        (200, b"", "other"),
        (200, sealed("签到成功", app_id="wx_of_another"), "other"),
        (403, b"refused", "http_403"),
    ],
)
def test_an_answer_has_one_kind(status: int, body: bytes, kind: str) -> None:
    assert kind_of(PLAN, status, body)[0] == kind


@pytest.fixture
async def dataset(ledger: Ledger) -> Dataset:
    """Ten members of whom three have signed in today."""
    await empty(ledger.pool)
    await publish_and_fill(ledger.database_url, PROGRAMME, 10, YESTERDAY, keyring=KEYS)
    ledger.clock.move_to(datetime.now(UTC))
    for member_id in (1, 2, 3):
        await ledger.run(CheckIn, member_id)
    history = life(PROGRAMME.rules, ZONE, YESTERDAY)
    return Dataset("ten", ledger.database_url, 10, history, PROGRAMME, postmaster=1)


def counted(dataset: Dataset, answers: dict[str, int]) -> dict[str, int]:
    """The comparison after a load that was answered so."""
    dataset.chat_answers = Counter(answers)
    return check_in_count(dataset)


@pytest.mark.parametrize(
    "answers",
    [
        {"signed_in": 3},
        {"signed_in": 3, "shed": 419},
        {"signed_in": 2, "promised": 1},
        {"signed_in": 0, "lost": 2, "failed": 2},
    ],
)
async def test_answers_that_promise_nothing_are_no_loss(dataset: Dataset, answers: dict[str, int]) -> None:
    assert (await asyncio.to_thread(counted, dataset, answers)) == answers


async def test_an_acknowledged_sign_in_that_is_not_stored_is_named(dataset: Dataset) -> None:
    with pytest.raises(SignInsLost, match="4 次签到已告知成功，数据库里只有 3 次"):
        await asyncio.to_thread(counted, dataset, {"signed_in": 4, "promised": 9})


async def test_a_sign_in_that_nobody_was_told_of_is_named(dataset: Dataset) -> None:
    with pytest.raises(WrongAnswers, match="3 sign-ins stored"):
        await asyncio.to_thread(counted, dataset, {"signed_in": 2, "shed": 1})

"""Tables that would mislead members: each is refused at publication with wheel and prize, and nothing is stored."""

from pathlib import Path
from typing import Any

import pytest

from loyalty.games.objections import objections
from loyalty.programme.publishing.draft import Misleading
from runtime.cli.rules import validate
from tests.ledger import DEMO_RULES, Ledger, rules_with

LUCKY = rules_with().wheels[0].model_dump(mode="json")
SEASON, FIVE, LATTE, *OTHERS = LUCKY["prizes"]


def wheel(*prizes: dict[str, Any]) -> dict[str, Any]:
    return LUCKY | {"prizes": list(prizes)}


EMPTY_SHELF = wheel(SEASON | {"stock": 0}, FIVE, LATTE, *OTHERS)
NO_CONSOLATION = wheel(SEASON | {"substitute": "thanks"}, FIVE, LATTE, *OTHERS)
NO_FIRST = wheel(SEASON | {"odds_ppm": 0}, FIVE | {"odds_ppm": FIVE["odds_ppm"] + 1000}, LATTE, *OTHERS)
# The kind's siblings: the dearest prize under another level's name, and a prize that neither odds nor a substitute give.
NO_DEAREST = wheel(
    SEASON | {"odds_ppm": 0, "level": "超级大奖"},
    FIVE | {"odds_ppm": FIVE["odds_ppm"] + 1000},
    LATTE,
    *OTHERS,
)
NOBODYS = wheel(SEASON, FIVE | {"odds_ppm": 329_000}, LATTE | {"odds_ppm": 0}, *OTHERS)
MISLEADING = [
    (EMPTY_SHELF, "转盘「幸运大转盘」的「季度畅饮卡」库存是 0，概率却写着 0.1%"),
    (
        NO_CONSOLATION,
        "转盘「幸运大转盘」的「季度畅饮卡」发完以后，抽中它的人什么也得不到（substitute 是「谢谢参与」）",
    ),
    (NO_FIRST, "转盘「幸运大转盘」的「季度畅饮卡」是一等奖，概率却是 0"),
    (NO_DEAREST, "转盘「幸运大转盘」的「季度畅饮卡」是超级大奖，概率却是 0"),
    (NOBODYS, "转盘「幸运大转盘」的「拿铁一杯」概率是 0，也不是别的奖品的替代"),
]


@pytest.mark.parametrize(("lucky", "sentence"), MISLEADING)
async def test_a_misleading_table_is_not_published(
    ledger: Ledger, lucky: dict[str, Any], sentence: str
) -> None:
    before = (
        await ledger.pool.fetch("SELECT * FROM wheel_round"),
        await ledger.pool.fetch("SELECT * FROM stock"),
    )
    with pytest.raises(Misleading) as refused:
        await ledger.publish(rules_with(wheels=[lucky]))
    assert str(refused.value).startswith(sentence)
    assert await ledger.count("rule_version") == 1
    after = (
        await ledger.pool.fetch("SELECT * FROM wheel_round"),
        await ledger.pool.fetch("SELECT * FROM stock"),
    )
    assert after == before


async def test_all_faults_are_named_at_once(ledger: Ledger) -> None:
    lucky = wheel(SEASON | {"stock": 0, "substitute": "thanks"}, FIVE, LATTE | {"stock": 0}, *OTHERS)
    with pytest.raises(Misleading) as refused:
        await ledger.publish(rules_with(wheels=[lucky]))
    assert len(str(refused.value).split("\n")) == 3


FAIR = [
    LUCKY,
    wheel(SEASON | {"substitute": "thanks", "may_end_in_nothing": True}, FIVE, LATTE, *OTHERS),
    wheel(SEASON | {"stock": None, "substitute": None}, FIVE, LATTE, *OTHERS),
]


@pytest.mark.parametrize("lucky", FAIR)
def test_an_honest_table_is_not_objected_to(lucky: dict[str, Any]) -> None:
    assert list(objections(rules_with(wheels=[lucky]).wheels)) == []


async def test_versions_from_before_stay_in_force(ledger: Ledger) -> None:
    """A stored version with such a table is read and drawn by; the next publication has to mend it."""
    rules = rules_with(wheels=[NO_CONSOLATION])
    await ledger.pool.execute(
        "INSERT INTO rule_version (id, digest, body, effective_from, published_at, published_by, reason)"
        " VALUES (2, $1, $2::text::jsonb, $3, $3, 'test', 'before')",
        rules.digest, rules.model_dump_json(), ledger.clock.now(),
    )  # fmt: skip
    assert (await ledger.live()).version == 2
    with pytest.raises(Misleading):
        await ledger.publish(rules_with(wheels=[NO_CONSOLATION], welcome={"points": 7}))


def test_the_check_of_a_file_says_so_too(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        DEMO_RULES.read_text(encoding="utf-8").replace("stock: 5,", "stock: 0,"), encoding="utf-8"
    )
    with pytest.raises(Misleading, match="库存是 0"):
        validate(path)

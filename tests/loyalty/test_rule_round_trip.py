"""Accepted rules read back as written: a rule set, its file, and the rule set read from that file are one and the same."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from loyalty.programme.comparing import differences as rule_differences
from loyalty.programme.declaring.texts import one_line
from loyalty.programme.files.document import read_document, reads_as_itself
from loyalty.programme.files.reading import read_rules
from loyalty.programme.files.writing import written
from loyalty.programme.outline.items import sections
from loyalty.programme.outline.reference import reference
from loyalty.programme.rules import RuleSet, digest_of
from tests.ledger import DEMO_RULES, rules_with
from tests.source import ROOT

ODD = [
    "0150", "12:30", "yes", "on", "null", "~", "2026-01-01", "1e3", "1_000", "0x1F", "+5", ".5", "-", "- a", "a: b", "#x", "x #y",
    "*a", "&a", "!a", "%a", "@a", "`a", "[a", "{a", "'a", '"a"', "a\\b", "a, b", "?", ":", "=", "<<", "|", ">", "true", "1.0",
    "5 积分", "：", "\u00a0x",
]  # fmt: skip
"""Names that YAML reads as something else, or not at all, where they stand without quotes."""
names = (st.sampled_from(ODD) | st.text(min_size=1, max_size=40)).filter(
    lambda text: not one_line(text) and len(text) <= 40
)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
points = st.integers(1, 10_000_000)
rewards = st.fixed_dictionaries(
    {"id": ids, "name": names, "kind": st.just("voucher"), "price_points": points},
    optional={"stock": st.none() | st.integers(0, 10**9), "valid_days": st.integers(1, 3660), "terms": names},
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "programme": st.fixed_dictionaries({"name": names, "brand": names}),
        "expiry": st.fixed_dictionaries({"months": st.none() | st.integers(1, 120)})
        | st.fixed_dictionaries({"days": st.integers(1, 3660)})
        | st.fixed_dictionaries(
            {"fixed": st.just("12-31") | st.just(["03-31", "06-30"])},
            optional={"grace_days": st.integers(0, 366)},
        )
        | st.just({"never": True}),
        "welcome": st.fixed_dictionaries({"points": points}),
        "repair": st.none()
        | st.fixed_dictionaries({}, optional={"price_points": points, "per_month": st.integers(1, 31)}),
        "rewards": st.lists(rewards, max_size=5, unique_by=lambda reward: str(reward["id"])),
        "referral": st.fixed_dictionaries(
            {"enabled": st.booleans()},
            optional={
                "ladder": st.lists(
                    st.fixed_dictionaries({"qualified": st.integers(1, 9), "bonus": points}), max_size=4
                )
            },
        ),
        "tiers": st.lists(names, max_size=3).map(
            lambda benefits: [{"id": "a", "name": "甲", "growth": 0, "benefits": benefits}]
        ),
        "wheels": st.just([]),
    },
)


@given(parts)
def test_a_rule_set_is_written_and_read_back(
    tmp_path_factory: pytest.TempPathFactory, given_parts: dict[str, Any]
) -> None:
    rules = rules_with(**given_parts)
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(written(rules), encoding="utf-8")
    assert read_rules(path).digest == rules.digest


@given(parts, parts)
def test_rule_sets_differ_exactly_where_lines_say_so(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = rules_with(**one), rules_with(**other)
    lines = rule_differences.differences(before, after)
    assert bool(lines) == (before.digest != after.digest)
    assert not rule_differences.differences(after, after)


def test_the_demos_file_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    demo = read_rules(DEMO_RULES)
    path.write_text(written(demo), encoding="utf-8")
    assert read_rules(path) == demo


@given(st.text(max_size=30) | st.sampled_from(ODD))
def test_a_text_that_needs_no_quotes_means_the_same_in_yaml(text: str) -> None:
    """Where we read a word without quotes as a text, YAML's own reading is that text, too."""
    try:
        document = read_document(f"a: {text}\n")
    except (yaml.YAMLError, ValueError):
        return
    if not document.faults and isinstance(document.value, dict) and document.value.get("a") == text:
        assert yaml.safe_load(f"a: {text}\n") == {"a": text}
        assert reads_as_itself(text)


BODY = json.loads(rules_with().model_dump_json())
REWARDS, LADDER = BODY["rewards"], BODY["check_in"]["ladder"]
PEN = {"id": "pen", "name": "钢笔", "kind": "voucher", "price_points": 90}
COOKIE = "rewards（礼品）「cookie 手工曲奇一份」"
TITLES = {one["id"]: one["name"] for one in REWARDS}
CHANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"welcome": {"points": 1200}}, ["welcome（新人礼） › points（积分）：100 → 1,200"]),
    ({"expiry": {"months": None}}, [
        "expiry（有效期） › months（有效月数）：12 → （无）", "expiry（有效期） › never（永久有效）：否 → 是",
    ]),
    (
        {"rewards": [REWARDS[0] | {"price_points": 80, "name": "曲奇"}, *REWARDS[1:]]},
        [f"{COOKIE} › name（名称）：「手工曲奇一份」 → 「曲奇」", f"{COOKIE} › price_points（价格）：60 → 80"],
    ),
    ({"rewards": REWARDS[1:]}, [f"去掉 {COOKIE}"]),
    (
        {"rewards": [*REWARDS, PEN]},
        ["新增 rewards（礼品）「pen 钢笔」：编号「pen」，名称「钢笔」，种类「voucher」，价格 90，有效天数 90，可取消小时数 24"],
    ),
    ({"rewards": [REWARDS[1], REWARDS[0]]}, [
        *(f"去掉 rewards（礼品）「{reward} {TITLES[reward]}」" for reward in ("latte", "beans", "mug", "class")),
        "rewards（礼品）的先后：cookie、americano → americano、cookie",
    ]),
    ({"wheels": []}, [f"去掉 wheels（转盘）「lucky {BODY['wheels'][0]['name']}」"]),
    ({"check_in": BODY["check_in"] | {"ladder": LADDER[1:]}}, ["去掉 check_in（签到） › ladder（连签奖励）「streak 3」"]),
    ({"referral": BODY["referral"] | {"enabled": False}}, ["referral（邀请） › enabled（开启邀请奖励）：是 → 否"]),
    (
        {"tiers": [BODY["tiers"][0] | {"benefits": ["停车"]}, *BODY["tiers"][1:]]},
        ["tiers（等级）「basic 普通会员」 › benefits（权益）：（无） → 停车"],
    ),
    ({}, []),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "lines"), CHANGES)
def test_a_difference_says_what_was_and_what_is(parts: dict[str, Any], lines: list[str]) -> None:
    assert rule_differences.differences(rules_with(), rules_with(**parts)) == lines


def test_every_item_has_a_title_and_a_description_in_chinese() -> None:
    for where, items in sections():
        for key, item in items.items():
            for text in (item.title, item.description):
                assert any("\u4e00" <= sign <= "\u9fff" for sign in text or ""), (*where, key)


def test_the_reference_is_what_the_model_says() -> None:
    page = (ROOT / "docs" / "rules-reference.md").read_text(encoding="utf-8")
    assert page == reference(), "run: jifen rules reference > docs/rules-reference.md"


def test_a_stored_body_keeps_its_digest_when_the_model_grows() -> None:
    """The digest of a version is that of its stored text, so that an item which a later program adds changes no old digest."""
    rules = rules_with()
    body = json.loads(rules.model_dump_json())
    assert digest_of(body) == rules.digest
    old = {key: value for key, value in body.items() if key != "repair"}
    assert digest_of(old) != RuleSet.model_validate_json(json.dumps(old)).digest


def test_terms_have_several_lines_and_no_more_than_their_bound() -> None:
    assert rules_with(rewards=[PEN | {"terms": "一\n二"}]).rewards[0].terms == "一\n二"
    with pytest.raises(ValidationError, match="最多 500 个字"):
        rules_with(rewards=[PEN | {"terms": "长" * 501}])

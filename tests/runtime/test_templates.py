"""O10: four programmes to start from: each can be published as it is, reads well, and has a past that the demo plays."""

from datetime import timedelta
from pathlib import Path

import pytest

from base.clock import MovableClock
from loyalty.audit import audit
from loyalty.features import FEATURES
from loyalty.programme.files.reading import read_rules
from loyalty.programme.publishing.publication import objections
from loyalty.rule_texts import rule_texts
from miniapp_api import pictures
from runtime.demo import past, programme
from runtime.templates import TEMPLATES, template_path
from tests.house import made_up_settings
from tests.ledger import KEYS, Ledger, empty
from tests.runtime.program import jifen

SENTENCES = {
    "retail": ("消费返积分：消费每满 1 元得 1 积分", "天天转盘", "新手任务", "街坊：加入即是。"),
    "restaurant": ("消费返积分：消费每满 1 元得 1 积分", "今天加个菜", "本月常客", "老友：成长值满 800"),
    "beauty": ("消费返积分：消费每满 10 元得 1 积分", "悦己转盘", "每月护理", "金卡：成长值满 2,000"),
    "education": ("缴费返积分：缴费每满 50 元得 1 积分", "补签", "本周小画家", "新芽：成长值满 500"),
}


@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_template_is_published_as_it_is(ledger: Ledger, name: str) -> None:
    rules = read_rules(template_path(name))
    assert list(objections(rules, FEATURES)) == []
    await ledger.publish(rules)
    told = "\n".join(f"{topic.title} {' '.join(topic.sentences)}" for topic in rule_texts(rules))
    for words in SENTENCES[name]:
        assert words in told, told


@pytest.mark.parametrize("path", [*map(template_path, TEMPLATES), programme.OWN.rules_file], ids=str)
def test_a_programme_has_a_logo_and_pictures_that_are_there(path: Path) -> None:
    rules = read_rules(path)
    theme = rules.programme.theme
    named = [theme.logo, *theme.pictures, *(reward.picture for reward in rules.rewards)]
    assert theme.pictures
    for picture in named:
        assert picture is not None
        assert (pictures.FILES / picture.removeprefix(f"{pictures.ROOT}/")).is_file(), picture


@pytest.mark.parametrize("name", TEMPLATES)
def test_k03_a_template_watches_spending_and_lets_a_saver_have_the_dearest_reward(name: str) -> None:
    """Whoever has only drawn until now, and then redeems the dearest reward and all draws of a day, is not stopped."""
    rules = read_rules(template_path(name))
    assert rules.risk is not None
    draws = sum(one.cost_points * one.draws_per_day for one in rules.wheels)
    dearest = max(one.price_points for one in rules.rewards) + draws
    assert dearest < rules.risk.least_points < (rules.risk.day_points or 0)
    times = sum(one.draws_per_day for one in rules.wheels) + 1
    assert rules.risk.hour_times is None or rules.risk.hour_times > times


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_teaches(name: str) -> None:
    """Every section has a comment in Chinese, and the head says what to do and what it costs."""
    lines = template_path(name).read_text("utf-8").splitlines()
    head = lines[: lines.index("programme:")]
    assert all(any(words in line for line in head) for words in ("怎么用", "jifen rules validate", "成本"))
    comments = [line for line in lines if "#" in line]
    assert len(comments) > 15


@pytest.mark.parametrize("name", ["beauty", "education"])
async def test_the_demo_plays_a_template(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(past, "DAYS", 40)
    await empty(ledger.pool)
    settings = made_up_settings("postgresql://x/x", "redis://x", tmp_path)
    clock = MovableClock(ledger.clock.now() + timedelta(days=60))
    commands = await past.create_past(ledger.pool, settings, clock, shop=programme.played(name))
    assert commands > 50
    assert await ledger.count("purchase") > 5
    found = (await audit(ledger.pool, clock.now(), KEYS)).violations
    assert [one for one in found if one.invariant != "I21"] == []  # no worker sends the notices


def test_another_template_needs_another_folder(tmp_path: Path) -> None:
    settings = made_up_settings("postgresql://x/x", "redis://x", tmp_path)
    assert programme.chosen(settings, "beauty") == "beauty"
    (tmp_path / "demo-past").write_text("1")
    assert programme.chosen(settings, "") == ""
    with pytest.raises(programme.OtherTemplate, match="用的是咖啡店的规则。要换成美业模板"):
        programme.chosen(settings, "beauty")
    (tmp_path / "demo-template").write_text("beauty")
    assert [programme.chosen(settings, asked) for asked in ("beauty", "")] == ["beauty", "beauty"]


@pytest.mark.slow
def test_init_writes_a_file_once(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    told = jifen("init", str(file), "--template", "retail")
    assert (told.returncode, "零售模板" in told.stdout) == (0, True)
    assert read_rules(file) == read_rules(template_path("retail"))
    assert jifen("init", str(file), "--template", "beauty").returncode == 1
    wrong = jifen("init", str(file), "--template", "bank")
    assert "没有 bank 这个模板" in wrong.stderr

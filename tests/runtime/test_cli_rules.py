"""`jifen rules`: what an operator types, and what the program answers."""

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from loyalty.earning.segments import Labelled, put_segments
from loyalty.programme.files.writing import written
from runtime.cli import app
from tests.ledger import Ledger, rules_with
from tests.runtime.program import ACCOUNTS, environment, jifen

pytestmark = pytest.mark.slow


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The addresses of this worker's database and Redis, the key of the ledger's seeds, and a folder, as settings."""
    return given | {"DATA_DIR": str(tmp_path), "SECRET_KEY": ACCOUNTS["SECRET_KEY"]}


def file_with(tmp_path: Path, gift: int) -> str:
    """The published rules with another newcomer's gift, as a file."""
    path = tmp_path / f"rules-{gift}.yaml"
    path.write_text(written(rules_with(welcome={"points": gift})), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "word", ["validate", "diff", "publish", "withdraw", "history", "show", "export", "reference", "backtest"]
)
def test_every_command_explains_itself(word: str) -> None:
    told = CliRunner().invoke(app, ["rules", word, "--help"])
    assert told.exit_code == 0
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told.stdout)


async def test_a_file_is_checked_and_published_on_its_base(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    changed = file_with(tmp_path, 200)
    assert jifen("rules", "validate", changed, **given).returncode == 0
    assert await ledger.count("rule_version") == 1
    nameless = jifen("rules", "publish", changed, **given)
    assert nameless.returncode == 1
    assert "--reason" in nameless.stderr
    publish = ("rules", "publish", changed, "--reason", "开业加赠", "--base")
    published = jifen(*publish, "1", **given)
    assert published.returncode == 0, published.stderr
    assert "已发布为第 2 版，立即生效。" in published.stdout
    stale = jifen(*publish, "1", **given)
    assert (stale.returncode, "第 2 版规则已经发布" in stale.stderr) == (1, True)
    past = jifen(*publish, "2", "--effective-from", "2020-01-01", **given)
    assert (past.returncode, "不能早于现在" in past.stderr) == (1, True)
    same = jifen(*publish, "2", **given)
    assert (same.returncode, "和第 2 版完全一样，没有发布" in same.stdout) == (0, True)
    worse = file_with(tmp_path, 150)
    soon = jifen("rules", "publish", worse, "--reason", "少送一点", "--base", "2", **given)
    assert (soon.returncode, "生效时间写作 --effective-from 2026-10-01" in soon.stderr) == (1, True)
    assert await ledger.count("rule_version") == 2


async def test_a_scheduled_version_is_named_and_can_be_withdrawn(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    """The correction is refused where a scheduled version would undo it, published when the operator insists or withdraws it."""
    publish = ("rules", "publish", "--reason", "试", "--base")
    later = jifen(*publish, "1", file_with(tmp_path, 200), "--effective-from", "2999-01-01T08:30", **given)
    assert "已发布为第 2 版，到时候生效。\n第 2 版定于 2999-01-01 08:30 起生效。" in later.stdout
    correction = (*publish, "2", file_with(tmp_path, 300))
    asked = jifen(*correction, **given)
    assert asked.returncode == 1
    assert "已经排定了第 2 版（2999-01-01 08:30 起生效），到时候会盖掉这次的改动" in asked.stderr
    assert await ledger.count("rule_version") == 1 + 1
    insisted = jifen(*correction, "--until-replaced", **given)
    assert "已发布为第 3 版，立即生效。\n第 2 版定于 2999-01-01 08:30 起生效。" in insisted.stdout
    no_reason = jifen("rules", "withdraw", "2", **given)
    assert (no_reason.returncode, "--reason" in no_reason.stderr) == (1, True)
    withdrawn = jifen("rules", "withdraw", "2", "--reason", "改期", **given)
    assert (withdrawn.returncode, withdrawn.stdout) == (0, "第 2 版已经撤回。\n")
    again = jifen("rules", "withdraw", "2", "--reason", "改期", **given)
    assert (again.returncode, "第 2 版早已撤回" in again.stderr) == (1, True)
    told = jifen("rules", "history", **given).stdout.splitlines()
    assert [line.split("：")[0] for line in told if line.startswith("第")] == [
        "第 3 版（生效中）",
        "第 2 版（已撤回）",
        "第 1 版（已被取代）",
    ]
    assert "原定 2999-01-01 08:30 起" in told[2]
    assert told[2].endswith("撤回：改期")
    assert told[3] == "  welcome（新人礼） › points（积分）：100 → 200"


async def test_a_file_is_tried_on_the_past(ledger: Ledger, given: dict[str, str], tmp_path: Path) -> None:
    """D03, K08: before publication the operator sees who gains and loses; without a file the ledger is told to the point."""
    ledger.clock.move_to(datetime.now(UTC))
    member = await ledger.member()
    today = ledger.clock.now().date()
    days = (today - timedelta(days=1), today + timedelta(days=2))
    await put_segments(ledger.pool, [Labelled(member, "流失预警", *days)])
    told = jifen("rules", "backtest", file_with(tmp_path, 70), "--days", "2", **given)
    assert "  发出：实际 100，按这份规则 70，相差 -30\n" in told.stdout, told.stderr
    assert "  会员手里的积分（负债）：实际 100，按这份规则 70，相差 -30\n" in told.stdout
    assert "  人群 流失预警：1 位，多得 0 位，少得 1 位，合计 -30 积分\n" in told.stdout
    assert f"少得最多的：会员 {member} -30。" in told.stdout
    exact = jifen("rules", "backtest", **given)
    assert (exact.returncode, "和账本一分不差。" in exact.stdout) == (0, True)


async def test_something_worse_waits_unless_it_is_urgent(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    """The comparison names it before, the refusal says what and from when on, and the history keeps it (D04, K05, K06)."""
    worse = file_with(tmp_path, 50)
    line = "还没有领过新人礼的会员：welcome（新人礼） › points（积分）：100 → 50"
    assert f"至少要提前 7 天公布：\n  {line}" in jifen("rules", "diff", worse, **given).stdout
    publish = ("rules", "publish", worse, "--base", "1", "--reason", "监管要求")
    refused = jifen(*publish, **given)
    assert (refused.returncode, line in refused.stderr, "--urgent" in refused.stderr) == (1, True, True)
    assert jifen(*publish, "--urgent", **given).returncode == 0
    told = jifen("rules", "history", **given).stdout.splitlines()
    assert told[0].startswith("第 2 版（生效中，紧急）：")
    assert told[2] == f"  对会员不利：{line}"


@pytest.mark.parametrize(("answer", "published"), [("y\n", True), ("n\n", False)])
async def test_at_a_terminal_the_command_asks(
    ledger: Ledger, given: dict[str, str], tmp_path: Path, answer: str, published: bool
) -> None:
    publish = ("rules", "publish", "--reason", "试", "--base")
    jifen(*publish, "1", file_with(tmp_path, 200), "--effective-from", "2999-01-01", **given)
    code, printed = at_a_terminal(answer, *publish, "2", file_with(tmp_path, 300), **given)
    assert "到时候会盖掉这次的改动" in printed
    assert code == (0 if published else 1)
    assert await ledger.count("rule_version") == 2 + published


def at_a_terminal(answer: str, *words: str, **settings: str) -> tuple[int, str]:
    """Run `jifen <words>` with a terminal as its input, at which `answer` is typed; the exit code, and what was printed."""
    ours, its = pty.openpty()
    try:
        os.write(ours, answer.encode())
        ended = subprocess.run(
            [sys.executable, "-m", "runtime.cli", *words], env=environment(settings) | {"COLUMNS": "200"}, stdin=its,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(its)
    return ended.returncode, ended.stdout + ended.stderr


async def test_an_exported_version_is_a_file_that_publishes_nothing(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    exported = jifen("rules", "export", **given)
    assert exported.stdout.startswith("# 第 1 版。"), exported.stderr
    file = tmp_path / "exported.yaml"
    file.write_text(exported.stdout, encoding="utf-8")
    told = jifen("rules", "publish", str(file), "--base", "1", "--reason", "试", **given)
    assert (told.returncode, "完全一样" in told.stdout) == (0, True)
    unknown = jifen("rules", "export", "9", **given)
    assert (unknown.returncode, "没有第 9 版规则" in unknown.stderr) == (1, True)


async def test_rules_are_shown_and_compared(ledger: Ledger, given: dict[str, str], tmp_path: Path) -> None:
    shown = jifen("rules", "show", **given).stdout.splitlines()
    assert shown[0] == "第 1 版："
    assert "welcome（新人礼） › points（积分）：100" in shown
    changed = file_with(tmp_path, 200)
    told = jifen("rules", "diff", changed, **given)
    assert (
        told.stdout
        == "和第 1 版相比，改了 1 处：\n  welcome（新人礼） › points（积分）：100 → 200\n对每位会员都只好不坏，可以立即生效。\n"
    )
    assert jifen("rules", "publish", changed, "--base", "1", "--reason", "试", **given).returncode == 0
    assert jifen("rules", "diff", changed, **given).stdout == "和第 2 版完全一样。\n"
    assert "200 → 200" not in jifen("rules", "diff", changed, "--base", "1", **given).stdout
    unknown = jifen("rules", "diff", changed, "--base", "7", **given)
    assert (unknown.returncode, "没有第 7 版规则" in unknown.stderr) == (1, True)


def test_a_wrong_file_ends_in_sentences_and_nothing_is_asked_of_the_database(tmp_path: Path) -> None:
    """Also where the file's own words look like markup of the terminal's."""
    path = tmp_path / "[red]rules[bold].yaml"
    path.write_text("welcom: {points: '[/red]'}\n", encoding="utf-8")
    for command in (("validate",), ("diff",), ("publish", "--base", "0", "--reason", "试")):
        told = jifen(
            "rules", command[0], str(path), *command[1:], DATABASE_URL="postgresql://nobody@127.0.0.1:9/x"
        )
        assert told.returncode == 1
        assert f"{path} 有 " in told.stderr
        assert "第 1 行 welcom：没有这一项，是不是想写 welcome？" in told.stderr
        assert "现在写的是文字「[/red]」" in told.stderr
        assert "Traceback" not in told.stderr


async def test_a_version_of_the_next_minute_is_not_withdrawn(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    """The command goes by the machine's clock; the version of the ledger fixture began long ago."""
    soon = (datetime.now(UTC) + timedelta(minutes=2)).astimezone(ZoneInfo("Asia/Shanghai"))
    publish = (
        "rules",
        "publish",
        "--reason",
        "试",
        "--base",
        "1",
        "--effective-from",
        f"{soon:%Y-%m-%dT%H:%M}",
    )
    assert jifen(*publish, file_with(tmp_path, 200), **given).returncode == 0
    await ledger.pool.execute(
        "UPDATE rule_version SET effective_from = now() + interval '50 seconds' WHERE id = 2"
    )
    late = jifen("rules", "withdraw", "2", "--reason", "改期", **given)
    assert (late.returncode, "来不及撤回" in late.stderr) == (1, True)
    first = jifen("rules", "withdraw", "1", "--reason", "改期", **given)
    assert (first.returncode, "已经生效，不能撤回" in first.stderr) == (1, True)
    unknown = jifen("rules", "withdraw", "9", "--reason", "改期", **given)
    assert (unknown.returncode, "没有第 9 版规则" in unknown.stderr) == (1, True)
    assert await ledger.count("rule_withdrawal") == 0

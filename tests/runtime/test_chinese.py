"""The command line speaks Chinese: help pages of every command, and errors as sentences."""

import re
from collections.abc import Iterator

import pytest
import typer
from typer._click.core import Command
from typer.core import TyperGroup

from runtime.cli import app
from runtime.cli.chinese import HELP_NAMES, in_chinese
from tests.runtime.program import jifen

ENGLISH = re.compile(r"[A-Za-z]{2,}")
ALLOWED = re.compile(
    r"--?[a-z][a-z-]*|jifen( [a-z-]+)*|/[a-z]+|[A-Z_]{3,}|[a-z_./-]+\.(yaml|md|csv|txt|lock)|Jifen|Ctrl-C|Ctrl-K|Citus"
    r"|PostgreSQL|Redis|YAML|JSON|CSV|XLSX|UTF-8|GBK|AppID|openid|pgbench|x[<>]=\d+|<=x<=|Idempotency-Key|OpenAPI|HTTP|CODE|FILE"
)


def commands() -> Iterator[tuple[str, Command]]:
    """Every command and group, with the words that call it."""

    def walk(command: Command, path: str) -> Iterator[tuple[str, Command]]:
        yield path, command
        if isinstance(command, TyperGroup):
            for name, below in command.commands.items():
                yield from walk(below, f"{path} {name}")

    return walk(in_chinese(typer.main.get_command(app)), "jifen")


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda one: str(one) if isinstance(one, str) else ""
)
def test_a_help_page_has_no_english(path: str, command: Command) -> None:
    from typer._click.core import Context

    page = command.get_usage(Context(command, info_name=path, help_option_names=HELP_NAMES))
    texts = [page, command.help or ""]
    for parameter in command.params:
        texts += [str(getattr(parameter, "help", "") or ""), str(getattr(parameter, "metavar", "") or "")]
    for text in texts:
        left = ALLOWED.sub(" ", text)
        assert not re.search(
            r"\b(the|of|and|Options?|Commands?|Arguments?|Usage|Show|default|required)\b", left
        ), text
    assert re.search("[\u4e00-\u9fff]", command.help or ""), path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--version"], 0, "jifen "),
        (["-h"], 0, "用法： jifen [选项] 命令 [参数]..."),
        (["serve", "-h"], 0, "用法： jifen serve [选项]"),
        (["sreve"], 2, "没有 sreve 这个命令，是不是想写 serve？\n运行 jifen --help 查看用法。"),
        (
            ["serve", "--workrs", "2"],
            2,
            "没有 --workrs 这个选项，是不是想写 --workers？\n运行 jifen serve --help 查看用法。",
        ),
        (["serve", "--workers", "x"], 2, "--workers 的值不对：应为整数（1<=x<=64）。"),
        (["serve", "--workers", "0"], 2, "--workers 的值不对：应为整数（1<=x<=64）。"),
        (["serve", "--workers"], 2, "选项 --workers 后面要有值。"),
        (["audit", "--json=1"], 2, "选项 --json 后面不能有值。"),
        (["rules", "publish"], 2, "缺少 文件。"),
        (["migrate", "now"], 2, "多出了参数：now"),
    ],
)
def test_the_command_line_answers_in_chinese(words: list[str], code: int, said: str) -> None:
    told = jifen(*words)
    assert told.returncode == code
    assert said in told.stdout + told.stderr
    assert not re.search("Usage|Error|Options|Show this|Try ", told.stdout + told.stderr)

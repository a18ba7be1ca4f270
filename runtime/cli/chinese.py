"""The command line in Chinese: typer's own words in help pages, and its errors as sentences.

typer translates only a few of its words (by gettext) and has the others as literals. So the finished commands are walked once
and get Chinese placeholders, and an error gets its sentence here by its class.
"""

import difflib
import re
from functools import partial
from typing import Any, Final

import typer
from typer import rich_utils
from typer._click import exceptions as usage  # typer exports only some of its own errors
from typer._click.core import Command, Context, Parameter
from typer.core import TyperArgument, TyperGroup, TyperOption

HELP_NAMES: Final = ["-h", "--help"]
TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "DEFAULT_STRING": "[默认：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
}
PLACEHOLDERS: Final = {
    "<bool>": "", "<int>": "整数", "<int range>": "整数", "<float>": "数", "<str>": "文字", "<path>": "文件",
    "<%Y-%m-%d|%Y-%m-%dT%H:%M>": "日期或时刻",
}  # fmt: skip
NAMED: Final = re.compile(r"'([^']*)'")


def in_chinese(command: Command, path: str = "jifen") -> Command:
    """The command and all below it with Chinese placeholders and help; `path` is how a person calls it."""
    for name, text in TITLES.items():
        setattr(rich_utils, name, text)
    context = Context(command, info_name=path, help_option_names=HELP_NAMES)
    command.options_metavar = "[选项]"
    command.get_usage = partial(_usage, command.get_usage)  # type: ignore[method-assign]
    for parameter in command.params:
        _name(parameter, context)
    if help_option := command.get_help_option(context):
        help_option.help, help_option.metavar = "显示这份说明", ""
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = "命令 [参数]..."
        for name, below in command.commands.items():
            in_chinese(below, f"{path} {name}")
    return command


def _usage(get_usage: Any, context: Context) -> str:
    text: str = get_usage(context)
    return text.replace("Usage:", "用法：", 1)


def _name(parameter: Parameter, context: Context) -> None:
    if isinstance(parameter, TyperArgument | TyperOption) and parameter.metavar is None:
        parameter.metavar = PLACEHOLDERS.get(parameter.display_type_rich(context) or "", None)
    if isinstance(parameter, TyperArgument):
        parameter.display_type_rich = lambda ctx: ""  # type: ignore[method-assign]  # its name says it


def sentence(error: usage.ClickException) -> str:
    """A Chinese sentence that says what is wrong with the command line, and how to get help."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "jifen"
    return f"{_fault(error)}\n运行 {path} --help 查看用法。"


def _fault(error: usage.ClickException) -> str:
    match error:
        case usage.NoSuchOption():
            near = f"，是不是想写 {error.possibilities[0]}？" if error.possibilities else "。"
            return f"没有 {error.option_name} 这个选项{near}"
        case usage.MissingParameter():
            return f"缺少 {_hint(error)}。"
        case usage.BadOptionUsage():
            wanted = "不能有值" if "does not take" in error.message else "要有值"
            return f"选项 {error.option_name} 后面{wanted}。"
        case usage.BadParameter():
            return f"{_hint(error)} 的值不对：{_reason(error)}"
    return _by_message(error)


def _hint(error: usage.BadParameter) -> str:
    if error.param is None:
        return "命令行"
    return (
        error.param.opts[0]
        if isinstance(error.param, TyperOption)
        else error.param.get_error_hint().strip("'")
    )


def _reason(error: usage.BadParameter) -> str:
    """Our own Chinese words; for typer's English ones, what the value should be."""
    if not error.message.isascii():
        return error.message
    wanted = getattr(error.param, "metavar", None) or "别的写法"
    bounds = error.param._get_number_range_help_str() if isinstance(error.param, TyperOption) else None
    return f"应为{wanted}（{bounds}）。" if bounds else f"应为{wanted}。"


def _by_message(error: usage.ClickException) -> str:
    message, context = error.message, getattr(error, "ctx", None)
    if message.startswith("No such command") and (named := NAMED.search(message)):
        known = context.command.commands if context and isinstance(context.command, TyperGroup) else {}
        near = difflib.get_close_matches(named[1], known, n=1)
        return f"没有 {named[1]} 这个命令" + (f"，是不是想写 {near[0]}？" if near else "。")
    if message.startswith("Missing command"):
        return "缺少命令。"
    extra = re.search(r"extra argument\S* \((.*)\)", message)
    if extra:
        return f"多出了参数：{extra[1]}"
    return "命令写得不对。" if message.isascii() else message


def run(app: typer.Typer) -> int:
    """Run the command line and return its exit code; a wrong one is told in a sentence on standard error (code 2)."""
    command = in_chinese(typer.main.get_command(app))
    try:
        code = command.main(prog_name="jifen", standalone_mode=False)
    except usage.NoArgsIsHelpError as error:
        error.show()
        return 2
    except usage.ClickException as error:
        typer.echo(sentence(error), err=True)
        return 2
    except typer.Abort:
        typer.echo("已中止。", err=True)
        return 130
    return code if isinstance(code, int) else 0

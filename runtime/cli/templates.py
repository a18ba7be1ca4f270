"""`jifen init`: a rule file to start from."""

from pathlib import Path
from typing import Annotated, Final

import typer

from runtime.cli.starting import err, out
from runtime.templates import TEMPLATES, template_path

TEMPLATE_NAMES: Final = "、".join(f"{name}（{trade}）" for name, trade in TEMPLATES.items())


def known_template(name: str) -> str:
    """The name, if there is such a template; typer calls it with the option's value."""
    if name and name not in TEMPLATES:
        raise typer.BadParameter(f"没有 {name} 这个模板，有 {TEMPLATE_NAMES}。")
    return name


def init(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里")] = Path("rules.yaml"),
    *,
    template: Annotated[str, typer.Option(callback=known_template, help=f"哪个行业：{TEMPLATE_NAMES}")],
) -> None:
    """写出一份规则文件的样板，里面的说明教你怎么改。已经有的文件不会被换掉。

    例：jifen init --template retail
    """
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(template_path(template).read_text(encoding="utf-8"))
    except FileExistsError:
        err.print(
            f"{file} 已经有了，请换一个文件名。", style="red", markup=False, highlight=False, soft_wrap=True
        )
        raise typer.Exit(1) from None
    out.print(
        f"已写出 {file}（{TEMPLATES[template]}模板）。改好后：\n  jifen rules validate {file}\n"
        f"  jifen rules publish {file} --base 0 --reason 开业第一版",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip

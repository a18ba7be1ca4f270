"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

Member = Annotated[int, typer.Argument(metavar="会员号", help="会员号，即 member_id", min=1)]
RulesFile = Annotated[Path, typer.Argument(help="规则文件（YAML）")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="文件已经有了就换掉它")]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]

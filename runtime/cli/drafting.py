"""`jifen rules draft` and `drop-draft`: a whole file into the console's draft, and the draft given up."""

from loyalty.programme.files.reading import read_rules
from operators.desk import Desk
from runtime.cli.arguments import RulesFile
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out


def draft(file: RulesFile) -> None:
    """把一份规则文件放进运营后台的草稿，在那里看过、回测过再发布；草稿里已经有改动时拒绝。

    例：jifen rules draft rules.yaml
    """
    from operators.rules.drafting import DraftRefused, replace_all
    from operators.rules.drafts import body_of, section_title

    rules = read_rules(file)
    try:
        changed = at_desk(lambda desk: replace_all(desk, body_of(rules)))
    except DraftRefused as refused:
        fail(str(refused))
    named = "、".join(section_title(one) for one in changed)
    out.print(
        f"已放进草稿，和最新一版不同的有：{named}。" if changed else "和最新的一版完全一样，没有放进草稿。",
        markup=False,
    )


def drop_draft() -> None:
    """放弃运营后台草稿里的全部改动，不能恢复。"""

    async def drop(desk: Desk) -> int:
        from operators.rules.drafting import discard
        from operators.rules.drafts import rule_draft

        sections = tuple((await rule_draft(desk.resources.pool)).sections)
        await discard(desk, sections)
        return len(sections)

    count = at_desk(drop)
    out.print(f"放弃了 {count} 部分的改动。" if count else "草稿里没有改动。")

"""What the console can, `jifen` on the command line can: every action and every deed of operators names its command."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer

import operators
from operators.roles import Action
from runtime.cli import app

COMMANDS: Final[dict[Action, str]] = {
    Action.LOOK_MEMBERS: "members find",
    Action.UNMASK: "members phone",
    Action.ADJUST: "members adjust",
    Action.ADJUST_ABOVE_LIMIT: "members adjust",
    Action.APPROVE_ADJUSTMENT: "operators approve",
    Action.FREEZE: "members freeze",
    Action.RELEASE: "members thaw",
    Action.ANSWER_APPEAL: "members answer",
    Action.DECIDE_CASE: "members decide-case",
    Action.RESET_NAME: "members reset-name",
    Action.MERGE: "members merge",
    Action.UNMERGE: "members unmerge",
    Action.END_MEMBER_SESSIONS: "members end-sessions",
    Action.ERASE_MEMBER: "members erase",
    Action.SETTLE_CLOCK: "members settle-clock",
    Action.LOOK_RULES: "rules show",
    Action.DRAFT_RULES: "rules draft",
    Action.PUBLISH_RULES: "rules publish",
    Action.PUBLISH_UNFAVOURABLE: "rules publish",
    Action.APPROVE_RULES: "operators approve",
    Action.STOCK: "numbers stock",
    Action.VERIFY_VOUCHER: "vouchers use",
    Action.NOTICES: "notices list",
    Action.IMPORT: "import balances",
    Action.REPORTS: "numbers overview",
    Action.EXPORT: "export members",
    Action.OPERATORS: "operators list",
    Action.KEYS: "keys list",
    Action.SHOPS: "keys new",
    Action.SYSTEM: "health",
    Action.LOG_OWN: "operators log",
    Action.LOG_ALL: "operators log",
    Action.AUDIT: "audit",
}
"""The command of each action; a new action needs one."""
DEEDS: Final[dict[str, str]] = {
    "access.people.add_operator": "operators add", "access.people.disable_operator": "operators disable",
    "access.people.enable_operator": "operators enable", "access.people.end_all_sessions": "operators end-sessions",
    "access.people.reset_operator": "operators reset", "counter.vouchers.look_at_voucher": "vouchers show",
    "counter.vouchers.look_at_vouchers_of": "vouchers of", "counter.vouchers.taken_today": "vouchers today",
    "counter.vouchers.verify": "vouchers use", "decisions.deciding.approve": "operators approve",
    "decisions.deciding.refuse": "operators refuse", "files.exporting.export_table": "export members",
    "files.importing.go_over": "import members", "jobs.asking.begin_job": "import members",
    "jobs.asking.restart_job": "jobs restart", "jobs.asking.stop_job": "jobs stop",
    "jobs.asking.take_next_step": "import members", "members.account.end_sessions": "members end-sessions",
    "members.account.freeze": "members freeze", "members.account.merge": "members merge",
    "members.account.release": "members thaw", "members.account.reset_name": "members reset-name",
    "members.account.settle_clock": "members settle-clock", "members.account.unmask": "members phone",
    "members.account.unmerge": "members unmerge", "members.adjusting.adjust": "members adjust",
    "members.adjusting.carry_out": "operators approve", "members.appeals.answer_appeal": "members answer",
    "members.appeals.erase_appeals": "members erase-appeals", "members.cases.decide_case": "members decide-case",
    "members.erasing.erase_member": "members erase", "members.tails.find_by_tail": "members find",
    "operation_log.reading.read_log": "operators log",
    "partners.keys.change_key": "keys change", "partners.keys.create_key": "keys new",
    "partners.keys.revoke_key": "keys revoke", "partners.keys.rotate_key": "keys rotate",
    "partners.webhooks.remove": "webhooks remove", "partners.webhooks.replay": "webhooks replay",
    "partners.webhooks.resume": "webhooks resume", "partners.webhooks.rotate": "webhooks rotate",
    "partners.webhooks.stop": "webhooks stop", "partners.webhooks.try_out": "webhooks test",
    "rules.drafting.discard": "rules drop-draft", "rules.drafting.replace_all": "rules draft",
    "rules.drafting.save_section": "rules draft", "rules.publishing.publish_draft": "rules publish",
    "rules.publishing.publish_rules": "rules publish", "rules.versions.withdraw_version": "rules withdraw",
    "wechat.notices.retry": "notices retry", "wechat.notices.try_again": "notices again",
}  # fmt: skip
"""The command of each deed, which is a public function of `operators` that takes a desk first; a new deed needs one."""
PARTS: Final = {
    "approvals.asking.ask": "a part of other deeds",
    "approvals.asking.keep": "a part of other deeds",
    "approvals.asking.withdraw_approval": "only who asked can: the command line is an owner, who never has to ask",
    "members.running.run": "a part of other deeds",
    "rules.requests.ask_to_publish": "the command line is an owner, who publishes at once",
    "rules.requests.publish_asked": "a part of approve",
    "rules.versions.publish_within": "a part of publish",
    "rules.versions.store_within": "a part of publish",
}
"""Functions that take a desk and need no command, with the reason."""


def deeds() -> Iterator[str]:
    """The public functions that take a desk first, by module and name."""
    root = Path(operators.__path__[0])
    for path in sorted(root.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_") and node.args.args:
                kind = node.args.args[0].annotation
                if kind is not None and ast.unparse(kind).strip("'") == "Desk":
                    yield f"{module}.{node.name}"


def is_a_command(words: str) -> bool:
    """Whether the words lead to a command that does something, and not to a group of commands."""
    found: Any = typer.main.get_command(app)
    for word in words.split():
        found = getattr(found, "commands", {}).get(word)
    return found is not None and not getattr(found, "commands", {})


def test_every_action_has_a_command() -> None:
    assert set(COMMANDS) == set(Action), "name the command of each action in COMMANDS"


def test_every_deed_has_a_command_or_a_reason() -> None:
    found = set(deeds())
    assert found == {*DEEDS, *PARTS}, "name the command of each deed in DEEDS, or in PARTS why it needs none"
    assert not DEEDS.keys() & PARTS.keys()


@pytest.mark.parametrize("words", sorted({*COMMANDS.values(), *DEEDS.values()}))
def test_the_command_exists(words: str) -> None:
    assert is_a_command(words)

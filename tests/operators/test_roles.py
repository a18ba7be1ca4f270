"""Every action with every role, as the table of the console's design has it."""

import pytest

from operators.roles import MAY, ROLES, Action, NotAllowed, Role
from tests.ledger import Ledger
from tests.operators.desks import desk_for

TABLE: dict[Action, str] = {
    #                             owner operations finance clerk auditor
    Action.LOOK_MEMBERS: "yes yes yes no yes",
    Action.UNMASK: "yes yes yes no no",
    Action.ADJUST: "yes yes no no no",
    Action.ADJUST_ABOVE_LIMIT: "yes no no no no",
    Action.APPROVE_ADJUSTMENT: "yes no yes no no",
    Action.FREEZE: "yes yes no no no",
    Action.RELEASE: "yes yes no no no",
    Action.ANSWER_APPEAL: "yes yes no no no",
    Action.DECIDE_CASE: "yes yes no no no",
    Action.RESET_NAME: "yes yes no no no",
    Action.MERGE: "yes yes no no no",
    Action.UNMERGE: "yes yes no no no",
    Action.END_MEMBER_SESSIONS: "yes yes no no no",
    Action.ERASE_MEMBER: "yes yes no no no",
    Action.SETTLE_CLOCK: "yes no no no no",
    Action.LOOK_RULES: "yes yes yes no yes",
    Action.DRAFT_RULES: "yes yes no no no",
    Action.PUBLISH_RULES: "yes yes no no no",
    Action.PUBLISH_UNFAVOURABLE: "yes no no no no",
    Action.APPROVE_RULES: "yes yes no no no",
    Action.STOCK: "yes yes no no no",
    Action.VERIFY_VOUCHER: "yes yes no yes no",
    Action.NOTICES: "yes yes no no no",
    Action.IMPORT: "yes yes no no no",
    Action.REPORTS: "yes yes yes no yes",
    Action.EXPORT: "yes yes yes no yes",
    Action.OPERATORS: "yes no no no no",
    Action.KEYS: "yes no no no no",
    Action.SHOPS: "yes no no no no",
    Action.SYSTEM: "yes yes no no no",
    Action.LOG_OWN: "yes yes yes no yes",
    Action.LOG_ALL: "yes no yes no yes",
    Action.AUDIT: "yes no yes no yes",
}


async def test_k11_every_action_with_every_role(ledger: Ledger) -> None:
    assert set(TABLE) == set(MAY) == set(Action)
    assert len({action.label for action in Action}) == len(Action)
    desks = {role: await desk_for(ledger, f"one-{role}", role, _store(role)) for role in ROLES}
    for action, row in TABLE.items():
        for role, allowed in zip(ROLES, row.split(), strict=True):
            if allowed == "yes":
                await desks[role].require(action)
                continue
            with pytest.raises(NotAllowed, match=action.label):
                await desks[role].require(action)


def _store(role: Role) -> str | None:
    return "sh-01" if role == "clerk" else None

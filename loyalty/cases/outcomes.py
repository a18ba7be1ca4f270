"""The outcomes of cases."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result


@dataclass(frozen=True)
class CaseOpened(Result):
    """The case is open, under the number of its receipt, and the member can spend nothing."""

    code = "case_opened"
    moves_points = False
    case: int
    cause: str
    found: int
    bound: int


@dataclass(frozen=True)
class CaseDecided(Result):
    """The case is decided. `released`: the member may spend again. `appeal` is the member's appeal that this answered, if any."""

    code = "case_decided"
    moves_points = False
    case: int
    released: bool
    reason: str
    by: str
    appeal: str | None = None


@dataclass(frozen=True)
class CaseClosed(Result):
    """The case is closed by what was decided elsewhere."""

    code = "case_closed"
    moves_points = False
    case: int
    released: bool
    by: str


@dataclass(frozen=True)
class NoOpenCase(Refusal):
    """The member has no open case of this number: it was decided before, or there never was one."""

    code = "no_open_case"
    title = "案件已经处理"
    as_follow_up = "done"

    sentence = "这个案件已经处理过了，或者没有这个案件。"

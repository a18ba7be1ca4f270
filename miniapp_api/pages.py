"""What every paged list of this door says about itself in its description."""

from web.operations import Parameter
from web.paging import DEFAULT_LIMIT, LIMIT_PATTERN, MOST
from web.problems import CURSOR_INVALID, INVALID

PAGED = (
    Parameter("cursor", "上一页回答里的 next_cursor"),
    Parameter("limit", f"每页条数，1 到 {MOST}，默认 {DEFAULT_LIMIT}", pattern=LIMIT_PATTERN),
)
PAGED_PROBLEMS = (CURSOR_INVALID, INVALID)

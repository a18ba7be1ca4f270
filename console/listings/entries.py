"""The columns of a member's entries, wherever a list shows them."""

from console.listing import Column
from console.markup import moment, points, signed
from console.page import Visit
from loyalty.entries import EntryView


def entry_columns(visit: Visit) -> tuple[Column[EntryView], ...]:
    """When, what, by how many points, the balance after it, and why; times in the programme's zone."""
    return (
        Column("时间", lambda row: moment(row.created_at, visit.zone)),
        Column("事项", lambda row: row.title),
        Column("变动", lambda row: signed(row.delta), "number"),
        Column("余额", lambda row: points(row.balance_after), "number"),
        Column("为什么", lambda row: row.reason),
    )

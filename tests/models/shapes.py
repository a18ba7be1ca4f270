"""The shapes of statements that Citus refuses or answers badly, as rules (docs/scale.md, section 7; decision 0019).

A statement is read as a tree of selects. What stands in a materialised CTE is carried out by itself, before the rest: it is a
statement of its own here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from models.placement import BY_MEMBER, LOCAL, REFERENCE
from tests.models.places import PLACEMENTS

IMMUTABLE: Final = {"greatest", "least", "coalesce", "nullif", "cardinality", "abs"}
"""Functions that may be called with a column in the SET of an UPDATE."""
BEFORE_PARENTHESES: Final = {"and", "or", "not", "in", "any", "when", "then", "else", "case", "set"}
"""Words that stand before a parenthesis and call nothing."""

_CTE: Final = re.compile(r"(\w+) AS (?:(?:NOT )?(MATERIALIZED) )?\{(\d+)\}")
_SOURCE: Final = re.compile(r"\b(?:(?<!DISTINCT )FROM|JOIN|INTO|^UPDATE)(?: LATERAL)? (\w+)\b(?!\()")
_FIRST: Final = re.compile(r"(?<!DISTINCT )\bFROM (\w+\(|\w+|\{\d+\})")
_JOIN: Final = re.compile(
    r"\b(LEFT |RIGHT |FULL |CROSS |INNER )?JOIN (LATERAL )?(\w+\(?|\{\d+\})"
    r"(.*?)(?=(?: LEFT| RIGHT| FULL| CROSS| INNER)? JOIN | WHERE | GROUP | ORDER | UNION | LIMIT |$)"
)
_SAME_MEMBER: Final = re.compile(r"\bmember_id = (?:\w+\.)?member_id\b|\bUSING \([^)]*\bmember_id\b")
_NAMED: Final = re.compile(
    r"\b(?:FROM|JOIN|UPDATE) (?:\w+\((?:[^()]|\([^()]*\))*\)|\w+|\{\d+\})(?: WITH ORDINALITY)?(?: AS)? (\w+)"
)
_SET: Final = re.compile(r"\bSET (.*?)(?= FROM | WHERE | RETURNING |$)")


@dataclass
class Select:
    """A select without what is in its inner ones: `{n}` stands for the n-th of these."""

    text: str
    inner: list["Select"] = field(default_factory=list)

    def all(self) -> Iterator["Select"]:
        """This one and all within it."""
        yield self
        for one in self.inner:
            yield from one.all()

    def tables(self, *, deep: bool = False) -> list[str]:
        """Tables of ours it reads or writes; `deep`: inner ones too."""
        found = [name for name in _SOURCE.findall(self.text) if name in PLACEMENTS]
        return found + [name for one in self.inner if deep for name in one.tables(deep=True)]

    def reads(self, source: str) -> list[str]:
        """The tables behind a source in FROM: itself, or those of an inner select."""
        if source.startswith("{"):
            return self.inner[int(source[1:-1])].tables(deep=True)
        return [source] if source in PLACEMENTS else []


def parse(statement: str) -> list[Select]:
    """The statement and each of its materialised CTEs, apart."""
    flat = " ".join(re.sub(r"'(?:[^']|'')*'", "''", statement).split()).replace("{}", "_")
    root, _ = _select(flat.replace("( ", "(").replace(" )", ")"), 0)
    return _apart(root)


def _select(text: str, at: int) -> tuple[Select, int]:
    """The select that begins at `at` and ends with its closing parenthesis or the text; where it ended."""
    found, depth = Select(""), 0
    while at < len(text):
        if text[at] == "(" and re.match(r"(?:SELECT|WITH|VALUES)\b", text[at + 1 :]):
            inner, at = _select(text, at + 1)
            found.text += f"{{{len(found.inner)}}}"
            found.inner.append(inner)
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        if depth < 0:
            return found, at + 1
        found.text += text[at]
        at += 1
    return found, at


def _apart(select: Select) -> list[Select]:
    found = [select]
    for one in list(select.all()):
        for _, materialized, place in _CTE.findall(one.text):
            if materialized:
                found += _apart(one.inner[int(place)])
                one.inner[int(place)] = Select("")
    return found


def distributed(tables: list[str]) -> list[str]:
    """Those of the tables that are cut into shards."""
    return [name for name in tables if PLACEMENTS[name] not in (LOCAL, REFERENCE)]


def members(tables: list[str]) -> list[str]:
    """Those of the tables that are distributed by member_id."""
    return [name for name in tables if PLACEMENTS[name] == BY_MEMBER]


def meets_other_placements(parts: list[Select]) -> bool:
    """Tables placed by different columns, or on the coordinator alone, in one statement; each may stand in a materialised CTE."""
    return any(len({_group(name) for name in part.tables(deep=True)} - {None}) > 1 for part in parts)


def _group(table: str) -> str | None:
    placement = PLACEMENTS[table]
    if placement == REFERENCE:
        return None
    return str(placement) if placement in (BY_MEMBER, LOCAL) else table


def joins_other_members(parts: list[Select]) -> bool:
    """Two members' tables that are not joined on member_id."""
    return any(_joins_others(select) for part in parts for select in part.all())


def _joins_others(select: Select) -> bool:
    seen = members(select.reads(_first(select)))
    if select.text.startswith("UPDATE") and seen and not _SAME_MEMBER.search(select.text):
        return bool(members(select.tables()[:1]))
    for _, lateral, source, condition in _JOIN.findall(select.text):
        joined = members(select.reads(source))
        where = select.inner[int(source[1:-1])].text if lateral else condition
        if seen and joined and not _SAME_MEMBER.search(where):
            return True
        seen += joined
    return any(
        not _SAME_MEMBER.search(one.text) for one in _correlated(select) if seen and members(one.tables())
    )


def looks_up_from_rows(parts: list[Select]) -> bool:
    """LATERAL, or a correlated select, whose outer side is a function, a CTE or a page of rows, and no table of shards."""
    return any(_looks_up(select) for part in parts for select in part.all())


def _looks_up(select: Select) -> bool:
    first = _whole(select, _first(select))
    lateral = [select.reads(source) for _, lateral, source, _ in _JOIN.findall(select.text) if lateral]
    if any(map(distributed, lateral)) and not distributed(first):
        return True
    rooted = distributed(first + select.tables())
    return not rooted and any(distributed(one.tables(deep=True)) for one in _correlated(select))


def joins_outward_from_rows(parts: list[Select]) -> bool:
    """An outer join from a function, a CTE or a page of rows to a table of shards: Citus fetches all of that table."""
    return any(_joins_outward(select) for part in parts for select in part.all())


def _joins_outward(select: Select) -> bool:
    rooted = bool(distributed(_whole(select, _first(select))))
    for kind, _, source, _ in _JOIN.findall(select.text):
        joined = distributed(select.reads(source))
        if joined and not rooted and kind in ("LEFT ", "FULL "):
            return True
        rooted = rooted or bool(joined)
    return False


def reads_arguments_twice(parts: list[Select]) -> bool:
    """A CTE of nothing but arguments that two selects read."""
    for part in parts:
        text = " ".join(select.text for select in part.all())
        for select in part.all():
            for name, _, place in _CTE.findall(select.text):
                body = select.inner[int(place)]
                if "unnest(" in body.text and not body.tables() and " JOIN " not in body.text:
                    return len(re.findall(rf"\b(?:FROM|JOIN) {name}\b", text)) > 1
    return False


def computes_in_update(parts: list[Select]) -> bool:
    """A function of a column in the SET of an UPDATE that is not immutable, an interval's sum among them."""
    for select in (select for part in parts for select in part.all()):
        if "UPDATE" not in select.text or all(PLACEMENTS[name] == LOCAL for name in select.tables()):
            continue
        for assigned in _SET.findall(select.text):
            called = {name.lower() for name in re.findall(r"\b([a-zA-Z_]\w*) ?\(", assigned)}
            if called - IMMUTABLE - BEFORE_PARENTHESES or "interval" in assigned:
                return True
    return False


def gathers_records(parts: list[Select]) -> bool:
    """`array_agg` of records without a type."""
    return any(
        re.search(r"\barray_agg\((?:ROW ?)?\(", select.text) for part in parts for select in part.all()
    )


def _first(select: Select) -> str:
    """The first source in FROM; empty where there is none."""
    found = _FIRST.search(select.text)
    return found[1] if found else ""


def _whole(select: Select, source: str) -> list[str]:
    """The tables behind a source, unless it is a page of rows: Citus reads that first, and has rows in hand."""
    if source.startswith("{") and re.search(r"\bLIMIT\b", select.inner[int(source[1:-1])].text):
        return []
    return select.reads(source)


def _correlated(select: Select) -> list[Select]:
    """Inner selects that name a source of this one, those in FROM aside."""
    names = {*_NAMED.findall(select.text), *select.tables()}
    from_items = {int(place) for place in re.findall(r"\b(?:FROM|JOIN)(?: LATERAL)? \{(\d+)\}", select.text)}
    return [
        one
        for place, one in enumerate(select.inner)
        if place not in from_items
        and any(re.search(rf"\b{name}\.", inner.text) for name in names for inner in one.all())
    ]


RULES: Final[dict[str, Callable[[list[Select]], bool]]] = {
    "meets other placements": meets_other_placements,
    "joins other members": joins_other_members,
    "looks up from rows": looks_up_from_rows,
    "joins outward from rows": joins_outward_from_rows,
    "reads arguments twice": reads_arguments_twice,
    "computes in UPDATE": computes_in_update,
    "gathers records": gathers_records,
}


def faults(statement: str) -> set[str]:
    """The rules a statement breaks."""
    parts = parse(statement)
    return {name for name, broken in RULES.items() if broken(parts)}

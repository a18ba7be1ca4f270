"""The members of lines: lines of one person, who may be named by another id in each, lead to one member."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from loyalty.members.arriving import Arrived, Arriving, enroll_many
from moving.kind import Import, Line


async def members_of(
    into: Import, lines: Sequence[Line], arriving: Callable[[Line], Arriving]
) -> tuple[list[int], int]:
    """The members of lines, in their order, and how many of them are new. `arriving` gives the person of one line.

    Lines that say nothing new of a known member need no transaction: those who share an id with them are known by it as well.
    """
    new = [line for line in lines if not line.complete]
    groups, owners = _grouped(new)
    persons = [_person(new, group, owners, arriving) for group in groups]
    arrived = await enroll_many(into.engine, persons) if persons else Arrived([], 0)
    ids = {line.number: line.member_id for line in lines if line.member_id is not None}
    for group, member_id in zip(groups, arrived.members, strict=True):
        ids |= {new[place].number: member_id for place in group}
    return [ids[line.number] for line in lines], arrived.created


def _grouped(lines: Sequence[Line]) -> tuple[list[list[int]], dict[str, int]]:
    """The places of the lines of each person, and the place of the first line that names an id.

    Lines that share an id are of one person, unless they lead to two known members: the id then stays with the first of them.
    """
    roots, owners = list(range(len(lines))), dict[str, int]()
    known = [line.member_id for line in lines]

    def root(place: int) -> int:
        while roots[place] != place:
            roots[place] = place = roots[roots[place]]
        return place

    for place, line in enumerate(lines):
        for key in _keys(line):
            first, later = sorted((root(owners.setdefault(key, place)), root(place)))
            if known[first] is None or known[later] in (None, known[first]):
                roots[later], known[first] = first, known[first] or known[later]
    groups = defaultdict(list)
    for place in range(len(lines)):
        groups[root(place)].append(place)
    return list(groups.values()), {key: root(place) for key, place in owners.items()}


def _keys(line: Line) -> list[str]:
    return [*line.person.keys, *([] if line.member_id is None else [f"member\0{line.member_id}"])]


def _person(
    lines: Sequence[Line], group: Sequence[int], owners: dict[str, int], arriving: Callable[[Line], Arriving]
) -> Arriving:
    """The person of a group, with the ids of all its lines that belong to it."""
    own = [lines[place] for place in group]
    identities = {
        (provider, subject): None
        for line in own
        for provider, subject in line.person.identities
        if owners[f"{provider}\0{subject}"] == group[0]
    }
    phones = [line.person.phone for line in own if line.person.phone is not None]
    return arriving(own[0])._replace(
        identities=tuple(identities),
        phone=next((one for one in phones if owners[f"phone\0{one}"] == group[0]), None),
        member_id=next((line.member_id for line in own if line.member_id is not None), None),
    )

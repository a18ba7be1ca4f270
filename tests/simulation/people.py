"""Who came in a step, and which members they are."""

import asyncpg

from loyalty.welcome import Welcome
from tests.ledger import gift_of
from tests.simulation.happened import Happened, Mismatch
from tests.simulation.second_ledger import LEASE, Member, Owed, World, day_of


async def look_at_people(connection: asyncpg.Connection, world: World, happened: Happened) -> None:
    """Everybody who came is one member for ever, created once; take over who is new. Raises Mismatch."""
    for person in sorted({met.person for met in happened.met}):
        told = [met for met in happened.met if met.person == person]
        answers = [met.told for met in told if met.told]
        member_id = await connection.fetchval(
            "SELECT member_id FROM identity WHERE subject = $1", f"person-{person}"
        )
        created = [answer for answer in answers if answer.created]
        is_new = person not in world.persons
        if any(answer.member_id != member_id for answer in answers) or (
            not is_new and member_id != world.persons[person]
        ):
            raise Mismatch(f"person {person} is {member_id} and was told {answers}", member_id or 0)
        if not happened.faulty and (len(created) > 1 or (created and not is_new)):
            raise Mismatch(f"person {person} was created again: {answers}", member_id)
        if is_new and member_id is not None:
            if not created and len(answers) == len(told) and not happened.faulty:
                raise Mismatch(f"nobody created person {person}", member_id)
            at = told[0].at
            world.persons[person] = member_id
            world.members[member_id] = Member(member_id, at, day_of(at))
            world.owed[member_id]["engine:welcome"] = Owed(Welcome, {}, at, at + LEASE)
            gift = world.version_at(at).rules.welcome.points
            if any(gift_of(answer) != gift for answer in created):
                raise Mismatch(f"the gift of {member_id} was told as {created}", member_id)

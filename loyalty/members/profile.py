"""What is known of a member: the nickname, how others see it, the referral code, whether notices are wanted."""

from dataclasses import dataclass

from loyalty.members.graphemes import first_grapheme
from models.member import Member, ReferralCode

SCENE_PREFIX = "inv_"


@dataclass(frozen=True)
class Inviter:
    """Whom a referral code belongs to."""

    member_id: int
    nickname: str | None


async def member_of_code(code: str) -> Inviter | None:
    """Whom a referral code belongs to; codes are read without regard to case."""
    owner = await ReferralCode.filter(code=code.lower()).first()
    if owner is None:
        return None
    member = await Member.get(member_id=owner.member_id)
    return Inviter(member.member_id, member.nickname)


async def rename(member_id: int, nickname: str) -> None:
    """Set the nickname. The caller has looked at its characters; the database at its length."""
    await Member.filter(member_id=member_id).update(nickname=nickname)


async def set_opt_out(member_id: int, *, opted_out: bool) -> None:
    """Whether the member wants no notices."""
    await Member.filter(member_id=member_id).update(notices_opted_out=opted_out)


def mask(nickname: str | None, member_id: int) -> str:
    """A public name that does not give the member away: the first character, then stars."""
    if nickname:
        return f"{first_grapheme(nickname)}**"
    return f"会员**{member_id % 100:02d}"


def scene_of(code: str) -> str:
    """The scene both QR codes carry (at most 32 characters, as mini-program codes allow)."""
    return SCENE_PREFIX + code


def code_of_scene(scene: str) -> str | None:
    """The referral code in a scene, or None if the scene is not an invitation."""
    return scene.removeprefix(SCENE_PREFIX).lower() if scene.startswith(SCENE_PREFIX) else None

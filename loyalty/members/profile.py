"""The member's profile: the nickname and its masked form, the birthday, the referral code, and whether they want notices."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from loyalty.ledger.calendar import AT_ONCE
from loyalty.members.graphemes import first_grapheme
from models.member import Member, ReferralCode

SCENE_PREFIX = "inv_"
BIRTHDAY_WAIT: Final = timedelta(days=365)


@dataclass(frozen=True)
class Inviter:
    """The owner of a referral code."""

    member_id: int
    nickname: str | None


async def member_of_code(code: str) -> Inviter | None:
    """The owner of a referral code, whose case is ignored; None for an unknown code."""
    owner = await ReferralCode.filter(code=code.lower()).first()
    if owner is None:
        return None
    member = await Member.get(member_id=owner.member_id)
    return Inviter(member.member_id, member.nickname)


@dataclass(frozen=True)
class Profile:
    """What members tell of themselves; rules know the birthday from `birthday_from` on."""

    nickname: str | None
    birthday: str | None
    birthday_from: date | None
    title_shown: bool
    notices_opted_out: bool


async def profile_of(member_id: int) -> Profile:
    """The member's profile."""
    one = await Member.get(member_id=member_id)
    return Profile(one.nickname, one.birthday, one.birthday_from, one.title_shown, one.notices_opted_out)


async def rename(member_id: int, nickname: str, *, checked: bool) -> None:
    """Set the nickname, whose characters and words the caller must check; `checked`: it may be shown to others whole."""
    await Member.filter(member_id=member_id).update(nickname=nickname, nickname_checked=checked)


async def set_checked(member_id: int, nickname: str, *, checked: bool) -> None:
    """Set whether the nickname may be shown to others whole, unless the member has another one by now."""
    await Member.filter(member_id=member_id, nickname=nickname).update(nickname_checked=checked)


async def distrust_nickname(member_id: int) -> None:
    """Have the nickname checked anew before others see it whole."""
    await Member.filter(member_id=member_id).update(nickname_checked=False)


async def clear_nickname(member_id: int, nickname: str | None = None) -> bool:
    """Remove the nickname, or only this one; False if the member has none or another one."""
    named = Member.filter(member_id=member_id, nickname__isnull=False)
    if nickname is not None:
        named = named.filter(nickname=nickname)
    return bool(await named.update(nickname=None, nickname_checked=False))


async def set_birthday(member_id: int, birthday: str, today: date) -> date | None:
    """Set the birthday, a month and a day as `02-29`; the day from which rules know it, None for at once.

    The first one is known at once. Another one only after BIRTHDAY_WAIT, so that a change cannot bring a second birthday within a
    year; until then the member has none.
    """
    if await Member.filter(member_id=member_id, birthday__isnull=True).update(
        birthday=birthday, birthday_from=AT_ONCE
    ):
        return None
    await Member.filter(member_id=member_id, birthday__not=birthday).update(
        birthday=birthday, birthday_from=today + BIRTHDAY_WAIT
    )
    known_from = (await Member.get(member_id=member_id)).birthday_from
    return known_from if known_from is not None and known_from > today else None


async def show_title(member_id: int, *, shown: bool) -> None:
    """Set whether others may see the title of the member's tier."""
    await Member.filter(member_id=member_id).update(title_shown=shown)


async def set_opt_out(member_id: int, *, opted_out: bool) -> None:
    """Set whether the member wants no notices."""
    await Member.filter(member_id=member_id).update(notices_opted_out=opted_out)


def mask(nickname: str | None, member_id: int) -> str:
    """A public name that does not identify the member: the first character, then stars."""
    if nickname:
        return f"{first_grapheme(nickname)}**"
    return f"会员**{member_id % 100:02d}"


def scene_of(code: str) -> str:
    """The scene of both kinds of QR code (at most 32 characters, the limit of mini-program codes)."""
    return SCENE_PREFIX + code


def code_of_scene(scene: str) -> str | None:
    """The referral code in a scene, or None if the scene is not an invitation."""
    return scene.removeprefix(SCENE_PREFIX).lower() if scene.startswith(SCENE_PREFIX) else None

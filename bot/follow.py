"""Follow, scan and unfollow events of the official account."""

from datetime import datetime, timedelta

from bot.answers import Answer, points_left
from bot.chat import Chat, written_at
from bot.referral import bind
from channels.identity import set_following
from loyalty.ledger.balance import balance
from loyalty.ledger.words import number
from models.ledger import Receipt
from models.member import Contact, Member
from runtime.resources import Resources
from wechat.messages import Push

CLOCK_SKEW = timedelta(seconds=5)
SCANNED = Answer("你已经关注了，欢迎常来。\n发「签到」领今天的积分，发「帮助」看全部口令。")


async def subscribe(chat: Chat) -> Answer:
    """Welcome a follower: a new member with the gift and three steps, a returning member with their points."""
    first_follow = await _follows_first(chat)
    await set_following(chat.resources.pool, chat.member_id, True, written_at(chat.push))
    bound = await bind(chat)
    brand = chat.live.rules.programme.brand
    if await _joined_by_this(chat):
        welcome = chat.live.rules.welcome
        if welcome.at == "first_act":
            return Answer(welcome_text(brand, 0, bound, promised=welcome.points))
        return Answer(welcome_text(brand, await _gift(chat), bound))
    points = await balance(chat.member_id, chat.live.day(chat.now))
    return Answer(welcome_back_text(brand, points.spendable, bound, first=first_follow))


async def scan(chat: Chat) -> Answer:
    """A follower scanned a code; an invitation counts only before their first sign-in."""
    bound = await bind(chat)
    return Answer(bound) if bound else SCANNED


async def unsubscribe(resources: Resources, push: Push, _now: datetime) -> None:
    """Store that the member unfollowed; an unknown sender is not enrolled."""
    member_id = await resources.directory.member_of(resources.official_account.app_id, push.openid)
    if member_id is not None:
        await set_following(resources.pool, member_id, False, written_at(push))


def welcome_text(brand: str, gift_points: int, bound: str | None, *, promised: int = 0) -> str:
    """The welcome to a new member, with the gift they have got, or the one `promised` for their first word."""
    gift = f"，送你 {number(gift_points)} 积分见面礼" if gift_points else ""
    if promised:
        gift = f"，发「签到」领 {number(promised)} 积分见面礼"
    lines = [f"欢迎来到{brand}！你已成为会员{gift}。"]
    if bound:
        lines.append(bound)
    lines += [
        "三步玩转积分：",
        "1. 每天发「签到」领积分，连续签到有奖励",
        "2. 发「抽奖」试手气",
        "3. 发「兑换」换礼品",
        "发「帮助」看全部口令。",
    ]
    return "\n".join(lines)


def welcome_back_text(brand: str, points: int, bound: str | None, *, first: bool = False) -> str:
    """The welcome to a member who follows again, or for the first time after they joined in the mini-program."""
    lines = [f"欢迎{'关注' if first else '回到'}{brand}！{points_left(points)}"]
    if bound:
        lines.append(bound)
    lines.append("发「签到」领今天的积分，发「帮助」看全部口令。")
    return "\n".join(lines)


async def _follows_first(chat: Chat) -> bool:
    """Whether no earlier follow or unfollow of the member is known; a retry of the same event does not count as one."""
    contact = await Contact.get_or_none(member_id=chat.member_id)
    return contact is None or contact.changed_at == written_at(chat.push)


async def _joined_by_this(chat: Chat) -> bool:
    """Whether this event enrolled the member. A WeChat retry of it finds them enrolled, so their joining time is compared."""
    if chat.visitor.created:
        return True
    member = await Member.get(member_id=chat.member_id)
    return member.joined_at >= written_at(chat.push) - CLOCK_SKEW


async def _gift(chat: Chat) -> int:
    """The newcomer's gift as its receipt states it, so that a retry of the message gets the same reply."""
    found = await Receipt.filter(member_id=chat.member_id, scope="welcome", accepted=True).first()
    return int(found.facts["points"]) if found else 0

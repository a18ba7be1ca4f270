"""/tiers and /rules: the published rules, generated from the rule set that the engine executes."""

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.checkin.views import LadderDay, ladder
from loyalty.engine.feature import RuleText
from loyalty.programme.general.theme import Theme
from loyalty.rule_texts import rule_texts_now
from loyalty.tiers.views import LadderTierView, ladder_view
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page_of_list


class ThemeView(TypedDict):
    """The brand's looks in the mini-program: two colours `#rrggbb`, the corners in pixels, and addresses of pictures."""

    color: str
    accent: str
    radius: int
    logo: str | None
    pictures: tuple[str, ...]


class RulesAnswer(TypedDict):
    """The rules in force: `texts` are all sentences in reading order, each after its topic's title; `topics` the same by topic.

    `expiry_text` says how points expire; `expiry_months` is null where they do not expire by whole months. `odds_url` is the public
    page of odds, null without a game or where the server's own address is not set.
    """

    version: int
    name: str
    brand: str
    theme: ThemeView
    texts: list[str]
    topics: tuple[RuleText, ...]
    welcome_points: int
    expiry_months: int | None
    expiry_text: str
    check_in: list[LadderDay]
    odds_url: str | None


async def list_tiers(request: MemberRequest) -> web.Response:
    """The tiers, lowest first, with the member's own, what is missing for each, what keeps it and when it is reviewed."""
    caller = request.caller
    found = await ladder_view(caller.resources.pool, caller.member_id, caller.live, request.now)
    return json_answer(page_of_list(request.http, f"tiers:{caller.live.version}", found))


async def show_rules(request: MemberRequest) -> web.Response:
    """The rules in force, as data and as sentences."""
    live = request.caller.live
    topics = await rule_texts_now(live.rules)
    answer = RulesAnswer(
        version=live.version,
        name=live.rules.programme.name,
        brand=live.rules.programme.brand,
        theme=theme_view(live.rules.programme.theme),
        texts=[f"{topic.title}：{sentence}" for topic in topics for sentence in topic.sentences],
        topics=topics,
        welcome_points=live.rules.welcome.points,
        expiry_months=live.rules.expiry.months,
        expiry_text=live.rules.expiry.text,
        check_in=ladder(live.rules.check_in),
        odds_url=request.caller.resources.settings.odds_url if live.rules.wheels else None,
    )
    return json_answer(answer)


def theme_view(theme: Theme) -> ThemeView:
    """The looks as the API shows them."""
    return ThemeView(
        color=theme.color,
        accent=theme.accent,
        radius=theme.radius,
        logo=theme.logo,
        pictures=theme.pictures,
    )


OPERATIONS = (
    MEMBER.get(
        "/tiers", list_tiers, "会员等级", Page[LadderTierView], query=PAGE_QUERY, problems=PAGE_PROBLEMS
    ),
    MEMBER.get("/rules", show_rules, "活动规则", RulesAnswer),
)

"""/tiers and /rules: the published rules as the engine executes them."""

from aiohttp import web

from jifen.loyalty.views.checkins import ladder
from jifen.loyalty.views.rule_texts import rule_texts
from jifen.miniapp_api.checkin import LadderDayAnswer
from jifen.miniapp_api.me import TierAnswer, tier_answer
from jifen.miniapp_api.visits import Visit, shows
from jifen.web.answers import Answer, json_answer


class TiersAnswer(Answer):
    """All tiers, lowest first, on one page."""

    items: list[TierAnswer]
    next_cursor: None = None


class TopicAnswer(Answer):
    """One topic of the rules; `topic` is a stable code."""

    topic: str
    title: str
    sentences: tuple[str, ...]


class RulesAnswer(Answer):
    """The rules in force: `texts` are all sentences in reading order, `topics` the same by topic.

    `expiry_months` null means that points never lapse.
    """

    version: int
    name: str
    brand: str
    texts: list[str]
    topics: list[TopicAnswer]
    welcome_points: int
    expiry_months: int | None
    check_in: list[LadderDayAnswer]


async def list_tiers(visit: Visit) -> web.Response:
    """The ladder of tiers."""
    live = await visit.live()
    return json_answer(TiersAnswer(items=[tier_answer(tier) for tier in live.rules.tiers]))


async def show_rules(visit: Visit) -> web.Response:
    """The rules, generated from the rule set that the engine runs by."""
    live = await visit.live()
    topics = rule_texts(live.rules)
    answer = RulesAnswer(
        version=live.version,
        name=live.rules.programme.name,
        brand=live.rules.programme.brand,
        texts=[sentence for topic in topics for sentence in topic.sentences],
        topics=[TopicAnswer.model_validate(topic) for topic in topics],
        welcome_points=live.rules.welcome.points,
        expiry_months=live.rules.expiry.months,
        check_in=[LadderDayAnswer.model_validate(day) for day in ladder(live.rules.check_in)],
    )
    return json_answer(answer)


OPERATIONS = (
    shows("/tiers", list_tiers, "会员等级", TiersAnswer),
    shows("/rules", show_rules, "活动规则", RulesAnswer),
)

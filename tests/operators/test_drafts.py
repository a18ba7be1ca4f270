"""The draft of the rules: saved by edition, overtaken by what others publish, emptied by its own publication."""

from datetime import timedelta

import pytest

from loyalty.programme.comparing.favour import NOTICE
from loyalty.programme.files.reading import NotPublished
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.publishing.draft import Terms
from loyalty.programme.publishing.versions import newest
from operators.approvals.rows import Approval
from operators.desk import Desk
from operators.operation_log.pages import Filters, list_operations
from operators.roles import Action, NotAllowed
from operators.rules.drafting import MOST_BYTES, DraftRefused, discard, replace_all, save_section
from operators.rules.drafts import body_of, checked, rule_draft
from operators.rules.publishing import publish_draft
from tests.ledger import Ledger, demo_rules, rules_with
from tests.operators.desks import desk_for

BETTER = body_of(demo_rules())["check_in"] | {"points": 50}
WORSE = {"points": 1}


@pytest.fixture
async def desk(ledger: Ledger) -> Desk:
    return await desk_for(ledger, "小运", "operations")


async def test_a_section_is_saved_edition_by_edition(ledger: Ledger, desk: Desk) -> None:
    assert await save_section(desk, "check_in", BETTER, 0) == 1
    assert await save_section(desk, "check_in", {"points": 60}, 1) == 2
    draft = await rule_draft(ledger.pool)
    assert (draft.newest, draft.value("check_in"), draft.edition("check_in")) == (1, {"points": 60}, 2)
    assert draft.sections["check_in"].changed_by == "小运"
    assert draft.edition("wheels") == 0
    logged = await list_operations(ledger.pool, Filters(action=Action.DRAFT_RULES))
    assert [(one.operator, one.subject) for one in logged] == [("小运", "check_in")] * 2


async def test_a_save_over_anothers_is_refused_and_changes_nothing(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", BETTER, 0)
    other = await desk_for(ledger, "老板娘", "owner")
    for edition in (0, 7):
        with pytest.raises(DraftRefused, match="小运刚改过这一部分，您的改动没有保存，也没有盖掉对方的。"):
            await save_section(other, "check_in", WORSE, edition)
    await discard(other, ("check_in",))
    with pytest.raises(DraftRefused, match="刚被放弃或发布了，您的改动没有保存。"):
        await save_section(desk, "check_in", {"points": 70}, 1)
    assert (await rule_draft(ledger.pool)).sections == {}


async def test_a_section_that_is_as_published_leaves_the_draft(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", BETTER, 0)
    assert await save_section(desk, "check_in", body_of(demo_rules())["check_in"], 1) == 0
    assert (await rule_draft(ledger.pool)).sections == {}


@pytest.mark.parametrize(
    ("section", "value", "sentence"),
    [
        ("nothing", BETTER, "规则里没有这一部分。"),
        ("check_in", {"points": "9" * MOST_BYTES}, "这一部分太长了（2.0 MB），最多 2 MB。"),
    ],
)
async def test_what_is_no_section_or_too_large_is_refused(
    ledger: Ledger, desk: Desk, section: str, value: dict[str, int], sentence: str
) -> None:
    with pytest.raises(DraftRefused, match=sentence):
        await save_section(desk, section, value, 0)
    assert (await rule_draft(ledger.pool)).sections == {}


async def test_publishing_empties_the_draft(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", BETTER, 0)
    assert await publish_draft(desk, Terms("周年庆"), newest_seen=1) == 2
    draft = await rule_draft(ledger.pool)
    assert (draft.newest, draft.sections) == (2, {})
    assert (await rules_of(ledger.pool, 2)).check_in.points == 50
    (logged,) = await list_operations(ledger.pool, Filters(action=Action.PUBLISH_RULES))
    assert (logged.subject, logged.reason) == ("第 2 版", "周年庆")
    with pytest.raises(DraftRefused, match="草稿里没有改动"):
        await publish_draft(desk, Terms("再来一次"), newest_seen=2)


async def test_a_publication_that_fails_leaves_the_draft(ledger: Ledger) -> None:
    owner = await desk_for(ledger, "老板娘", "owner")
    await save_section(owner, "check_in", WORSE, 0)
    six_days = owner.now() + timedelta(days=6)
    for effective_from in (None, six_days):
        with pytest.raises(NotPublished):
            await publish_draft(owner, Terms("成本涨了", effective_from), newest_seen=1)
        assert (await newest(ledger.pool), (await rule_draft(ledger.pool)).edition("check_in")) == (1, 1)
    seven_days = owner.now() + NOTICE + timedelta(minutes=1)
    assert await publish_draft(owner, Terms("成本涨了", seven_days), newest_seen=1) == 2


async def test_what_takes_from_members_needs_a_second_person(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", WORSE, 0)
    later = desk.now() + timedelta(days=8)
    assert isinstance(await publish_draft(desk, Terms("成本涨了", later), newest_seen=1), Approval)
    await save_section(desk, "check_in", BETTER, 1)
    with pytest.raises(NotAllowed, match="只有老板能按「法律要求，立即生效」发布。"):
        await publish_draft(desk, Terms("法律", urgent=True), newest_seen=1)
    assert await newest(ledger.pool) == 1


async def test_a_draft_is_compared_with_the_version_that_it_follows_on_its_day(
    ledger: Ledger, desk: Desk
) -> None:
    """A version that is scheduled and worse still does not make worse rules before its day better."""
    owner = await desk_for(ledger, "老板娘", "owner")
    await save_section(owner, "check_in", {"points": 5}, 0)
    assert await publish_draft(owner, Terms("成本涨了", owner.now() + timedelta(days=20)), newest_seen=1) == 2
    await save_section(desk, "check_in", {"points": 8}, 0)
    between = Terms("先降一点", desk.now() + timedelta(days=8), until_replaced=True)
    assert isinstance(await publish_draft(desk, between, newest_seen=2), Approval)
    assert (await newest(ledger.pool), (await rule_draft(ledger.pool)).edition("check_in")) == (2, 1)


async def test_what_somebody_published_meanwhile_is_not_undone(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", BETTER, 0)
    await ledger.publish(rules_with(check_in={"points": 30}))
    draft = await rule_draft(ledger.pool)
    assert draft.overtaken == ("check_in",)
    with pytest.raises(DraftRefused, match="您看草稿的时候是第 1 版，现在已经是第 2 版了"):
        await publish_draft(desk, Terms("周年庆"), newest_seen=1)
    with pytest.raises(DraftRefused, match="「签到」在您改动以后又发布过新的"):
        await publish_draft(desk, Terms("周年庆"), newest_seen=2)
    assert await newest(ledger.pool) == 2


async def test_a_draft_with_faults_is_not_published(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", {"points": -1}, 0)
    rules, faults = checked((await rule_draft(ledger.pool)).body)
    assert rules is None
    assert [fault.where for fault in faults] == [("check_in", "points")]
    with pytest.raises(DraftRefused, match="草稿里还有 1 处要改，不能发布。"):
        await publish_draft(desk, Terms("周年庆"), newest_seen=1)


async def test_an_old_version_comes_back_as_a_draft(ledger: Ledger, desk: Desk) -> None:
    await save_section(desk, "check_in", BETTER, 0)
    await publish_draft(desk, Terms("周年庆"), newest_seen=1)
    old = body_of(await rules_of(ledger.pool, 1))
    assert await replace_all(desk, old) == ["check_in"]
    assert checked((await rule_draft(ledger.pool)).body)[0] == await rules_of(ledger.pool, 1)
    with pytest.raises(DraftRefused, match="草稿里已经有改动（签到），请先发布或放弃"):
        await replace_all(desk, old)


@pytest.mark.parametrize("role", ["finance", "auditor"])
async def test_who_only_looks_drafts_nothing(ledger: Ledger, role: str) -> None:
    desk = await desk_for(ledger, "小看", role)  # type: ignore[arg-type]
    for deed in (
        save_section(desk, "check_in", BETTER, 0),
        discard(desk, ("check_in",)),
        replace_all(desk, {}),
    ):
        with pytest.raises(NotAllowed, match="不能起草规则。"):
            await deed
    with pytest.raises(NotAllowed, match="不能发布规则。"):
        await publish_draft(desk, Terms("x"), newest_seen=1)

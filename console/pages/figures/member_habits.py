"""习惯, on the page of a member: what they redeem, and when they come."""

from nicegui import ui

from console.charts import draw_chart
from console.facts import draw_cards, draw_heading
from console.markup import points
from console.page import Visit
from console.pages.figures.habits import hours_options
from console.sheets import draw_sheet
from loyalty.numbers.habits import FREQUENCY_DAYS, LATEST, member_habits
from loyalty.numbers.page_sheets import liked_sheet
from loyalty.programme.rules import RuleSet


async def draw_member_habits(visit: Visit, member_id: int, rules: RuleSet) -> None:
    """The habits of one member."""
    found = await member_habits(visit.pool, member_id, visit.today, rules, visit.zone)
    draw_cards(
        [
            (
                f"最近 {FREQUENCY_DAYS} 天来过",
                f"{found.active_days} 天",
                f"最后一次 {found.last_active or '–'}",
            ),
            ("兑换过", f"{points(sum(one.pieces for one in found.liked))} 份", "取消的不算"),
        ]
    )
    draw_heading("最爱换什么")
    draw_sheet(liked_sheet(found.liked), "兑换偏好", "还没有兑换过。")
    draw_heading(f"一般什么时候来（最近 {LATEST} 次）")
    if found.hours:
        with ui.element("div").classes("panel"):
            draw_chart(hours_options(found.hours))
    else:
        ui.html('<p class="empty">还没有自己来过。</p>', sanitize=False)

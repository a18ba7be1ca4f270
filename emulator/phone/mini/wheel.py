"""幸运转盘: the wheel, which stops at the slot that the server drew, with its price, odds and winners."""

import asyncio
from typing import Any

from nicegui.element import Element

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import number, odds_text
from emulator.phone.elements.tags import box, button, drawing, on_press, text
from emulator.phone.mini.screen import Mini, Page, empty
from emulator.phone.mini.wheel_svg import face_svg, stop_angle

LINE_S = 3
SPIN_S = 4.6
"""The duration of the transition of `.wheel-disc` in wheel.css."""


async def load(api: MemberApi, mini: Mini) -> tuple[Json, list[tuple[Json, list[Json]]]]:
    """The member, and each wheel with its winners."""
    wheels = await api.get_all("/wheels")
    winners = [(await api.get(f"/wheels/{wheel['id']}/winners"))["items"] for wheel in wheels]
    return await api.get("/me"), list(zip(wheels, winners, strict=True))


def build(mini: Mini, data: Any) -> None:
    """Draw every wheel of the programme, one below the other."""
    me, wheels = data
    for wheel, winners in wheels:
        WheelCard(mini, me, wheel, winners)
    if not wheels:
        empty("暂时没有抽奖活动")


class WheelCard:
    """One wheel on the page."""

    def __init__(self, mini: Mini, me: Json, wheel: Json, winners: list[Json]) -> None:
        self._mini = mini
        self._wheel = wheel
        self._prizes: list[Json] = sorted(wheel["prizes"], key=lambda prize: int(prize["slot"]))
        with box("wheel-card", "wheel-card"):
            text(str(wheel["name"]), "wheel-name")
            _ticker(winners)
            self._disc = self._draw_disc()
            self._draw_price(me)
            self._draw_buttons()
        _odds(self._prizes, wheel)

    async def draw(self, count: int) -> None:
        """Ask the server for `count` draws, turn the wheel to the last one, show the prizes."""
        mini = self._mini
        mini.busy = True
        result = None
        try:
            result = await mini.overlay.attempt(
                mini.api.post_idempotent(
                    f"/wheels/{self._wheel['id']}/draws",
                    {"count": count, "odds_version": self._wheel["odds_version"]},
                )
            )
            if result is not None:
                await self._spin_to(int(result["draws"][-1]["slot"]))
        finally:
            mini.busy = False
        await mini.refresh()
        if result is not None:
            self._show_result(result)

    async def _spin_to(self, slot: int) -> None:
        place = next(place for place, prize in enumerate(self._prizes) if int(prize["slot"]) == slot)
        turned = self._mini.rotations.get(self._wheel["id"], 0.0)
        rotation = stop_angle(turned, place, len(self._prizes))
        self._mini.rotations[self._wheel["id"]] = rotation
        self._disc.style(f"transform: rotate({rotation:.3f}deg)")
        await asyncio.sleep(SPIN_S)

    def _show_result(self, result: Json) -> None:
        overlay = self._mini.overlay
        with overlay.dialog(test_id="draw-result", name=_headline(result)):
            drawing(icons.GIFT, "result-icon")
            text(_headline(result), "panel-title")
            with box("result-list"):
                for draw in result["draws"]:
                    text(str(draw["prize"]["name"]), "result-prize", "result-prize")
            text(f"当前余额 {number(result['balance'])} 积分", "dialog-text")
            with box("dialog-buttons"):
                button("中奖记录", "dialog-no", self._record, "go-record")
                button("知道了", "dialog-yes", overlay.close, "result-ok")

    async def _record(self) -> None:
        self._mini.overlay.close()
        await self._mini.open("wheel_record")

    def _draw_disc(self) -> Element:
        labels = [str(prize["name"]) for prize in self._prizes]
        rarest = min(int(prize["odds_ppm"]) for prize in self._prizes)
        grand = [int(prize["odds_ppm"]) == rarest for prize in self._prizes]
        with box("wheel-stage", "wheel"):
            disc = drawing(face_svg(labels, grand), "wheel-disc")
            disc.style(f"transform: rotate({self._mini.rotations.get(self._wheel['id'], 0.0):.3f}deg)")
            with box("wheel-hub", "btn-draw") as hub:
                text("抽奖", "wheel-go")
        on_press(hub, lambda: self.draw(1))
        return disc

    def _draw_price(self, me: Json) -> None:
        wheel = self._wheel
        free = (
            f"今日还有 {wheel['free_left']} 次免费"
            if wheel["free_left"]
            else f"每次 {wheel['cost_points']} 积分"
        )
        with box("wheel-facts"):
            text(free, "wheel-fact", "draw-cost")
            text(f"今日还可抽 {wheel['draws_left']} 次", "wheel-fact", "draws-left")
            text(f"余额 {number(me['balance'])}", "wheel-fact")

    def _draw_buttons(self) -> None:
        with box("wheel-buttons"):
            button("抽一次", "pill-button is-wide", lambda: self.draw(1), "btn-draw-once")
            button("连抽 10 次", "pill-button is-wide is-plain", lambda: self.draw(10), "btn-draw-ten")


def _ticker(winners: list[Json]) -> None:
    with box("ticker", "winners"):
        drawing(icons.TROPHY)
        with box("ticker-window"):
            if not winners:
                text("还没有中奖记录，快来试试手气", "ticker-line")
                return
            lines = [f"恭喜 {winner['name']} 抽中 {winner['prize']['name']}" for winner in winners[:8]]
            pace = f"animation-duration: {len(lines) * LINE_S}s; animation-timing-function: {line_by_line(len(lines))}"
            track = box("ticker-track").style(f"--lines: {len(lines)}; {pace}")
            with track:
                for line in [*lines, lines[0]]:
                    text(line, "ticker-line")


def line_by_line(lines: int) -> str:
    """The CSS easing that stays on each line for 85 % of its time and then moves on to the next."""
    stops = [
        f"{line / lines:.4f} {100 * line / lines:.2f}% {100 * (line + 0.85) / lines:.2f}%"
        for line in range(lines)
    ]
    return f"linear({', '.join(stops)}, 1 100%)"


def _odds(prizes: list[Json], wheel: Json) -> None:
    with box("card", "odds"):
        with box("card-head"):
            text("公示概率", "card-title")
            text(f"版本 {str(wheel['odds_version'])[:10]}", "card-note")
        for prize in prizes:
            with box("odds-row is-gone" if prize["sold_out"] else "odds-row", "odds-row"):
                text(str(prize["name"]), "odds-name")
                text(str(prize["level"]), "odds-level")
                text(_stock(prize), "odds-stock")
                text(_chance(prize), "odds-value")
        text(str(wheel["rule"]), "card-foot")


def _stock(prize: Json) -> str:
    if prize["sold_out"]:
        return "已发完"
    left = prize["stock_left"]
    return "不限量" if left is None else f"剩 {left} 份"


def _chance(prize: Json) -> str:
    """The odds of now, with the published ones where they differ."""
    published, now = odds_text(int(prize["odds_ppm"])), odds_text(int(prize["odds_now_ppm"]))
    return now if now == published else f"{now}（公示 {published}）"


PAGE = Page("幸运转盘", load, build)


def _headline(result: Json) -> str:
    won = any(draw["prize"]["kind"] != "none" for draw in result["draws"])
    return "恭喜抽中" if won else "这次没有抽中"

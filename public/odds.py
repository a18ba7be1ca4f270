"""概率公示: every game's published odds, and how often each prize should have come and came; one page of all, one of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from base.settings import FAIR_PATH
from loyalty.ledger.words import odds_text
from loyalty.numbers.odds import OddsTable, by_wheel
from loyalty.programme.rules import RuleSet
from public.checking import CHECKING
from public.shell import page
from web.html import NOTHING, Html, joined, markup

MOST_BEFORE: Final = 100
"""How many tables of odds of before a game shows, the newest; those that draws speak against are always shown."""


def odds_pages(tables: Sequence[OddsTable], rules: RuleSet, now: datetime) -> dict[str, str]:
    """The page of each game by the game's id, and the page of all games under the empty text; as of a local instant."""
    games, name = by_wheel(tables), rules.programme.name
    made = markup('<p class="quiet">{} 的数字，大约每分钟更新一次。</p>', f"{now:%Y-%m-%d %H:%M}")
    pages = {game: _game_page(of_game, name, made) for game, of_game in games.items()}
    return {"": _front_page(games, name, made), **pages}


def unknown_game() -> str:
    """What somebody reads who asks for a game that never was."""
    return page(
        "没有这个抽奖", "概率公示",
        markup('<p>这个地址没有对应的抽奖，可能是抄错了。</p><p><a href="{}">看所有抽奖的概率</a></p>', FAIR_PATH),
    )  # fmt: skip


def _front_page(games: dict[str, list[OddsTable]], name: str, made: Html) -> str:
    told = markup("<p>{}的每个抽奖：公布的概率，按概率应该中多少次，实际中了多少次。</p>", name)
    found = (
        joined(_section(game, of_game) for game, of_game in games.items())
        if games
        else markup('<p class="empty">现在没有抽奖。</p>')
    )
    return page("概率公示", name, joined((told, made, found, HOW, CHECKING)))


def _game_page(tables: Sequence[OddsTable], name: str, made: Html) -> str:
    live, before = _parted(tables)
    parts = (
        made,
        markup("<section><h2>现在的概率</h2>{}{}</section>", _over(live), joined(map(_table, live))),
        _before(before),
        HOW,
        CHECKING,
        markup('<p><a href="{}">看所有抽奖的概率</a></p>', FAIR_PATH),
    )
    return page(f"概率公示：{tables[0].name}", name, joined(parts))


def _section(game: str, tables: Sequence[OddsTable]) -> Html:
    live, before = _parted(tables)
    suspect = sum(one.is_suspect for one in before)
    told = _of_before(before) if before else "这个抽奖自己的一页"
    return markup(
        '<section><h2>{}</h2>{}{}<p class="{}"><a href="{}/{}">{}</a></p></section>',
        tables[0].name, _over(live), joined(map(_table, live)), "state bad" if suspect else "more", FAIR_PATH, game, told,
    )  # fmt: skip


def _parted(tables: Sequence[OddsTable]) -> tuple[list[OddsTable], list[OddsTable]]:
    """The tables in force, and those of before."""
    return [one for one in tables if one.is_live], [one for one in tables if not one.is_live]


def _over(live: Sequence[OddsTable]) -> Html:
    return NOTHING if live else markup('<p class="quiet">这个抽奖已经结束。</p>')


def _of_before(before: Sequence[OddsTable]) -> str:
    suspect = sum(one.is_suspect for one in before)
    return f"以前的概率表（{len(before)} 张" + (f"，{suspect} 张与实际不符）" if suspect else "）")


def _before(before: Sequence[OddsTable]) -> Html:
    if not before:
        return NOTHING
    shown = [one for place, one in enumerate(before) if place < MOST_BEFORE or one.is_suspect]
    left_out = (
        markup('<p class="quiet">这里是最近的 {} 张，以及与实际不符的。</p>', MOST_BEFORE)
        if len(shown) < len(before)
        else NOTHING
    )
    return markup(
        "<section><h2>{}</h2>{}{}</section>", _of_before(before), left_out, joined(map(_table, shown))
    )


def _table(table: OddsTable) -> Html:
    tone = "bad" if table.is_suspect else "good" if table.draws else "none"
    since = f"从 {table.since} 起一共抽了 {table.draws:,} 次。" if table.since else ""
    rows = joined(
        markup(
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>',
            line.name,
            odds_text(line.published_ppm),
            _expected(line.expected),
            f"{line.drawn:,}",
        )
        for line in table.lines
    )
    return markup(
        '<p class="state {}">{}</p><p>{}</p><table><thead><tr><th scope="col">奖品</th><th scope="col">公布的概率</th>'
        '<th scope="col">应中约</th><th scope="col">实际中</th></tr></thead><tbody>{}</tbody></table>'
        '<p class="quiet">概率表编号 <code>{}</code></p>',
        tone, table.sentence, since, rows, table.odds_version,
    )  # fmt: skip


def _expected(times: float) -> str:
    return f"{times:,.0f}" if times >= 100 else f"{times:,.1f}"


HOW: Final = markup(
    "<section><h2>怎样看</h2><ul>"
    "<li>次数按转盘停在哪一格算：停到的奖品已经发完、按公布的规则改送别的，也算停到的那一项。</li>"
    "<li>实际次数和应中次数差一些很平常。系统把每次抽奖都拿来和公布的概率比对，凭运气几乎不可能的时候才说「不符」："
    "一张公平的概率表，不管抽多少次、比对多少次，被误报的机会不超过百万分之一。</li>"
    "<li>说了「不符」，就会一直留在这里，运营方同时收到提醒。概率改了就是另一张概率表，以前的也都留着。</li>"
    "</ul></section>"
)

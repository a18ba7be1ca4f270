"""概率公示: every game's published odds, how often each prize should have come and came, and how members check a draw of theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from base.settings import ODDS_PATH
from loyalty.ledger.words import odds_text
from loyalty.numbers.odds import OddsTable, by_wheel
from loyalty.programme.rules import RuleSet
from web.html import NOTHING, Html, joined, markup

STYLE: Final = f"{ODDS_PATH}/public.css"
MOST_BEFORE: Final = 20
"""How many tables of odds of before a game shows."""

CHECK: Final = """\
import hashlib, hmac, json
from pathlib import Path

proof = json.loads(Path("proof.json").read_text())
seed = bytes.fromhex(proof["server_seed"])
assert hashlib.sha256(seed).hexdigest() == proof["commitment"]
limit, attempt, roll = 2**64 // 1_000_000 * 1_000_000, 0, None
while roll is None:
    text = "{round_id}:{member_id}:{nonce}:{attempt}:{client_seed}".format(**proof, attempt=attempt)
    digest = hmac.new(seed, text.encode(), hashlib.sha256).digest()
    numbers = [int.from_bytes(digest[at : at + 8], "big") for at in range(0, 32, 8)]
    roll = next((one % 1_000_000 for one in numbers if one < limit), None)
    attempt += 1
edge, prizes = 0, []
for row in sorted(proof["table"], key=lambda row: row["slot"]):
    edge += row["odds_ppm"]
    prizes += [row["prize"]] if roll < edge else []
print(roll == proof["roll"], prizes[0] == proof["candidate"])
"""
"""A program by which a member checks the proof of a draw; both words that it prints should be True."""


def odds_page(tables: Sequence[OddsTable], rules: RuleSet, now: datetime) -> str:
    """The page, as of a local instant."""
    games = by_wheel(tables)
    body = (
        joined(_game(of_game) for of_game in games.values())
        if games
        else markup('<p class="empty">现在没有抽奖。</p>')
    )
    return markup(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>概率公示 · {name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{style}"></head>'
        "<body><main><h1>概率公示</h1><p>{name}的每个抽奖：公布的概率，按概率应该中多少次，实际中了多少次。"
        '</p><p class="quiet">{now} 的数字，大约每分钟更新一次。</p>{body}{how}{check}</main></body></html>',
        name=rules.programme.name, style=STYLE, now=f"{now:%Y-%m-%d %H:%M}", body=body, how=HOW, check=_check(),
    )  # fmt: skip


def _game(tables: Sequence[OddsTable]) -> Html:
    live = [one for one in tables if one.is_live]
    before = [one for one in tables if not one.is_live][:MOST_BEFORE]
    over = markup('<p class="quiet">这个抽奖已经结束。</p>') if not live else NOTHING
    return markup(
        "<section><h2>{}</h2>{}{}{}</section>",
        tables[0].name, over, joined(_table(one) for one in live), _before(before),
    )  # fmt: skip


def _before(tables: Sequence[OddsTable]) -> Html:
    if not tables:
        return NOTHING
    suspect = sum(one.is_suspect for one in tables)
    told = f"以前的概率表（{len(tables)} 张" + (f"，{suspect} 张与实际不符）" if suspect else "）")
    return markup(
        "<details{}><summary>{}</summary>{}</details>", Html(" open") if suspect else NOTHING, told,
        joined(_table(one) for one in tables),
    )  # fmt: skip


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


def _check() -> Html:
    return markup('<pre tabindex="0">{}</pre></section>', CHECK)


HOW: Final = markup(
    "<section><h2>怎样看</h2><ul>"
    "<li>次数按转盘停在哪一格算：停到的奖品已经发完、按公布的规则改送别的，也算停到的那一项。</li>"
    "<li>实际次数和应中次数差一些很平常。系统把每次抽奖都拿来和公布的概率比对，凭运气几乎不可能的时候才说「不符」："
    "一张公平的概率表，不管抽多少次、比对多少次，被误报的机会不超过百万分之一。</li>"
    "<li>说了「不符」，就会一直留在这里，运营方同时收到提醒。概率改了就是另一张概率表，以前的也都留着。</li>"
    "</ul></section><section><h2>核对自己的一次抽奖</h2><ol>"
    "<li>抽奖之前，小程序里写着这一轮的 commitment：这一轮种子的 SHA-256，谁也改不了。</li>"
    "<li>这一轮结束（每天或每周）以后，种子就公开了。在小程序的抽奖记录里取得这次抽奖的核对资料"
    "（接口 <code>/api/v1/draws/编号/proof</code>），存成 proof.json。</li>"
    "<li>在电脑上用下面的程序算一遍（只用 Python 自带的功能）。显示两个 True，就是照公布的概率、用事先定好的种子抽的。</li></ol>"
)

"""How members check a draw of theirs: in the browser (`static/check.js`), or by a program of their own."""

from typing import Final

from base.settings import FAIR_PATH
from web.html import Html, markup

SCRIPT: Final = f"{FAIR_PATH}/check.js"

PROGRAM: Final = """\
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

CHECKING: Final[Html] = markup(
    "<section><h2>核对自己的一次抽奖</h2><ol>"
    "<li>抽奖之前，小程序里写着这一轮的 commitment（承诺）：这一轮种子的 SHA-256，谁也改不了。</li>"
    "<li>这一轮结束（每天或每周）以后，种子就公开了。在小程序的抽奖记录里取得这次抽奖的核对资料"
    "（接口 <code>/api/v1/draws/编号/proof</code>）。</li>"
    "<li>把整段资料粘贴在这里，浏览器当场算一遍。资料不会发送出去。</li></ol>"
    '<form id="check" hidden><label for="proof">核对资料</label>'
    '<textarea id="proof" rows="6" spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>'
    '<button class="button" type="submit">核对</button></form>'
    '<noscript><p class="quiet">浏览器没有打开脚本，这里算不了；请用下面的 Python 程序。</p></noscript>'
    '<div id="told" role="status"></div>'
    "<details><summary>想自己算：用 Python 程序</summary>"
    "<p>把资料存成 proof.json，在电脑上运行（只用 Python 自带的功能）。显示两个 True，就是照公布的概率、用事先定好的种子抽的。</p>"
    '<pre tabindex="0">{}</pre></details><script src="{}" defer></script></section>',
    PROGRAM, SCRIPT,
)  # fmt: skip

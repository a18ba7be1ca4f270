"""The demo as a newcomer meets it: one command, the phone page in Chromium, Ctrl-C, and everything still there next time."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect, sync_playwright

from embedded.processes import have_ended
from tests.browser import CHROMIUM, QUIET, needs_chromium
from tests.runtime.program import answers, environment, free_ports, jifen

START_TIMEOUT_S = 300


@contextmanager
def demo(data_dir: Path, ports: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`jifen demo` until it is ready; ended with Ctrl-C, after which no process of it may be left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "runtime.cli", "demo"], env=environment(ports | {"DATA_DIR": str(data_dir)}),
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, cwd=data_dir.parent,
    )  # fmt: skip
    family: list[psutil.Process] = []
    try:
        wait_ready(f"http://127.0.0.1:{ports['HTTP_PORT']}/readyz", process)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 3
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert '{"' not in output, "JSON lines go to the log files"
    assert '"serving"' in (data_dir / "log" / "serve.log").read_text(encoding="utf-8")
    assert all(f":{port}/" in output for port in ports.values())
    assert ".venv/bin/jifen" in output
    assert have_ended(family, 0)
    assert not servers_of(data_dir)


def servers_of(data_dir: Path) -> list[str]:
    """Command lines of running PostgreSQL and Redis servers that a DATA_DIR's records point to."""
    run = data_dir / "run"
    where = run.read_text().strip() if run.exists() else str(data_dir)
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if where and where in line and "pytest" not in line]


def wait_ready(url: str, process: "subprocess.Popen[str]") -> None:
    """Wait for a 200 from `url`."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers(url):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the demo did not become ready"
        time.sleep(0.1)


def chat(phone: Locator, text: str) -> None:
    """Type a word to the account."""
    phone.get_by_test_id("chat-input").fill(text)
    phone.get_by_test_id("chat-input").press("Enter")


def replies(phone: Locator, text: str) -> Locator:
    """Bubbles of the account that hold this text."""
    return phone.get_by_test_id("chat-passive").filter(has_text=text)


def shown(app: FrameLocator, test_id: str) -> Locator:
    """What has this `data-testid` on the page of the mini-program that is in front."""
    return app.get_by_test_id(test_id).locator("visible=true")


def tab(app: FrameLocator, name: str) -> Locator:
    """A tab of the mini-program."""
    return app.locator("uni-tabbar").get_by_text(name, exact=True)


def the_main_job(page: Page, shots: Path) -> None:
    """Follow, sign in, draw, redeem, invite, and be warned before the points lapse."""
    left, right = page.get_by_test_id("phone-left"), page.get_by_test_id("phone-right")
    left.get_by_test_id("btn-follow").click()
    expect(replies(left, "100 积分见面礼")).to_be_visible()
    chat(left, "签到")
    expect(replies(left, "签到成功 +10 分")).to_be_visible()
    chat(left, "邀请")
    expect(left.get_by_test_id("chat-article")).to_be_visible()

    right.get_by_test_id("btn-scan").click()
    right.get_by_test_id("scan-0").click()
    expect(replies(right, "100 积分见面礼")).to_be_visible()
    chat(right, "签到")
    expect(replies(right, "签到成功 +10 分")).to_be_visible()
    chat(left, "积分")
    expect(replies(left, "当前积分 160")).to_be_visible()

    left.get_by_test_id("tab-mini").click()
    app = left.frame_locator("iframe")
    expect(shown(app, "balance")).to_have_text("160")
    tab(app, "抽奖").click()
    shown(app, "btn-draw").first.click()
    expect(shown(app, "draw-result")).to_be_visible()
    page.screenshot(path=shots / "wheel.png")
    shown(app, "result-ok").click()
    tab(app, "兑换").click()
    shown(app, "reward").filter(has_text="手工曲奇").get_by_test_id("btn-redeem").click()
    shown(app, "dialog-yes").click()
    expect(shown(app, "voucher-code")).to_be_visible()
    page.screenshot(path=shots / "voucher.png")
    shown(app, "voucher-close").click()

    left.get_by_test_id("tab-chat").click()
    page.request.post("/emulator/v1/clock", data={"advance_s": 330 * 86_400})
    page.get_by_test_id("clock-plus-month").click()
    woken = right.get_by_test_id("chat-template").filter(has_text="会员权益提醒")
    expect(woken.first).to_be_visible(timeout=30_000)
    warned = right.get_by_test_id("chat-template").filter(has_text="积分到期提醒")
    expect(warned.first).to_be_visible(timeout=30_000)
    page.screenshot(path=shots / "a-year-later.png")


def call(url: str, body: dict[str, str] | None = None, token: str = "") -> Any:
    """The JSON answer to a GET, or to a POST of a body."""
    request = urllib.request.Request(  # noqa: S310  # http on this machine
        url, data=None if body is None else json.dumps(body).encode()
    )
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # as above
        return json.load(answer)


def logged_in(emulator: str, http_port: str, phone_id: str, tries: int = 3) -> Any:
    """The session of a phone. A code lasts five minutes of the demo's clock, which the page may just have moved by months."""
    code = call(f"{emulator}emulator/v1/phones/{phone_id}/login", {})["code"]
    try:
        return call(f"http://127.0.0.1:{http_port}/api/v1/session", {"code": code})
    except urllib.error.HTTPError as refused:
        if refused.code != 401 or tries == 1:
            raise
    time.sleep(1)
    return logged_in(emulator, http_port, phone_id, tries - 1)


def a_regular_holds_a_phone(emulator: str, http_port: str) -> None:
    """One of the members with a past logs in on a phone of the page."""
    phones = {phone["name"]: phone["phone_id"] for phone in call(f"{emulator}emulator/v1/phones")}
    session = logged_in(emulator, http_port, phones["孙佳宁"])
    assert session["member"]["nickname"] == "孙佳宁"
    entries = call(f"http://127.0.0.1:{http_port}/api/v1/me/entries?limit=100", token=session["token"])
    assert len(entries["items"]) == 100
    assert entries["next_cursor"]


@pytest.mark.browser
@needs_chromium
def test_a_newcomer_plays_through_the_demo(tmp_path: Path) -> None:
    names = ("HTTP_PORT", "EMULATOR_PORT", "METRICS_PORT", "CONSOLE_PORT")
    ports = {name: str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    data_dir = tmp_path / "var"
    page_url = f"http://127.0.0.1:{ports['EMULATOR_PORT']}/"
    with demo(data_dir, ports), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=page_url)
        page.goto(page_url)
        the_main_job(page, tmp_path)
        browser.close()
        a_regular_holds_a_phone(page_url, ports["HTTP_PORT"])

    started = time.monotonic()
    with demo(data_dir, ports), sync_playwright() as playwright:
        seconds = time.monotonic() - started
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(page_url)
        left = page.get_by_test_id("phone-left")
        expect(replies(left, "签到成功 +10 分").first).to_be_visible()
        browser.close()
    print(f"the second start took {seconds:.1f} s")
    found = jifen("audit", "--json", DATA_DIR=str(data_dir))
    assert found.returncode == 0, found.stdout + found.stderr

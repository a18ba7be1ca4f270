"""The Chromium that browser tests drive, where this machine has one, and how it is kept quiet."""

import shutil

import pytest
from playwright import async_api, sync_api

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found on this machine")

PATIENCE_MS = 20_000
"""For what a page is to show; Playwright's five seconds are few while other tests keep the processors busy."""

async_api.expect.set_options(timeout=PATIENCE_MS)
sync_api.expect.set_options(timeout=PATIENCE_MS)

"""The emulator with its phone page as a program of its own: NiceGUI keeps one application per process."""

import asyncio
from pathlib import Path

from emulator.app import create_app, serve
from tests.emulator.harness import OA_APP_ID, MovableClock, made_up_config


def main(folder: str, port: str, webhook_url: str, api_url: str, app_id: str = OA_APP_ID) -> None:
    """Serve until the process is ended. `app_id` is the official account's."""
    clock = MovableClock()
    config = made_up_config(Path(folder), webhook_url, port=int(port), api_base_url=api_url, oa_app_id=app_id)
    app = create_app(config, clock.now, clock.advance)
    asyncio.run(serve(app, config.port))

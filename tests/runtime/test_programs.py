"""Programs of ours as processes: by themselves, then ended; how they listen to SIGTERM is theirs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime.programs import end, running

pytestmark = pytest.mark.slow

WILLING = "import time; print('up', flush=True); time.sleep(60)"
TIDY = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); " + WILLING
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WILLING


@pytest.mark.parametrize(
    ("text", "code"), [(WILLING, -signal.SIGTERM), (TIDY, 3), (STUBBORN, -signal.SIGKILL), ("print('up')", 0)]
)
def test_one_that_does_not_listen_is_killed(text: str, code: int) -> None:
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        if code == 0:
            process.wait(20)
        began = time.monotonic()
        end(process, within_s=0.5 if text == STUBBORN else 20)
        assert process.returncode == code
        assert time.monotonic() - began < 15


def test_it_runs_by_itself_and_no_longer_than_the_block(tmp_path: Path) -> None:
    """The emulator of a demo needs no servers; a setting of the wrong kind shows that what we give it is what it reads."""
    log = tmp_path / "emulator.log"
    environment = os.environ | {"JIFEN_EMULATOR_PORT": "no port"}
    with running("emulator", stop_within_s=20, environment=environment, folder=tmp_path, log=log) as process:
        assert os.getsid(process.pid) == process.pid
        assert process.wait(60) == 1
    assert "JIFEN_EMULATOR_PORT" in log.read_text(encoding="utf-8")


def test_it_is_ended_whatever_happens_in_the_block(tmp_path: Path) -> None:
    with (
        pytest.raises(LookupError),
        running("emulator", stop_within_s=20, log=tmp_path / "log", folder=tmp_path) as process,
    ):
        raise LookupError
    assert process.returncode == -signal.SIGTERM

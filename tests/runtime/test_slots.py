"""Slots: the lowest free number, kept for as long as its process lives."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from runtime import slots
from runtime.slots import Holder

TAKES = """
import sys
from pathlib import Path
from runtime import slots

print(slots.take(Path(sys.argv[1]), "other"), flush=True)
sys.stdin.read()
"""


def test_the_lowest_free_number_is_taken_and_free_again_after_a_kill(tmp_path: Path) -> None:
    assert slots.take(tmp_path, "first") == 1
    with subprocess.Popen(
        [sys.executable, "-c", TAKES, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "2\n"
        assert slots.take(tmp_path, "third") == 3
        held = {
            1: Holder("first", os.getpid()),
            2: Holder("other", other.pid),
            3: Holder("third", os.getpid()),
        }
        assert slots.holders(tmp_path) == held
        assert list(slots.free_slots(tmp_path)) == []
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert list(slots.free_slots(tmp_path)) == [2]
    assert slots.take(tmp_path, "next") == 2
    assert slots.holders(tmp_path)[2] == Holder("next", os.getpid())

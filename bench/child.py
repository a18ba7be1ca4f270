"""Child processes of a measurement: each prepares its work, waits for the start, and returns a result.

Parent and child exchange lines of JSON: the parent sends a plan, the child answers `"ready"`, the parent sends a line that starts
the work, the child sends the result.
"""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvloop

from bench.errors import ChildFailed
from runtime.programs import end

P = TypeVar("P")
STOP_S = 20


def child_main(
    prepare: Callable[[dict[str, Any]], P], work: Callable[[dict[str, Any], P], Awaitable[dict[str, Any]]]
) -> None:
    """The child's whole main program."""
    plan = json.loads(sys.stdin.readline())
    prepared = prepare(plan)
    print(json.dumps("ready"), flush=True)
    sys.stdin.readline()

    async def run() -> dict[str, Any]:
        return await work(plan, prepared)

    print(json.dumps(uvloop.run(run())), flush=True)


class Child:
    """The parent's side."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def start(self) -> None:
        """Start the work."""
        self._send_line("start")

    def result(self) -> dict[str, Any]:
        """Wait for the result of the work. Raises ChildFailed."""
        result: dict[str, Any] = self._receive_line()
        return result

    def stop(self) -> dict[str, Any]:
        """End a child that works until it is stopped, and return its result."""
        self._process.terminate()
        return self.result()

    def _send_line(self, what: object) -> None:
        if self._process.stdin is None:
            raise ChildFailed("closed")
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _receive_line(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise ChildFailed(f"{self._process.args!r} ended with {self._process.wait(STOP_S)}")
        return json.loads(line)


@contextmanager
def child(module: str, plan: dict[str, Any]) -> Iterator[Child]:
    """Start a process with `module` and wait until it is prepared; it is ended with the block."""
    process = subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", f"bench.{module}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        one = Child(process)
        one._send_line(plan)
        one._receive_line()
        yield one
    finally:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            end(process, within_s=STOP_S)

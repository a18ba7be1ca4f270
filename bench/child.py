"""Processes that take part in a measurement: each prepares what its plan says, waits for the start, and tells what came of it.

They speak lines of JSON: the plan comes on standard input, `"ready"` goes out, a line starts the work, the result goes out.
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
    """The child's side: its whole main program."""
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
        """The process."""
        return self._process.pid

    def start(self) -> None:
        """Let the work begin."""
        self._say("start")

    def result(self) -> dict[str, Any]:
        """What came of the work, waited for. Raises ChildFailed."""
        told: dict[str, Any] = self._hear()
        return told

    def stop(self) -> dict[str, Any]:
        """Ask a child that serves until it is told otherwise to end, and hear its result."""
        self._process.terminate()
        return self.result()

    def _say(self, what: object) -> None:
        if self._process.stdin is None:
            raise ChildFailed("closed")
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise ChildFailed(f"{self._process.args!r} ended with {self._process.wait(STOP_S)}")
        return json.loads(line)


@contextmanager
def child(module: str, plan: dict[str, Any]) -> Iterator[Child]:
    """A process running `module`, prepared; ended at the latest with the block."""
    process = subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", f"bench.{module}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        one = Child(process)
        one._say(plan)
        one._hear()
        yield one
    finally:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            end(process, within_s=STOP_S)

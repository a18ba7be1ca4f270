"""A door's route table: each operation with its handler and with everything the OpenAPI description says of it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel

from web.problems import Kind

RequestKey = Literal["required", "optional"]


@dataclass(frozen=True)
class Parameter:
    """A query parameter; `pattern` or `choices` say what it may hold."""

    name: str
    description: str
    pattern: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One method of one path (relative to the door), in `{name}` placeholders.

    `answer` is the type of the good answer's JSON, or None for a picture (image/png).
    """

    method: Literal["GET", "POST", "PATCH"]
    path: str
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]]
    summary: str
    answer: type[Any] | None
    status: int = 200
    body: type[BaseModel] | None = None
    request_key: RequestKey | None = None
    session: bool = True
    query: Sequence[Parameter] = ()
    problems: Sequence[Kind] = ()

    @property
    def name(self) -> str:
        """The handler's own name, as `operationId`."""
        return self.handle.__name__


def add_operations(app: web.Application, prefix: str, operations: Iterable[Operation]) -> None:
    """Put a door's table into the application's router, below its prefix; a GET answers HEAD as well.

    Not as an application of its own: aiohttp looks such a one up and through anew with every request.
    """
    for operation in operations:
        if operation.method == "GET":
            app.router.add_get(prefix + operation.path, operation.handle)
        else:
            app.router.add_route(operation.method, prefix + operation.path, operation.handle)

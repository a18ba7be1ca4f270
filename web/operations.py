"""An API's route table: each operation with its handler and with everything the OpenAPI description says of it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel

from web.problems import Kind
from web.security import Security

BodyMethod = Literal["POST", "PUT", "DELETE"]
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
    """One method of one path, which is relative to the API's prefix and has `{name}` placeholders.

    `security` is what callers must prove, and `handle` checks it. `answer` is the type of the good answer's JSON, or None for an
    image (image/png).
    """

    method: Literal["GET"] | BodyMethod
    path: str
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]]
    summary: str
    answer: type[Any] | None
    security: Security
    status: int = 200
    body: type[BaseModel] | None = None
    request_key: RequestKey | None = None
    query: Sequence[Parameter] = ()
    problems: Sequence[Kind] = ()

    @property
    def name(self) -> str:
        """The handler's own name, as `operationId`."""
        return self.handle.__name__


def add_operations(app: web.Application, prefix: str, operations: Iterable[Operation]) -> None:
    """Add an API's operations to the application's router, below its prefix; a GET answers HEAD as well.

    They are no aiohttp sub-application, because aiohttp searches a sub-application's routes anew with every request.
    """
    for operation in operations:
        if operation.method == "GET":
            app.router.add_get(prefix + operation.path, operation.handle)
        else:
            app.router.add_route(operation.method, prefix + operation.path, operation.handle)

"""The request pipeline of every JSON API: the caller, the request key, the body, the handler, the engine's decision as an answer.

An API makes one Pipeline per security kind, from a function that finds the caller of a credential, and builds its operations with
it. The pipeline does not know what a caller is.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel

from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision, Result
from web.answers import Dataclass, json_answer
from web.bodies import LIMIT_BYTES, read_body
from web.keys import optional_request_key, request_key
from web.limits import LIMITS, NO_LIMITS
from web.operations import BodyMethod, Operation, Parameter, RequestKey
from web.problems import Kind
from web.refusals import accepted
from web.security import Security


class Caller(Protocol):
    """The caller of a request: the instant of the request, and the engine that runs their commands."""

    @property
    def engine(self) -> Engine:
        """The engine of this process."""

    @property
    def now(self) -> datetime:
        """The instant at which the request was taken up."""


C = TypeVar("C", bound=Caller)
Body = TypeVar("Body", bound=BaseModel)
R = TypeVar("R", bound=Result)


class ApiRequest(NamedTuple, Generic[C]):
    """One request of a known caller. `key` is the engine's request key, where the operation takes one and the client sent one."""

    http: web.Request
    caller: C
    key: str | None = None

    @property
    def now(self) -> datetime:
        """The instant at which the request was taken up."""
        return self.caller.now

    @property
    def required_key(self) -> str:
        """`key` of an operation that is keyed "required". Raises LookupError for any other."""
        if self.key is None:
            raise LookupError("this request has no Idempotency-Key")
        return self.key

    def path(self, name: str) -> str:
        """A placeholder's text from the path."""
        return self.http.match_info[name]

    async def run(self, command: Command) -> Decision:
        """The engine's decision on a command."""
        return await self.caller.engine.run(command)

    async def answer(
        self,
        command: Command,
        kind: type[R],
        as_json: Callable[[R], Mapping[str, object] | Dataclass],
        *,
        status: int = 200,
    ) -> web.Response:
        """Run a command and answer with what `as_json` makes of its result, a `kind`. Raises Problem for a refusal."""
        decision = await self.run(command)
        return json_answer(as_json(accepted(decision, kind)), status=status, replayed=decision.replayed)


@dataclass(frozen=True)
class Pipeline(Generic[C]):
    """Serves the operations of one security kind.

    `authenticate` finds the caller whose credential a request carries, None for nobody's; it may raise a Problem of its own.
    `key_prefix` keeps request keys of one API, or of one caller, apart from all others that name the same member; without it no
    operation can take a request key. `limited_as` is who is counted for the rate limit, whatever credential they use.
    `counts_credentials`: credentials, genuine or not, are counted for it, too, before the database is asked.
    """

    security: Security
    authenticate: Callable[[web.Request, str], Awaitable[C | None]]
    key_prefix: Callable[[C], str] | None = None
    limited_as: Callable[[C], Hashable] | None = None
    counts_credentials: bool = True

    def get(
        self,
        path: str,
        handle: Callable[[ApiRequest[C]], Awaitable[web.StreamResponse]],
        summary: str,
        answer: type[Any] | None,
        *,
        query: Sequence[Parameter] = (),
        problems: Sequence[Kind] = (),
    ) -> Operation:
        """A GET."""

        async def run(http: web.Request) -> web.StreamResponse:
            return await handle(await self.open(http))

        run.__name__ = handle.__name__
        return Operation("GET", path, run, summary, answer, self.security, query=query, problems=problems)

    def with_body(
        self,
        method: BodyMethod,
        path: str,
        handle: Callable[[ApiRequest[C], Body], Awaitable[web.StreamResponse]],
        summary: str,
        body: type[Body],
        answer: type[Any],
        *,
        status: int = 200,
        keyed: RequestKey | None = None,
        limit_bytes: int = LIMIT_BYTES,
        problems: Sequence[Kind] = (),
    ) -> Operation:
        """An operation that takes a JSON body of at most `limit_bytes`.

        Raises ValueError if it is `keyed` and the pipeline has no `key_prefix`.
        """
        if keyed is not None and self.key_prefix is None:
            raise ValueError(f"{self.security.name}: callers of this kind have no request keys")

        async def run(http: web.Request) -> web.StreamResponse:
            request = await self.open(http, keyed)
            return await handle(request, await read_body(http, body, limit_bytes))

        run.__name__ = handle.__name__
        return Operation(
            method, path, run, summary, answer, self.security, status=status, body=body, request_key=keyed,
            problems=problems,
        )  # fmt: skip

    async def open(self, http: web.Request, keyed: RequestKey | None = None) -> ApiRequest[C]:
        """The caller first, then the request key.

        Raises Problem 401 without a valid credential, 400 for a bad key, 429 for an address, a credential or a caller who asks too
        often; a credential before the database is asked whose it is.
        """
        limits = http.app.get(LIMITS, NO_LIMITS)
        limits.check_address(http)
        credential = self.security.credential(http)
        if credential and self.counts_credentials:
            limits.check_caller(credential)
        caller = None if credential is None else await self.authenticate(http, credential)
        if caller is None:
            raise self.security.unauthorized()
        if self.limited_as is not None:
            limits.check_caller(self.limited_as(caller))
        if keyed is None or self.key_prefix is None:
            return ApiRequest(http, caller)
        read = request_key if keyed == "required" else optional_request_key
        return ApiRequest(http, caller, read(http, self.key_prefix(caller)))

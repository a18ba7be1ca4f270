"""What the source must not contain (S15), as rules over its syntax tree; ruff forbids the same words by name where it can."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from tests.source import parsed

Rule: TypeAlias = Callable[[ast.Module, PurePosixPath], Iterator[ast.AST]]

SCHEMA_ROOMS: Final = (
    "models/migrations/",
    "models/grants.py",
    "models/guards.py",
    "models/placement.py",
    "bench/",
)
"""Where tables, rights and whole databases are made: no request leads here, and their names cannot be parameters."""
TRANSACTION_ROOMS: Final = (
    "loyalty/engine/transactions.py",
    "loyalty/engine/engine.py",
    "loyalty/engine/lanes.py",
    "loyalty/backtest_pages.py",
    *SCHEMA_ROOMS,
)
"""Where a transaction of the server's database may be opened. Processes of one back-test read one snapshot together."""
COMPOSED_SQL: Final = {
    ("emulator/phones.py", "column"),
    ("loyalty/backtest_pages.py", "orders.snapshot"),
    ("loyalty/engine/checks.py", "takings"),
    ("loyalty/engine/checks.py", "together"),
    ("loyalty/engine/checks.py", "feature.taken"),
    ("loyalty/engine/checks.py", "feature.name"),
    ("loyalty/engine/updates.py", "assigned"),
    ("loyalty/erasing/audit.py", "one.left"),
    ("loyalty/erasing/audit.py", "one.table"),
    ("loyalty/erasing/places.py", "table"),
    ("loyalty/engine/updates.py", "given"),
    ("loyalty/engine/updates.py", "unseen"),
    ("loyalty/engine/redecide/stored.py", "columns"),
    ("loyalty/engine/redecide/stored.py", "table.name"),
    ("loyalty/personal/copy.py", "columns"),
    ("loyalty/personal/copy.py", "kept.table"),
    ("loyalty/scope.py", "parts"),
    ("loyalty/scope.py", "select"),
}
"""Names of our own tables and columns, chosen by code and never by a request, and a snapshot that PostgreSQL has just named."""

_SERIALIZERS: Final = {
    "pickle",
    "_pickle",
    "cPickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "jsonpickle",
}
_YAML_LOADERS: Final = {"load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all"}
_OPENERS: Final = {"transaction", "in_transaction", "atomic"}
_SECRET: Final = re.compile(r"(secret|token|signature|password|hmac|\bmac|session_key)(_hash)?$")
_SQL: Final = re.compile(
    r"\s*(SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|ALTER|CREATE|DROP|WITH|SET|LOCK)\b.*\s",
    re.DOTALL,
)
_TRANSACTION: Final = re.compile(
    r"\s*(BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|PREPARE\s+TRANSACTION)\b"
)


@dataclass(frozen=True)
class Fault:
    """A line that breaks a rule."""

    rule: str
    path: PurePosixPath
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


def faults(source: str, path: PurePosixPath) -> list[Fault]:
    """Every line of a module at `path` (from the project's root) that breaks a rule."""
    tree = parsed(source)
    return [
        Fault(name, path, getattr(node, "lineno", 0))
        for name, rule in RULES.items()
        for node in rule(tree, path)
    ]


@lru_cache(maxsize=1)
def _nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All nodes of a module, for every rule; walking takes longer than looking."""
    return tuple(ast.walk(tree))


def _imports(tree: ast.Module, forbidden: set[str]) -> Iterator[ast.AST]:
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""] + [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        if any(name in forbidden or name.split(".")[0] in forbidden for name in names):
            yield node


def guessable_dice(tree: ast.Module, _path: PurePosixPath) -> Iterator[ast.AST]:
    """`random` is for games of chance without stakes: `secrets` it is."""
    yield from _imports(tree, {"random", "numpy.random"})


def serializers_that_run_code(tree: ast.Module, _path: PurePosixPath) -> Iterator[ast.AST]:
    """Reading a pickle runs whatever its writer wished."""
    yield from _imports(tree, _SERIALIZERS)


def unsafe_yaml(tree: ast.Module, _path: PurePosixPath) -> Iterator[ast.AST]:
    """Only `safe_load` builds nothing but plain values."""
    for node in _nodes(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=loader)) if loader in _YAML_LOADERS:
                if _last(value) == "yaml":
                    yield node
            case ast.ImportFrom(module="yaml", names=names):
                if any(alias.name in _YAML_LOADERS or alias.name.endswith("Loader") for alias in names):
                    yield node


def leaky_comparisons(tree: ast.Module, _path: PurePosixPath) -> Iterator[ast.AST]:
    """`==` stops at the first difference and so tells how much was right: `compare_digest` does not."""
    for node in _nodes(tree):
        if isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [node.left, *node.comparators]
            if any(map(_names_a_secret, sides)) and not any(isinstance(side, ast.Constant) for side in sides):
                yield node


def sql_made_of_values(tree: ast.Module, path: PurePosixPath) -> Iterator[ast.AST]:
    """A statement is written down; values go beside it as `$1`. Constants in capitals may be put together."""
    if str(path).startswith(SCHEMA_ROOMS):
        return
    for node in _nodes(tree):
        if isinstance(node, ast.JoinedStr) and _SQL.match(_head(node)):
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add) and _is_sql(node.left):
            parts = [node.right]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"format", "replace"}
            and _is_sql(node.func.value)
        ):
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        else:
            continue
        if not all(_is_constant(part) or (str(path), ast.unparse(part)) in COMPOSED_SQL for part in parts):
            yield node


def stray_transactions(tree: ast.Module, path: PurePosixPath) -> Iterator[ast.AST]:
    """A transaction opened in a request's task dies with it and takes a pooled connection along."""
    if str(path).startswith((*TRANSACTION_ROOMS, "emulator/", "moving/seen.py")):
        return  # their SQLite files are databases of their own
    yield from _imports(tree, {"tortoise.transactions"})
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and (
            _last(node.func) in _OPENERS or any(map(_is_transaction_word, node.args))
        ):
            yield node


RULES: Final[dict[str, Rule]] = {
    rule.__name__: rule
    for rule in (
        guessable_dice,
        serializers_that_run_code,
        unsafe_yaml,
        leaky_comparisons,
        sql_made_of_values,
        stray_transactions,
    )
}


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _last(node: ast.expr) -> str:
    return _dotted(node).split(".")[-1]


def _names_a_secret(node: ast.expr) -> bool:
    """Whether an expression is called a secret, is one made text or bytes, or is a digest just computed."""
    match node:
        case ast.Call(func=ast.Attribute(attr="digest" | "hexdigest")):
            return True
        case ast.Call(func=ast.Attribute(value=value, attr="encode" | "decode")):
            return _names_a_secret(value)
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return _SECRET.search(name) is not None
        case _:
            return _SECRET.search(_dotted(node)) is not None


def _is_constant(node: ast.expr) -> bool:
    """A literal, or a name in capitals, of a module or class."""
    return isinstance(node, ast.Constant) or _last(node).isupper()


def _head(node: ast.JoinedStr) -> str:
    """The text of an f-string with its holes as blanks, so that a hole may stand right after the verb."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else " ? " for part in node.values)


def _is_sql(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_sql(node.left)
    if isinstance(node, ast.JoinedStr):
        return _SQL.match(_head(node)) is not None
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.match(node.value) is not None
    )


def _is_transaction_word(node: ast.expr) -> bool:
    text = (
        _head(node)
        if isinstance(node, ast.JoinedStr)
        else node.value
        if isinstance(node, ast.Constant)
        else None
    )
    return isinstance(text, str) and _TRANSACTION.match(text) is not None

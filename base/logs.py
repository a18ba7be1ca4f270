"""Logs: one JSON object per line, with the request id where there is one, and never a phone number, secret or full openid.

An exception is logged as its type and the places of its traceback. Its message and local variables are left out, because they may
hold personal data, as the database's "Key (subject)=(…) already exists" does.
"""

import logging
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor

ROOT = f"{Path(__file__).parents[1]}/"
OURS = "jifen"
DEEPEST = 12
"""How many places of a traceback are logged."""


def set_up_logs(process: str, level: str = "info") -> None:
    """Send structlog's and the standard library's records to standard error, each as one JSON line.

    `level`: debug, info, warning or error, for our own records; those of libraries are logged from warning on.
    Every line has `process` and the process id, because several processes may write to one pipe.
    """
    levels = logging.getLevelNamesMapping()

    def named(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {**event, "process": process, "pid": os.getpid()}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        named,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(levels[level.upper()]),
        logger_factory=_logger_below_jifen,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(levels[level.upper()])


def _logger_below_jifen(name: str = "", *_: object) -> logging.Logger:
    """Put our loggers below one parent, whose level differs from that of libraries."""
    return logging.getLogger(f"{OURS}.{name}" if name else OURS)


def without_values(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the error's type and places."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["error"] = info[0].__name__
        event["at"] = places(info[2])
    return event


def places(came_through: TracebackType | None) -> list[str]:
    """The innermost places of a traceback, innermost last: `file:line function`."""
    frames = traceback.extract_tb(came_through)[-DEEPEST:]
    return [f"{frame.filename.removeprefix(ROOT)}:{frame.lineno} {frame.name}" for frame in frames]

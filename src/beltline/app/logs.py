"""Structured logs on stderr: JSON lines (or plain text), with secrets taken out of everything."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any

import msgspec
import structlog

from beltline.app.settings import LogSettings

_SECRET = re.compile(
    r"""(?ix)
    \bsk_(live|test)_[\w-]+                                  # our keys
    | \b(bearer|basic)\s+[\w.~+/=-]+                         # Authorization
    | (?<=://)[^\s:/@]+:[^\s@]+(?=@)                         # user:password of a URL
    | ((password|secret|token|api_key)["']?\s*[=:]\s*["']?)[^\s"'&,}]+
    """
)
_SECRET_NAMES = re.compile("(?i)password|secret|token|authorization|cookie|api_key")


def configure_logs(settings: LogSettings) -> None:
    """Send this process's own logs and those of its libraries to stderr in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    last = _renderer(json=settings.json)
    # Our own lines are written as they are: by way of the standard library each cost twice as much,
    # a tenth of a small request.
    structlog.configure(
        processors=[*shared, _encoded if settings.json else last],
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings.level)),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer) if settings.json
        else structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )  # fmt: skip
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_level(settings.level))
    # Its pool tells each failed attempt to reconnect with a traceback; the callers tell it too.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
    for name in ("dbos", "_granian", "httpx"):
        logging.getLogger(name).setLevel(max(logging.WARNING, _level(settings.level)))


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of a log line: values of telling names, and their shapes in any text."""
    for name, value in event.items():
        event[name] = "***" if _SECRET_NAMES.search(name) and value else _scrubbed(value)
    return event


def without_secrets(text: str) -> str:
    """A text with keys, passwords and tokens replaced by ***."""
    return _SECRET.sub(lambda found: f"{found[3] or ''}***", text)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return dict(_pairs(value))
    if isinstance(value, list | tuple):
        return [_scrubbed(item) for item in value]
    return value


def _pairs(value: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for name, item in value.items():
        hidden = isinstance(name, str) and _SECRET_NAMES.search(name) and item
        yield name, "***" if hidden else _scrubbed(item)


def _renderer(*, json: bool) -> Any:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    # Never the default: it would print the values of local variables, that is of pages and people.
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _encoded(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


def _level(name: str) -> int:
    return logging.getLevelNamesMapping()[name.upper()]

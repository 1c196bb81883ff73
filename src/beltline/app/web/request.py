"""Requests whose JSON is what it says: strictly typed, and nothing that cannot be stored.

No NUL, no lone surrogate, no number beyond 64 bits; `"1"` is no number.
"""

import functools
import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from beltline.app.problems import BodyMalformed, ValueUnusable
from beltline.kit.actor import Actor

# What the walk below would find; almost no body has either, so almost none is walked.
_SUSPECT = re.compile(rb"\\u0000|[0-9]{19}")
_INT64 = range(-(2**63), 2**63)

SLASH = "\0"
"""Stands in a routed path for a slash inside one of its parts; no path may have a NUL itself."""


class CheckedRequest(Request[Actor | None, Any, Any]):
    """A request that refuses, before any handler sees it, JSON that PostgreSQL cannot hold."""

    @property
    def path_params(self) -> dict[str, Any]:
        """The parts of the path, each with the slashes that were encoded in it."""
        found = super().path_params
        return {
            name: value.replace(SLASH, "/") if isinstance(value, str) else value
            for name, value in found.items()
        }

    async def json(self) -> Any:
        """The body as the type its handler takes.

        Raises BodyMalformed (400), ValueUnusable or Litestar's ValidationException (422).
        """
        body = await self.body()
        field = self.route_handler.parsed_data_field
        value = decode(body, Any if field is None else field.raw) if body else None
        # Litestar keeps it for its own extractor of the handler's `data`.
        self._json = self._connection_state.json = value
        return value


def decode(body: bytes, kind: Any = Any) -> Any:
    """JSON as a value of `kind` that a text, bigint or jsonb column can hold; no guessed types."""
    try:
        if _SUSPECT.search(body):
            _check(_decoder(Any).decode(body), "")
        return _decoder(kind).decode(body)
    except RecursionError:
        raise BodyMalformed(reason="it is nested too deeply") from None
    except msgspec.ValidationError as error:
        raise _misfit(str(error)) from None
    except msgspec.MsgspecError as error:
        raise BodyMalformed(reason=str(error).removeprefix("JSON is malformed: ")) from None
    except UnicodeDecodeError:
        raise BodyMalformed(reason="it is not UTF-8") from None


@functools.cache
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


def _misfit(message: str) -> ValidationException:
    """What msgspec says of a value, in the form in which Litestar tells of queries and paths."""
    text, _, where = message.partition(" - at `")
    key = where.rstrip("`").removeprefix("key` in `").removeprefix("$").removeprefix(".")
    return ValidationException(extra=[{"message": text, "key": key}])


def _check(value: Any, path: str) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueUnusable(reason="A text has a NUL character", param=path)
    elif isinstance(value, int):
        if value not in _INT64:
            raise ValueUnusable(reason="A number is beyond 64 bits", param=path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, path)
            _check(item, f"{path}.{key}" if path else key)

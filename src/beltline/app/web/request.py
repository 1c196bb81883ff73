"""Requests whose JSON can be stored: no NUL, no lone surrogate, no number beyond 64 bits."""

import re
from typing import Any

import msgspec
from litestar import Request

from beltline.app.problems import BodyMalformed, ValueUnusable
from beltline.kit.actor import Actor

# What the walk below would find; almost no body has either, so almost none is walked.
_SUSPECT = re.compile(rb"\\u0000|[0-9]{19}")
_INT64 = range(-(2**63), 2**63)


class CheckedRequest(Request[Actor | None, Any, Any]):
    """A request that refuses, before any handler sees it, JSON that PostgreSQL cannot hold."""

    async def json(self) -> Any:
        """The decoded body; raises BodyMalformed (400) or ValueUnusable (422)."""
        body = await self.body()
        value = decode(body) if body else None
        # Litestar keeps it for its own extractor of the handler's `data`.
        self._json = self._connection_state.json = value
        return value


def decode(body: bytes) -> Any:
    """JSON as Python values, all of which a text, bigint or jsonb column can hold."""
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise BodyMalformed(reason="it is nested too deeply") from None
    except msgspec.MsgspecError as error:
        raise BodyMalformed(reason=str(error).removeprefix("JSON is malformed: ")) from None
    except UnicodeDecodeError:
        raise BodyMalformed(reason="it is not UTF-8") from None
    if _SUSPECT.search(body):
        _check(value, "")
    return value


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

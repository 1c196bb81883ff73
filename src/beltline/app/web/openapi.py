"""OpenAPI 3.1 of the API: what Litestar finds in the handlers, plus every problem answer."""

import functools
import inspect
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

import msgspec
from litestar import Litestar, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from beltline import __version__
from beltline.app.problems import MEDIA_TYPE
from beltline.app.web.dependencies import DEPENDENCIES
from beltline.app.web.injection import by_name

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details; a refusal adds its own members.",
    "required": ["type", "title", "status", "detail", "code", "param", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Path of the page that explains the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for a person."},
        "code": {"type": "string", "examples": ["orders.moq_not_met"]},
        "param": {"type": ["string", "null"], "description": "The member at fault, as a path."},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}
_HEADERS: dict[str, Any] = {
    "RateLimit-Limit": "Requests that the caller's bucket holds.",
    "RateLimit-Remaining": "Requests left in it now.",
    "RateLimit-Reset": "Seconds until it is full again.",
    "X-Request-Id": "Name this when you ask about the request.",
}
_REPLAYED = "Sent, as true, when this is the kept answer to an earlier request with the same key."
_ALWAYS = {
    "400": "The request cannot be understood: not JSON, not UTF-8, a header missing.",
    "401": "No key, or one that does not stand.",
    "403": "The key's scopes or the organization do not allow this.",
    "429": "Too much at once; wait as long as Retry-After says.",
    "500": "A mistake of ours; nothing was changed.",
    "503": "Not just now; the same request will work soon.",
}
_WITH_INPUT = {"422": "Understood, but a value is not valid; `param` names it."}
_WITH_NAME = {"404": "What the path or the query names does not exist here."}
_WITH_EFFECT = {
    "404": "Something the request names does not exist here.",
    "409": "It does not fit the present state.",
    "410": "What is named has ended.",
    "413": "The body is too large.",
}


def describe(handlers: Sequence[ControllerRouterHandler]) -> dict[str, Any]:
    """The OpenAPI document of the API's handlers."""
    return _describe(tuple(handlers))


@functools.lru_cache(maxsize=1)
def _describe(handlers: tuple[ControllerRouterHandler, ...]) -> dict[str, Any]:
    document = _drawn(handlers)
    schemas = document["components"].setdefault("schemas", {})
    for struct in _structs(handlers):
        _say_what(schemas, struct)
    schemas["Problem"] = _PROBLEM
    document["components"]["responses"] = {}
    document["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in {**_HEADERS, "Idempotent-Replayed": _REPLAYED}.items()
    }
    for item in document["paths"].values():
        for method, operation in item.items():
            if isinstance(operation, dict):
                _add_problems(operation, method)
    return document


def _drawn(handlers: tuple[ControllerRouterHandler, ...]) -> dict[str, Any]:
    """Litestar's own document, from an application that is never served."""
    config = OpenAPIConfig(
        title="Beltline",
        version=__version__,
        description="The digital supply network for industrial belts. Lists are "
        "`{items, next_cursor}`; every POST takes an Idempotency-Key; a key that begins with "
        "`sk_test_` works in the sandbox.",
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http", scheme="bearer", description="An API key: sk_live_… or sk_test_…"
                )
            }
        ),
        security=[{"bearer": []}],
        use_handler_docstrings=True,
    )
    router = Router("/", route_handlers=handlers, dependencies=DEPENDENCIES)
    with by_name():
        # It must not bring a configuration of logs along: that would replace this process's own.
        app = Litestar([router], openapi_config=config, logging_config=None)
    return app.openapi_schema.to_schema()


def _structs(handlers: Sequence[ControllerRouterHandler]) -> set[type[msgspec.Struct]]:
    """Every struct that a handler takes or gives, and those inside."""
    found: set[type[msgspec.Struct]] = set()
    waiting = [
        hint
        for handler in handlers
        if isinstance(handler, HTTPRouteHandler)
        for hint in get_type_hints(handler.fn).values()
    ]
    while waiting:
        hint = waiting.pop()
        if not (isinstance(hint, type) and issubclass(hint, msgspec.Struct)):
            waiting += get_args(hint)
        elif hint not in found:
            found.add(hint)
            waiting += get_type_hints(hint).values()
    return found


def _say_what(schemas: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Put what a struct says of itself into its schema: units, states, what is empty when.

    Litestar takes it from enumerations only. A schema is named by the end of the struct's path.
    """
    path = f"{struct.__module__}.{struct.__name__}".replace(".", "_")
    for key, schema in schemas.items():
        is_own = key == struct.__name__ or ("_" in key and path.endswith(f"_{key}"))
        if is_own and "properties" in schema:
            schema["description"] = inspect.getdoc(struct)


def _add_problems(operation: dict[str, Any], method: str) -> None:
    wanted = dict(_ALWAYS)
    if method != "get":
        wanted |= _WITH_EFFECT
    if operation.get("parameters"):
        wanted |= _WITH_NAME
    if operation.get("parameters") or operation.get("requestBody"):
        wanted |= _WITH_INPUT
    own = {status: answer for status, answer in operation["responses"].items() if int(status) < 400}
    operation["responses"] = own | {
        status: _problem_answer(status, wanted[status]) for status in sorted(wanted)
    }
    names = [*_HEADERS]
    if any(p.get("name") == "Idempotency-Key" for p in operation.get("parameters", ())):
        names.append("Idempotent-Replayed")
    for answer in operation["responses"].values():
        shared = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        answer["headers"] = shared | answer.get("headers", {})


def _problem_answer(status: str, description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    answer: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in {"429", "503"}:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return answer

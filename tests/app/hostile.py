"""Hostile requests for every operation of the OpenAPI document: right but for one part."""

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import httpx

from beltline.kit.db import Database
from tests.app.client import client_of, settings_for_tests
from tests.orders.http import key_of
from tests.orders.make import make_market

# Escaped by hand where JSON's writer would refuse; each is one value in place of a right one.
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, -(2**63) - 1, 10**40, 1e308, -0.0, 0.1, float("nan"), "", " ",
    "a\0b", "\ud800", "A/B?c=%25#d", "..", "\u202e\u0000", "😀" * 200, "x" * 20_000, "9" * 400,
    "2026-99-99", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999+14:00", [], [[]], {}, {"": 1},
)  # fmt: skip
BODIES: tuple[bytes, ...] = (
    b"", b"null", b"[]", b"{}", b'"x"', b"1e999", b"NaN", b"{", b"\xff\xfe", b'{"a":"\\ud800"}',
    b"[" * 100_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000, b'{"\\u0000":1}', b'{"a":1,"a":2}',
    b"\x00", b"\xef\xbb\xbf{}",
)  # fmt: skip
PATHS = (
    "x", "%2F", "A%2FB", "..%2F..", "%25", "%3F%23", "%E4%BD%A0", "%00", "%ff", "%ed%a0%80",
    "x" * 3_000, "ord_" + "0" * 32, "po_" + "f" * 32, "9" * 40, "%20", "-1", "null", "%5C",
)  # fmt: skip
QUERIES = (
    "", "x", "-1", "0", "999999999999999999999999", "9223372036854775808", "1e308", "NaN", "%00",
    "%ff", "%ed%a0%80", "%F0%9F%98%80", "x" * 5_000, "null", "2026-99-99", "WyJ4Il0", "W10", "true",
    "%25_%5C", "0001-01-01", "9999-12-31",
)  # fmt: skip


class Case(NamedTuple):
    """A request: where to, with which body (None sends none), of which operation."""

    operation: dict[str, Any]
    method: str
    path: str
    body: bytes | None


async def send_hostile(database: Database, requests: Sequence[Case], party: str) -> list[str]:
    """Send all as a party of a small market; what was wrong with the answers."""
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    key = await key_of(database, getattr(market, party))
    settings = settings_for_tests(rate_key=1e6, rate_org=1e6)
    wrong = []
    async with client_of(database.dsn, settings=settings, **key) as http:
        for number, case in enumerate(requests):
            answer = await _send(http, case, number)
            wrong += [
                f"{fault}: {case.method} {case.path[:120]} {case.body!r:.200}"
                for fault in faults_of(case, answer)
            ]
    return wrong


def faults_of(case: Case, answer: httpx.Response) -> list[str]:
    """What is wrong with an answer; nothing when it is one the document knows."""
    if str(answer.status_code) not in case.operation["responses"] or answer.status_code >= 500:
        return [f"{answer.status_code} {answer.text[:300]}"]
    if answer.status_code < 400:
        return []
    if answer.headers["content-type"] != "application/problem+json":
        return [f"not a problem: {answer.headers['content-type']}"]
    members = {"type", "title", "status", "detail", "code", "param", "request_id"}
    return [f"{answer.text[:200]} lacks members"] if not members <= set(answer.json()) else []


def example_of(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """A body that fits the operation, or nearly; None where it takes no JSON."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return _example(document, content["application/json"].get("schema", {}))


def operations_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations that take any input."""
    return [
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        and ({"path", "query"} & {p["in"] for p in operation.get("parameters", ())}
             or operation.get("requestBody"))
    ]  # fmt: skip


def cases(document: dict[str, Any]) -> Iterator[Case]:
    """Every hostile request for every operation."""
    for template, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield from _cases_of(document, template, method, operation)


async def _send(http: httpx.AsyncClient, case: Case, number: int) -> httpx.Response:
    headers = {"Idempotency-Key": f"h{number}", "Content-Type": "application/json"}
    if "multipart/form-data" in case.operation.get("requestBody", {}).get("content", {}):
        headers["Content-Type"] = "multipart/form-data; boundary=x"
    return await http.request(case.method, case.path, content=case.body, headers=headers)


def _cases_of(
    document: dict[str, Any], template: str, method: str, operation: dict[str, Any]
) -> Iterator[Case]:
    usual = template
    names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"]
    for name in names:
        usual = usual.replace(f"{{{name}}}", "ord_" + "0" * 32)
    content = operation.get("requestBody", {}).get("content", {})
    example = _example(document, content.get("application/json", {}).get("schema", {}))
    body = json.dumps(example).encode() if "application/json" in content else None
    for name in names:
        for value in PATHS:
            path = template.replace(f"{{{name}}}", value)
            for other in names:
                path = path.replace(f"{{{other}}}", "ord_" + "0" * 32)
            yield Case(operation, method, path, body)
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            for value in QUERIES:
                yield Case(operation, method, f"{usual}?{parameter['name']}={value}", body)
    if content:
        for raw in BODIES:
            yield Case(operation, method, usual, raw)
    if body is not None:
        yield Case(operation, method, usual, body)
        for spoiled in _spoiled(example):
            yield Case(operation, method, usual, json.dumps(spoiled).encode())


def _spoiled(example: Any) -> Iterator[Any]:
    """The example with one hostile value in each place in turn, the places taking turns."""
    places = list(_places(example))
    # Every place gets every third value, every value some place: a third of the requests.
    for number, (place, value) in enumerate(itertools.product(places, VALUES)):
        if (number // len(VALUES) + number) % 3 == 0:
            yield _with(example, place, value)


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, item in inside:
        yield (*at, key)
        yield from _places(item, (*at, key))


def _with(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = _with(value[place[0]], place[1:], new)
    return copy


def _example(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    """A value that fits the schema, or nearly."""
    if depth > 6:
        schema = {}
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _example(document, schema, depth + 1)
    if several := schema.get("oneOf") or schema.get("anyOf"):
        fit = [s for s in several if s.get("type") != "null"]
        return _example(document, fit[0] if fit else {}, depth + 1)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    kind = next((k for k in kind if k != "null"), None) if isinstance(kind, list) else kind
    if kind in {"object", "array"}:
        inside = schema.get("properties", {})
        members = {name: _example(document, of, depth + 1) for name, of in inside.items()}
        return members if kind == "object" else [_example(document, schema["items"], depth + 1)]
    simple = {"integer": schema.get("minimum", 1), "number": 1.5, "boolean": True, "None": None}
    return simple.get(str(kind), _text(schema))


def _text(schema: dict[str, Any]) -> str:
    known = {"date": "2026-11-20", "date-time": "2026-11-20T09:41:00Z", "decimal": "1.50"}
    return known.get(str(schema.get("format")), "x" * max(3, schema.get("minLength", 0)))

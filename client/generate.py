"""Writes the client's models and operations from the API's own description.

`make docs` runs it; the test of the client fails when somebody forgot. What is written once by
hand (connections, tries, problems) stands beside it and is not touched. Why no generator from
the registry does it: docs/decisions/0028.
"""

import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final, NamedTuple

Schema = Mapping[str, Any]

TARGET: Final = Path(__file__).parent / "src/beltline_client/generated"
HEAD: Final = '"""Written by `make docs` from the API\'s description; change that instead."""\n'
_SCALARS: Final = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None",
}  # fmt: skip
_TIMES: Final = {"date-time": "dt.datetime", "date": "dt.date"}
_MODEL_IMPORTS: Final = """
import datetime as dt
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType
"""
_OPERATION_IMPORTS: Final = """
import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote

from beltline_client.generated import models
from beltline_client.transport import Transport
"""
_KEY: Final = "Idempotency-Key"
_JSON: Final = "application/json"
_FORM: Final = "multipart/form-data"


class Operation(NamedTuple):
    """One operation of the API as a method of the client."""

    group: str
    name: str
    verb: str
    path: str
    spec: Schema

    @property
    def parameters(self) -> list[Schema]:
        """What its path and query take."""
        found: list[Schema] = self.spec.get("parameters", [])
        return [each for each in found if each["in"] != "header"]

    @property
    def is_keyed(self) -> bool:
        """Whether it takes an idempotency key."""
        return any(each["name"] == _KEY for each in self.spec.get("parameters", []))

    def body(self, kind: str) -> Schema | None:
        """The schema of a body of a media type; None when it takes no such body."""
        content = self.spec.get("requestBody", {}).get("content", {})
        found: Schema | None = content.get(kind, {}).get("schema")
        return found


class Api:
    """The description, and the names its schemas have here."""

    def __init__(self, document: Schema) -> None:
        self.schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self.operations = list(_operations(document))
        self._names = _class_names(self.schemas)
        self._sent = self._reach(self._bodies())

    def name(self, reference: str) -> str:
        """The class of a reference."""
        return self._names[reference.rpartition("/")[2]]

    def is_sent(self, key: str) -> bool:
        """Whether callers make it: its choices are checked; those of answers may grow."""
        return key in self._sent

    def follow(self, schema: Schema) -> Schema:
        """The schema itself, or the one it refers to."""
        return self.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _bodies(self) -> Iterator[Schema]:
        for operation in self.operations:
            yield from (each["schema"] for each in operation.parameters)
            yield from filter(None, (operation.body(_JSON), operation.body(_FORM)))

    def _reach(self, starts: Iterator[Schema]) -> set[str]:
        waiting = [key for schema in starts for key in references(schema)]
        reached: set[str] = set()
        while waiting:
            key = waiting.pop()
            if key not in reached:
                reached.add(key)
                waiting += references(self.schemas[key])
        return reached

    def shown(self, schema: Schema, *, prefix: str = "", is_sent: bool = True) -> str:
        """The type of a schema, as an annotation; `prefix` goes before names of models."""
        if "$ref" in schema:
            return prefix + self.name(schema["$ref"])
        if "enum" in schema and is_sent:
            literal = ", ".join(f'"{each}"' for each in schema["enum"] if each is not None)
            return f"Literal[{literal}]" + (" | None" if None in schema["enum"] else "")
        if "oneOf" in schema:
            return self._union(schema["oneOf"], prefix=prefix, is_sent=is_sent)
        kind = schema.get("type")
        if isinstance(kind, list):
            return _joined(_SCALARS[each] for each in kind)
        if kind in {"array", "object"}:
            inner = schema.get("items" if kind == "array" else "additionalProperties") or {}
            values = self.shown(inner, prefix=prefix, is_sent=is_sent)
            return f"list[{values}]" if kind == "array" else f"dict[str, {values}]"
        return _TIMES.get(schema.get("format", "")) or _SCALARS.get(str(kind), "Any")

    def _union(self, options: list[Schema], *, prefix: str, is_sent: bool) -> str:
        structs = [o for o in options if "properties" in self.follow(o)]
        # Objects without a tag cannot be told apart.
        return (
            "Any" if len(structs) > 1
            else _joined(self.shown(o, prefix=prefix, is_sent=is_sent) for o in options)
        )  # fmt: skip


def _joined(types: Any) -> str:
    """A union, each type once and None last."""
    found = list(dict.fromkeys(types))
    return " | ".join(sorted(found, key="None".__eq__))


def references(schema: Any) -> list[str]:
    """The keys of all schemas a schema names."""
    if isinstance(schema, list):
        return [key for each in schema for key in references(each)]
    if not isinstance(schema, Mapping):
        return []
    own = [schema["$ref"].rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
    return own + [key for each in schema.values() for key in references(each)]


def _class_names(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """`orders_types_OrderBody` is OrdersOrderBody, or all of it where that would name two."""
    short = {key: _camel(key.split("_")[0], key.rpartition("_")[2]) for key in schemas}
    return {
        key: _camel(*key.split("_")) if list(short.values()).count(name) > 1 else name
        for key, name in short.items()
    }


def _camel(*words: str) -> str:
    distinct = list(dict.fromkeys(words))
    return "".join(word[:1].upper() + word[1:] for word in distinct)


def _operations(document: Schema) -> Iterator[Operation]:
    for path, item in sorted(document["paths"].items()):
        for verb, spec in item.items():
            if isinstance(spec, Mapping):
                group = path.split("/")[2].replace("-", "_")
                yield Operation(group, _method_name(path, spec), verb.upper(), path, spec)


def _method_name(path: str, spec: Schema) -> str:
    """The handler's own name: what its operation id has after the words of its path."""
    rest: str = spec["operationId"]
    for word in path.split("/"):
        # A parameter can be missing there, a word cannot.
        rest = rest.removeprefix(re.sub(r"[^A-Za-z0-9]", "", word.title()))
    return _snake(rest)


def _snake(text: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", text).lower()


def _safe(name: str) -> str:
    plain = re.sub(r"\W", "_", name)
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _docstring(text: str, indent: str) -> str:
    paragraphs = [
        textwrap.fill(" ".join(each.split()), 96, initial_indent=indent, subsequent_indent=indent)
        for each in re.split(r"\n\s*\n", text.strip())
    ]
    shown = f'{indent}"""' + "\n\n".join(paragraphs).removeprefix(indent)
    return f'{shown}\n{indent}"""' if "\n" in shown else f'{shown}"""'


def models_text(api: Api) -> str:
    """The module of all types of the API, each after those it uses."""
    parts = [HEAD, _MODEL_IMPORTS]
    graph = {key: references(schema) for key, schema in sorted(api.schemas.items())}
    for key in TopologicalSorter(graph).static_order():
        schema = api.schemas[key]
        if key == "Problem":
            continue
        parts.append(_struct(api, key) if "properties" in schema else _alias(api, key))
    return "\n".join(parts)


def _alias(api: Api, key: str) -> str:
    schema = api.schemas[key]
    kind = api.shown(schema, is_sent=api.is_sent(key))
    values = ", ".join(str(each) for each in schema.get("enum", ()))
    text = f"{schema.get('description', key)}\n\n{values}"
    return f"\n{api.name(key)}: TypeAlias = {kind}\n{_docstring(text, '')}"


def _struct(api: Api, key: str) -> str:
    schema, is_sent = api.schemas[key], api.is_sent(key)
    name = api.name(key)
    lines = [f"\nclass {name}(msgspec.Struct, frozen=True, kw_only=True):"]
    if "description" in schema:
        lines += [_docstring(schema["description"], "    "), ""]
    required = set(schema.get("required", ()))
    for field, inner in schema["properties"].items():
        kind = api.shown(inner, is_sent=is_sent)
        if field not in required:
            # What a caller leaves out is for the server to choose.
            empty, other = ("UNSET", "UnsetType") if is_sent else ("None", "None")
            kind = f"{_joined([*kind.split(' | '), other])} = {empty}"
        lines.append(f"    {_safe(field)}: {kind}")
    return "\n".join(lines)


def operations_text(api: Api) -> str:
    """The module of all operations, in groups by the first word of their paths."""
    groups: dict[str, list[Operation]] = {}
    for operation in api.operations:
        groups.setdefault(operation.group, []).append(operation)
    parts = [HEAD, _OPERATION_IMPORTS]
    for group, operations in groups.items():
        parts.append(f"\nclass {_camel(*group.split('_'))}:")
        parts.append(f'    """Operations under `/v1/{group.replace("_", "-")}`."""\n')
        parts.append("    def __init__(self, transport: Transport) -> None:")
        parts.append("        self._transport = transport\n")
        taken: set[str] = set()
        for operation in operations:
            name = operation.name if operation.name not in taken else _long_name(operation)
            taken.add(name)
            parts += _methods(api, operation._replace(name=name))
    parts.append('\nclass Operations:\n    """All operations of the API, by group."""\n')
    parts.append("    def __init__(self, transport: Transport) -> None:")
    parts += [f"        self.{g} = {_camel(*g.split('_'))}(transport)" for g in groups]
    return "\n".join(parts) + "\n"


def _long_name(operation: Operation) -> str:
    """A name of two operations of a group, with what the path says before its end."""
    words = [w for w in operation.path.split("/")[3:] if w and not w.startswith("{")]
    return "_".join([operation.name, *(word.replace("-", "_") for word in words)])


def _methods(api: Api, operation: Operation) -> list[str]:
    answer, is_list = _answer(api, operation)
    text = f"{operation.spec['summary']}.\n\n{operation.spec.get('description', '')}"
    taken = _taken(api, operation)
    method = [
        f"    def {operation.name}({', '.join(['self', *taken])}) -> {answer}:",
        _docstring(text, "        "),
        f"        return self._transport.send({', '.join(_sent(api, operation, answer))})\n",
    ]
    if not is_list:
        return method
    return method + _row_method(api, operation, taken, answer)


def _row_method(api: Api, operation: Operation, taken: list[str], answer: str) -> list[str]:
    """The same list row by row."""
    fields = api.follow(_success(operation)[1])["properties"]
    row = api.shown(fields["items"]["items"], prefix="models.")
    asked = [each for each in taken if not each.startswith(("cursor:", "limit:"))]
    asked = asked[:-1] if asked[-1:] == ["*"] else asked
    names = [q["name"] for q in operation.parameters if q["in"] == "query"]
    query = ", ".join(f'"{n}": {_safe(n)}' for n in names if n not in {"cursor", "limit"})
    name = f"iter_{operation.name.removeprefix('list_')}"
    sent = f"{_address(operation)}, {answer}, query={{{query}}}"
    return [
        f"    def {name}({', '.join(['self', *asked])}) -> Iterator[{row}]:",
        _docstring(f"{operation.spec['summary']}: all rows, page after page.", "        "),
        f"        return self._transport.pages({sent})\n",
    ]


def _success(operation: Operation) -> tuple[str, Schema]:
    """The media type and schema of the answer when all is well."""
    for status, answer in sorted(operation.spec["responses"].items()):
        if int(status) < 400:
            for kind, content in answer.get("content", {}).items():
                return kind, content.get("schema", {})
    return "", {}


def _answer(api: Api, operation: Operation) -> tuple[str, bool]:
    """The type of the answer, and whether it is a page of a list that goes on."""
    kind, schema = _success(operation)
    if kind != _JSON:
        return "bytes", False
    names = {each["name"] for each in operation.parameters}
    fields = api.follow(schema).get("properties", {})
    return api.shown(schema, prefix="models."), "cursor" in names and "next_cursor" in fields


def _taken(api: Api, operation: Operation) -> list[str]:
    """The parameters of a method: its path, its body, then the rest by name."""
    by_place: dict[str, list[str]] = {"path": [], "query": []}
    for each in sorted(operation.parameters, key=lambda p: not p.get("required")):
        kind = api.shown(each["schema"], prefix="models.")
        if not each.get("required"):
            kind = f"{_joined([*kind.split(' | '), 'None'])} = None"
        by_place[each["in"]].append(f"{_safe(each['name'])}: {kind}")
    place, named = by_place["path"], by_place["query"]
    body, form = operation.body(_JSON), operation.body(_FORM)
    if body is not None:
        kind = api.shown(body, prefix="models.")
        place.append(f"body: {kind}" + (" = None" if kind.endswith("| None") else ""))
    if form is not None:
        place.append("file: tuple[str, bytes]")
        named += _form_fields(api, api.follow(form))
    if operation.is_keyed:
        named.append("idempotency_key: str | None = None")
    return [*place, "*", *named] if named else place


def _form_fields(api: Api, form: Schema) -> list[str]:
    fields = []
    for name, schema in sorted(form["properties"].items()):
        if name == "file":
            continue
        kind = api.shown(schema, prefix="models.")
        is_needed = name in form["required"]
        fields.append(
            f"{name}: {kind}" if is_needed
            else f"{name}: {_joined([*kind.split(' | '), 'None'])} = None"
        )  # fmt: skip
    return sorted(fields, key=lambda field: " = " in field)


def _sent(api: Api, operation: Operation, answer: str) -> list[str]:
    """What a method hands on."""
    names = [q["name"] for q in operation.parameters if q["in"] == "query"]
    sent = [f'"{operation.verb}"', _address(operation), answer]
    if names:
        sent.append("query={" + ", ".join(f'"{n}": {_safe(n)}' for n in names) + "}")
    if operation.body(_JSON) is not None:
        sent.append("body=body")
    form = operation.body(_FORM)
    if form is not None:
        fields = sorted(name for name in api.follow(form)["properties"] if name != "file")
        sent += ["file=file", "form={" + ", ".join(f'"{n}": {n}' for n in fields) + "}"]
    if operation.is_keyed:
        sent += ["idempotency_key=idempotency_key", "is_keyed=True"]
    return sent


def _address(operation: Operation) -> str:
    path = re.sub(r"\{(\w+)\}", r"{quote(\1, safe='')}", operation.path)
    return f'f"{path}"' if path != operation.path else f'"{path}"'


def written(document: Schema) -> dict[str, str]:
    """The generated modules by name, as the formatter leaves them."""
    api = Api(document)
    texts = {
        "__init__.py": HEAD,
        "models.py": models_text(api),
        "operations.py": operations_text(api),
    }
    return {name: _formatted(text) for name, text in texts.items()}


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    for arguments in (
        ["check", "--quiet", "--fix-only", "--select", "F401,I001", "-"],
        ["format", "--quiet", "--line-length", "100", "-"],
    ):
        done = subprocess.run(  # noqa: S603
            [ruff, *arguments], input=text, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text


def write(document: Schema) -> None:
    """Write the modules beside the ones written by hand."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in written(document).items():
        (TARGET / name).write_text(text, "utf-8")

"""A network as ONNX bytes, written by hand: the few messages a chain of convolutions needs.

The field numbers are those of onnx.proto (IR version 9, operator set 17). Writing them here
saves the `onnx` package, which would be needed for this alone.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from beltline.science.arrays import Floats

_FLOAT: Final = 1
_VARINT: Final = 0
_BYTES: Final = 2
_INT_ATTRIBUTE, _STRING_ATTRIBUTE, _INTS_ATTRIBUTE = 2, 3, 7
_IR_VERSION: Final = 9
_OPERATORS: Final = 17

Attribute = int | str | tuple[int, ...]


class Node(msgspec.Struct, frozen=True):
    """An operator with its inputs, its one output and its attributes."""

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Attribute] = {}


def write_graph(
    nodes: Sequence[Node],
    weights: dict[str, Floats],
    *,
    source: tuple[str, Sequence[int | str]],
    target: tuple[str, Sequence[int | str]],
) -> bytes:
    """The model; a dimension that is a text may have any length."""
    graph = b"".join(_field(1, _node(node)) for node in nodes)
    graph += _field(2, b"network")
    graph += b"".join(_field(5, _tensor(name, value)) for name, value in weights.items())
    graph += _field(11, _value(*source)) + _field(12, _value(*target))
    operators = _field(1, b"") + _number(2, _OPERATORS)
    return _number(1, _IR_VERSION) + _field(7, graph) + _field(8, operators)


def _node(node: Node) -> bytes:
    named = b"".join(_field(1, name.encode()) for name in node.inputs)
    named += _field(2, node.output.encode()) + _field(4, node.operator.encode())
    return named + b"".join(
        _field(5, _attribute(name, value)) for name, value in node.attributes.items()
    )


def _attribute(name: str, value: Attribute) -> bytes:
    head = _field(1, name.encode())
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, _INT_ATTRIBUTE)
    if isinstance(value, str):
        return head + _field(4, value.encode()) + _number(20, _STRING_ATTRIBUTE)
    return head + b"".join(_number(8, part) for part in value) + _number(20, _INTS_ATTRIBUTE)


def _tensor(name: str, value: Floats) -> bytes:
    shape = b"".join(_number(1, size) for size in value.shape)
    raw = np.ascontiguousarray(value, "<f4").tobytes()
    return shape + _number(2, _FLOAT) + _field(8, name.encode()) + _field(9, raw)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(
        _field(1, _number(1, size) if isinstance(size, int) else _field(2, size.encode()))
        for size in shape
    )
    kind = _number(1, _FLOAT) + _field(2, sizes)
    return _field(1, name.encode()) + _field(2, _field(1, kind))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)

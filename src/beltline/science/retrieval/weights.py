"""Tensors out of a file that torch wrote before 2020, with no torch and no code run from it.

The format is four pickles (magic, version, system, the state) and the storages after them.
Unpickling is restricted to the three names a state needs; anything else in the file is refused.
"""

import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np

from beltline.science.arrays import Floats

_KINDS: Final = {"FloatStorage": np.float32, "LongStorage": np.int64}


class _View(msgspec.Struct, frozen=True):
    """A tensor before its storage is read: where it lies and its shape."""

    kind: str
    key: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name == "_rebuild_tensor_v2":
            return _rebuild
        if module == "torch" and name in _KINDS:
            return name
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a state")

    def persistent_load(self, reference: Any) -> Any:
        return reference[1], reference[2]


def read_weights(path: Path) -> dict[str, Floats]:
    """The tensors of a state file by name."""
    with path.open("rb") as file:
        for _ in range(3):
            _Restricted(file).load()
        state = _Restricted(file).load()
        keys = _Restricted(file).load()
        kinds = {view.key: view.kind for view in state.values()}
        storages = {key: _read_storage(file, _KINDS[kinds[key]]) for key in keys}
    return {name: _tensor(storages[view.key], view) for name, view in state.items()}


def _rebuild(storage: tuple[str, str], offset: int, shape: Any, strides: Any, *_: Any) -> _View:
    return _View(storage[0], storage[1], offset, tuple(shape), tuple(strides))


def _read_storage(file: BinaryIO, kind: Any) -> Any:
    (length,) = struct.unpack("<q", file.read(8))
    return np.frombuffer(file.read(length * np.dtype(kind).itemsize), kind)


def _tensor(storage: Any, view: _View) -> Floats:
    steps = tuple(step * storage.itemsize for step in view.strides)
    strided = np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, steps)
    return np.ascontiguousarray(strided, np.float32)

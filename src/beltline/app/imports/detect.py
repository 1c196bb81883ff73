"""What a file holds, told from its name and its columns."""

import re
from pathlib import PurePath

from beltline.app.imports.loaders import LOADERS
from beltline.app.imports.types import DatasetUnclear
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.fields import Dataset
from beltline.kit.sheets.mapping import missing_fields, sample, suggest
from beltline.kit.sheets.types import Mapping, Table


def detect_dataset(table: Table, file_name: str) -> str:
    """The data set that the name says or the columns fit best; refuses a guess in the dark."""
    words = re.split(r"[^a-z]+", PurePath(file_name).stem.lower())
    rows = sample(table)
    fits = {
        name: _fit(suggest(table.headers, rows, DATASETS[name]), DATASETS[name])
        for name in LOADERS
        if name in DATASETS
    }
    for name in sorted(fits, key=len, reverse=True):
        parts = name.split("_")
        if fits[name] > 0 and all(part in words for part in parts):
            return name
    ranked = sorted(fits.items(), key=lambda item: -item[1])
    (best, first), (_, second) = ranked[0], ranked[1]
    if first <= 0 or first - second < 0.05:
        raise DatasetUnclear(file=file_name, known=", ".join(LOADERS), param="dataset")
    return best


def _fit(mapping: Mapping, dataset: Dataset) -> float:
    """Share of the file's columns that found a field, weighed by how surely.

    0 when a required field is missing.
    """
    if missing_fields(mapping, dataset) or not mapping.columns:
        return 0.0
    sure = sum(column.confidence for column in mapping.columns if column.field is not None)
    width = max(len(mapping.columns), len([f for f in dataset.fields if f.required]))
    return sure / width

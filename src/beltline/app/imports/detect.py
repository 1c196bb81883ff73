"""What a file holds, told from its name and its columns."""

import re
from pathlib import PurePath

from beltline.app.imports.loaders import LOADERS
from beltline.app.imports.types import DatasetUnclear
from beltline.kit.sheets.datasets import DATASETS, IN_STOCK
from beltline.kit.sheets.fields import Dataset
from beltline.kit.sheets.mapping import missing_fields, sample, suggest
from beltline.kit.sheets.types import Layout, Mapping, Table

_CLEARLY_BETTER = 0.05


def told_dataset(table: Table, file_name: str) -> str:
    """The data set that the file's name says, else the one its columns fit."""
    return named_dataset(file_name) or detect_dataset(table, file_name)


def named_dataset(file_name: str) -> str | None:
    """The data set that a file's name says: `demand_2026.csv`, `orders-open.xlsx`."""
    words = re.split(r"[^a-z]+", PurePath(file_name).stem.lower())
    named = [name for name in LOADERS if all(part in words for part in name.split("_"))]
    return max(named, key=len, default=None)


def detect_dataset(table: Table, file_name: str) -> str:
    """The data set whose fields a file's columns fit best; refuses a guess in the dark."""
    rows = sample(table)
    fits = {
        name: _fit(suggest(table.headers, rows, DATASETS[name]), DATASETS[name])
        for name in LOADERS
        if name in DATASETS
    }
    ranked = sorted(fits.items(), key=lambda item: -item[1])
    (best, first), (_, second) = ranked[0], ranked[1]
    if first <= 0 or first - second < _CLEARLY_BETTER:
        raise DatasetUnclear(file=file_name, known=", ".join(LOADERS), param="dataset")
    return best


def _fit(mapping: Mapping, dataset: Dataset) -> float:
    """Share of the file's columns that found a field, weighed by how surely.

    0 when a required field is missing.
    """
    if missing_fields(mapping, dataset) or not mapping.columns:
        return 0.0
    if dataset is IN_STOCK and mapping.layout is Layout.WIDE:
        # Dates as columns are demand unless the name says otherwise.
        return 0.0
    sure = sum(column.confidence for column in mapping.columns if column.field is not None)
    width = max(len(mapping.columns), len([f for f in dataset.fields if f.required]))
    return sure / width

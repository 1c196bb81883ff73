"""The unit of scale: one shard of series in, forecasts and proposals out.

A shard is an Arrow IPC file with one row per series that carries everything a plan needs: history,
stock, pipeline, terms, lead times; calendars, drivers and settings lie in its metadata. Shards are
cut by `keys.shard_of(sku)`. The same series get the same numbers in any cut, and a shard that was
already planned from the same input and model is left alone, so a killed plan is simply run again.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.ipc

from beltline.science.engines import LOCAL, Engine, open_engine
from beltline.science.forecast import (
    QUANTILES,
    Forecast,
    Model,
    forecast,
    load_model,
    simulate_chunks,
)
from beltline.science.keys import series_keys
from beltline.science.panel import Freq, Panel, Static, encode
from beltline.science.replenish import decide, explain
from beltline.science.terms import Decisions, Policy, Terms

FORMAT_VERSION = 2
META = b"beltline"


class Settings(msgspec.Struct, frozen=True):
    """What a shard is planned with, the same for all shards of a plan."""

    seed: int = 0
    paths: int = 200
    policy: Policy = Policy()
    quantiles: tuple[float, ...] = QUANTILES


class Planned(msgspec.Struct, frozen=True):
    """Outcome of one shard: its output, how many series, and whether it was already there."""

    path: str
    series: int
    skipped: bool


class ShardTask(msgspec.Struct, frozen=True):
    """Input, model and output path of one shard."""

    shard: str
    model: str
    output: str


class _Meta(msgspec.Struct, frozen=True):
    version: int
    freq: Freq
    first_date: date
    ahead: int
    settings: Settings
    shared_known: dict[str, list[float]]
    arrivals: list[list[list[int]]]


class _Stamp(msgspec.Struct, frozen=True):
    """Metadata of an output file: what it was made from."""

    version: int
    inputs: str
    first_date: date
    freq: Freq
    quantiles: tuple[float, ...]


def plan_shard(in_path: str | Path, model_path: str | Path, out_path: str | Path) -> Planned:
    """Forecast and decide one shard, and write the result whole or not at all."""
    source, output = Path(in_path), Path(out_path)
    inputs = _digest(source, Path(model_path))
    done = _stamp_of(output)
    if done is not None and done.inputs == inputs:
        with pa.memory_map(str(output)) as file:
            count = pyarrow.ipc.open_file(file).read_all().num_rows
        return Planned(path=str(output), series=count, skipped=True)
    panel, terms, settings = read_shard(source)
    model = load_model(Path(model_path))
    frame, first = _plan(panel, terms, settings, model)
    stamp = _Stamp(version=FORMAT_VERSION, inputs=inputs, first_date=first,
                   freq=panel.freq, quantiles=settings.quantiles)  # fmt: skip
    _write(output, frame.replace_schema_metadata({META: msgspec.json.encode(stamp)}))
    return Planned(path=str(output), series=panel.size, skipped=False)


def run_shards(
    tasks: Sequence[ShardTask], *, workers: int, engine: Engine = LOCAL
) -> Iterator[Planned]:
    """Plan shards on an engine, yielding each as it is done.

    The workers of a cluster must reach the files of the tasks. Run again after a crash, finished
    shards cost only the reading of their digests.
    """
    if workers <= 1 and engine.is_local:
        for task in tasks:
            yield plan_shard(task.shard, task.model, task.output)
        return
    with open_engine(engine, workers=workers) as pool:
        jobs = [pool.submit(plan_shard, t.shard, t.model, t.output) for t in tasks]
        for job in as_completed(jobs):
            yield job.result()


def write_shard(path: str | Path, panel: Panel, terms: Terms, settings: Settings) -> None:
    """Write the input of `plan_shard`: panel and terms of the same series, row by row."""
    columns: dict[str, pa.Array] = {
        "unique_id": pa.array(panel.unique_ids.to_list(), pa.large_string()),
        "y": _matrix(panel.y),
    }
    if panel.in_stock is not None:
        columns["in_stock"] = _matrix(panel.in_stock)
    if panel.price is not None:
        columns["price"] = _matrix(panel.price)
    for name, static in panel.static.items():
        values = pa.DictionaryArray.from_arrays(static.codes, list(static.names))
        columns[f"static.{name}"] = values.cast(pa.large_string())
    for name, known in panel.known.items():
        if len(known) == panel.size and panel.size != 1:
            columns[f"known.{name}"] = _matrix(known)
    for name in _term_fields():
        values = getattr(terms, name)
        columns[f"terms.{name}"] = _matrix(values) if values.ndim == 2 else pa.array(values)
    shared = {k: v[0].tolist() for k, v in panel.known.items() if f"known.{k}" not in columns}
    meta = _Meta(
        version=FORMAT_VERSION, freq=panel.freq, first_date=panel.first_date, ahead=panel.ahead,
        settings=settings, shared_known=shared, arrivals=terms.arrivals.tolist(),
    )  # fmt: skip
    table = pa.table(columns, metadata={META: msgspec.json.encode(meta)})
    _write(Path(path), table)


def read_shard(path: str | Path) -> tuple[Panel, Terms, Settings]:
    """The panel, terms and settings of a shard file; another format version is a ValueError."""
    with pa.memory_map(str(path)) as file:
        table = pyarrow.ipc.open_file(file).read_all()
    meta = msgspec.json.decode(table.schema.metadata[META], type=_Meta)
    if meta.version != FORMAT_VERSION:
        raise ValueError(f"shard format {meta.version}, this program reads {FORMAT_VERSION}")
    names = table.column_names
    known = {k: np.array([v], np.float32) for k, v in meta.shared_known.items()}
    known |= {n[6:]: _array(table, n) for n in names if n.startswith("known.")}
    panel = Panel(
        unique_ids=pl.Series(table["unique_id"].to_pylist(), dtype=pl.String),
        freq=meta.freq,
        first_date=meta.first_date,
        y=_array(table, "y"),
        in_stock=_array(table, "in_stock") if "in_stock" in names else None,
        price=_array(table, "price") if "price" in names else None,
        known=known,
        static={n[7:]: _static(table, n) for n in names if n.startswith("static.")},
        ahead=meta.ahead,
    )
    parts = {name: _array(table, f"terms.{name}") for name in _term_fields()}
    terms = Terms(arrivals=np.array(meta.arrivals, np.int32), **parts)
    return panel, terms, meta.settings


def read_plan(path: str | Path) -> tuple[Forecast, pl.DataFrame]:
    """The forecast and the decisions of a planned shard.

    Decisions have a column per field of `replenish.Decisions` and `why`, a list of
    `{code, value, limit}`.
    """
    with pa.memory_map(str(path)) as file:
        table = pyarrow.ipc.open_file(file).read_all()
    stamp = msgspec.json.decode(table.schema.metadata[META], type=_Stamp)
    ids = pl.Series("unique_id", table["unique_id"].to_pylist(), dtype=pl.String)
    mean = _array(table, "mean")
    quantiles = _array(table, "quantiles").reshape(len(ids), len(stamp.quantiles), -1)
    told = Forecast(
        unique_ids=ids, freq=stamp.freq, first_date=stamp.first_date, mean=mean,
        levels=stamp.quantiles, quantiles=quantiles, cumulative_sd=_array(table, "cumulative_sd"),
    )  # fmt: skip
    kept = [c for c in table.column_names if c not in {"mean", "quantiles", "cumulative_sd"}]
    frame = pl.from_arrow(table.select(kept))
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a plan is a table")
    return told, frame


def _plan(panel: Panel, terms: Terms, settings: Settings, model: Model) -> tuple[pa.Table, date]:
    told = forecast(model, panel, quantiles=settings.quantiles)
    keys = series_keys(panel.unique_ids)
    frames = []
    for part, paths in simulate_chunks(model, panel, paths=settings.paths, seed=settings.seed):
        some = terms.take(part)
        answer = decide(some, paths, panel.unique_ids[part], keys[part],
                        policy=settings.policy, seed=settings.seed)  # fmt: skip
        frames.append(_decision_frame(answer, some))
    decisions = pl.concat(frames)
    count, levels, horizon = told.quantiles.shape
    flat = told.quantiles.reshape(count, levels * horizon)
    table = pa.table(
        {"mean": _matrix(told.mean), "quantiles": _matrix(flat),
         "cumulative_sd": _matrix(told.cumulative_sd)}
    )  # fmt: skip
    whole = decisions.to_arrow(compat_level=pl.CompatLevel.oldest())
    for name in table.column_names:
        whole = whole.append_column(name, table[name])
    return whole, told.first_date


def _decision_frame(answer: Decisions, terms: Terms) -> pl.DataFrame:
    columns = {n.replace("_ids", "_id"): getattr(answer, n) for n in Decisions.__struct_fields__}
    return pl.DataFrame(columns).with_columns(explain(answer, terms).alias("why"))


def _term_fields() -> list[str]:
    return [name for name in Terms.__struct_fields__ if name != "arrivals"]


def _matrix(values: Any) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(values).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _array(table: pa.Table, name: str) -> Any:
    column = table[name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0)
    if not pa.types.is_fixed_size_list(column.type):
        return column.to_numpy(zero_copy_only=False).copy()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), column.type.list_size).copy()


def _static(table: pa.Table, name: str) -> Static:
    return encode(pl.Series(table[name].to_pylist(), dtype=pl.String))


def _digest(*paths: Path) -> str:
    seal = hashlib.blake2b(str(FORMAT_VERSION).encode(), digest_size=16)
    for path in paths:
        with path.open("rb") as file:
            seal.update(hashlib.file_digest(file, "blake2b").digest())
    return seal.hexdigest()


def _stamp_of(output: Path) -> _Stamp | None:
    """The stamp of an earlier output; None where there is none or it cannot be read."""
    if not output.exists():
        return None
    try:
        with pa.memory_map(str(output)) as file:
            metadata = pyarrow.ipc.open_file(file).schema.metadata
        return msgspec.json.decode(metadata[META], type=_Stamp)
    except (pa.ArrowInvalid, KeyError, TypeError, msgspec.DecodeError):
        return None


def _write(path: Path, table: pa.Table) -> None:
    """Write beside the target, flush to disk, then rename: readers never see half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    with draft.open("wb") as file:
        with pyarrow.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

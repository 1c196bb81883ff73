"""Two files of goods, or two folders of pictures, as `beltline match` takes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

from beltline.app.series_files import FileUnusable
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.types import ROW
from beltline.science.keys import Bools, Floats
from beltline.science.retrieval.match import Matched, match_pictures, match_titles
from beltline.science.retrieval.meaning import ModelMissing
from beltline.science.retrieval.pictures import (
    NotAPicture,
    encode_pictures,
    fingerprint,
    read_picture,
)

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"})
_KNOWN: Final = ("id", "title", "brand", "price", "attributes", "image")
_BATCH: Final = 64
PROBLEMS: Final = pl.Schema(
    {"file": pl.String, "row": pl.Int64, "column": pl.String, "code": pl.String,
     "message": pl.String}
)  # fmt: skip

Progress = Callable[[str, int, int], None]


class Goods(msgspec.Struct, frozen=True, eq=False):
    """The usable rows of a file, and what is wrong with the others (`PROBLEMS`)."""

    frame: pl.DataFrame
    problems: pl.DataFrame


def read_goods(path: Path) -> Goods:
    """`id, title[, brand, price, attributes, image]` of CSV, XLSX or Parquet.

    A row without id or with one seen before is left out and told; so is one that says neither
    title nor image. A price that is no number counts as unknown.
    """
    raw = _read(path)
    missing = [column for column in ("id", "title") if column not in raw.columns]
    if missing == ["title"] and "image" in raw.columns:
        missing = []
    if missing:
        names = ", ".join(raw.columns[:30])
        raise FileUnusable(
            file=path.name, reason=f"it lacks the columns {', '.join(missing)}; it has {names}."
        )
    texts = raw.select(
        pl.col(name).cast(pl.String).str.strip_chars() if name in raw.columns
        else pl.lit(None, pl.String).alias(name)
        for name in _KNOWN
    ).with_row_index("row", offset=2)  # fmt: skip
    numbered = texts.with_columns(
        pl.col("price").str.replace_all(r"[\s,¥$€]", "").cast(pl.Float64, strict=False)
        .alias("number")
    )  # fmt: skip
    nothing = pl.col("id").is_null() | (pl.col("id") == "")
    silent = (pl.col("title").fill_null("") == "") & (pl.col("image").fill_null("") == "")
    again = ~pl.col("id").is_first_distinct() & ~nothing
    no_price = (pl.col("price").fill_null("") != "") & pl.col("number").is_null()
    problems = [
        _problem(path, numbered, nothing, "id", "MISSING", "without an id, left out"),
        _problem(path, numbered, silent & ~nothing, "title", "MISSING", "no title, left out"),
        _problem(path, numbered, again, "id", "DUPLICATE", "an id seen before, left out"),
        _problem(path, numbered, no_price, "price", "NOT_A_NUMBER", "taken as unknown"),
    ]
    good = numbered.filter(~(nothing | silent | again))
    if good.is_empty():
        raise FileUnusable(file=path.name, reason="there are no usable rows in it")
    return Goods(
        good.select("id", pl.col("title").fill_null(""), "brand", pl.col("number").alias("price"),
                    "attributes", "image"),
        pl.concat(problems).sort("row"),
    )  # fmt: skip


def joined_problems(*sides: Goods) -> pl.DataFrame:
    """What is wrong with the rows of several files."""
    return pl.concat([side.problems for side in sides])


def match_goods(
    queries: Goods, catalog: Goods, *, top: int, folders: tuple[Path, Path], on_progress: Progress
) -> Matched:
    """Titles against titles; where both sides name pictures, those without a title by picture.

    `folders` are where the paths of either file's `image` column begin.
    """
    titled = queries.frame.filter(pl.col("title") != "")
    by_title = match_titles(
        titled, catalog.frame, top=top, on_progress=lambda done, of: on_progress("match", done, of)
    )
    shown = queries.frame.filter(pl.col("title") == "")
    offered = catalog.frame.filter(pl.col("image").fill_null("") != "")
    if shown.is_empty() or offered.is_empty():
        return by_title
    seen = match_files(
        dict(zip(shown["id"], [folders[0] / image for image in shown["image"]], strict=True)),
        dict(zip(offered["id"], [folders[1] / image for image in offered["image"]], strict=True)),
        top=top, on_progress=on_progress,
    )  # fmt: skip
    return msgspec.structs.replace(by_title, frame=pl.concat([by_title.frame, seen[0]]))


def list_pictures(folder: Path) -> dict[str, Path]:
    """The pictures below a folder by their path in it."""
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in PICTURES and path.is_file()
    }
    if not found:
        raise FileUnusable(file=folder.name, reason="there are no pictures in it")
    return found


def match_files(
    queries: dict[str, Path], items: dict[str, Path], *, top: int, on_progress: Progress
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rank pictures for pictures; the answer, and the files that are no pictures."""
    try:
        asked, wrong = _encode(queries, "queries", on_progress)
        offered, also_wrong = _encode(items, "catalog", on_progress)
    except ModelMissing as error:
        raise FileUnusable(file="--images", reason=f"{error}.") from error
    answer = match_pictures(*asked, *offered, top=top)
    return answer, pl.concat([wrong, also_wrong])


def _encode(
    files: dict[str, Path], name: str, on_progress: Progress
) -> tuple[tuple[list[str], Floats, Bools], pl.DataFrame]:
    ids: list[str] = []
    vectors, prints, wrong = [], [], []
    for start in range(0, len(files), _BATCH):
        pictures = []
        for key, path in list(files.items())[start : start + _BATCH]:
            try:
                pictures.append(read_picture(path))
            except NotAPicture as error:
                wrong.append((path.name, 0, "image", "NOT_A_PICTURE", str(error)[:200]))
                continue
            ids.append(key)
            prints.append(fingerprint(pictures[-1]))
        vectors.append(encode_pictures(pictures))
        on_progress(name, min(start + _BATCH, len(files)), len(files))
    if not ids:
        raise FileUnusable(file=name, reason="none of its files is a picture")
    told = pl.DataFrame(wrong, schema=PROBLEMS, orient="row")
    return (ids, np.concatenate(vectors), np.array(prints)), told


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        if path.suffix.lower() == ".csv":
            frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=False)
            return frame.rename({name: name.strip().lower() for name in frame.columns})
    except (pl.exceptions.PolarsError, OSError):
        # Not as plain as it looks: the careful reader says what is wrong with it.
        pass
    table = read_table(path)
    frame = table.frame.drop(ROW)
    return frame.rename({name: name.strip().lower() for name in frame.columns})


def _problem(
    path: Path, frame: pl.DataFrame, where: pl.Expr, column: str, code: str, message: str
) -> pl.DataFrame:
    return frame.filter(where).select(
        pl.lit(path.name).alias("file"), pl.col("row").cast(pl.Int64),
        pl.lit(column).alias("column"), pl.lit(code).alias("code"),
        pl.lit(message).alias("message"),
    )  # fmt: skip

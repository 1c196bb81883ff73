"""`beltline match` from file to file."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from beltline.app.commands.match import match
from beltline.app.match_files import read_goods
from beltline.app.series_files import FileUnusable


def test_two_spreadsheets_to_one(tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_text(
        "ID,Title,Price\n1,Acme steel bottle 500ml,$12.50\n,without id,1\n1,again,2\n3,cup,dear\n"
    )
    pl.DataFrame(
        {"id": ["x", "y"], "title": ["acme bottle steel 500 ml", "glass cup"], "price": [12.0, 3.0]}
    ).write_parquet(tmp_path / "theirs.parquet")
    told = CliRunner().invoke(
        match,
        [str(tmp_path / "ours.csv"), str(tmp_path / "theirs.parquet"), "-o",
         str(tmp_path / "out.parquet"), "--top", "1", "--result", str(tmp_path / "wrong.csv")],
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found.select("query_id", "item_id", "rank").rows() == [("1", "x", 1), ("3", "y", 1)]
    wrong = pl.read_csv(tmp_path / "wrong.csv")
    assert wrong.select("row", "column", "code").rows() == [
        (3, "id", "MISSING"), (4, "id", "DUPLICATE"), (5, "price", "NOT_A_NUMBER"),
    ]  # fmt: skip


def test_a_sheet_is_read_like_a_csv(tmp_path: Path) -> None:
    pl.DataFrame({"id": [1, 2], "title": ["不锈钢水壶", "女鞋"]}).write_excel(
        tmp_path / "goods.xlsx"
    )
    assert read_goods(tmp_path / "goods.xlsx").frame["title"].to_list() == ["不锈钢水壶", "女鞋"]


def test_a_file_without_usable_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,title\n,\n")
    with pytest.raises(FileUnusable, match="no usable rows"):
        read_goods(tmp_path / "empty.csv")


def test_folders_need_images(tmp_path: Path) -> None:
    told = CliRunner().invoke(match, [str(tmp_path), str(tmp_path), "-o", "x.csv"])
    assert told.exit_code == 2
    assert "--images" in told.output

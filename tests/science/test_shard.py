"""Shards: whole or not at all, once, and the same numbers in any cut."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from beltline.science import shard
from beltline.science.forecast import Model, fit, save_model
from beltline.science.keys import shard_of
from beltline.science.panel import Panel, Static
from beltline.science.shard import Settings, ShardTask, plan_shard, read_plan, read_shard
from beltline.science.terms import Terms
from tests.science import make

H = 14
SETTINGS = Settings(seed=7, paths=60)


@pytest.fixture
def world() -> tuple[Panel, Terms, Model]:
    base = make.panel(100, 90)
    promo = np.zeros((100, 90 + H), np.float32)
    promo[::2, 50:60] = 1
    panel = Panel(
        unique_ids=base.unique_ids, freq=base.freq, first_date=base.first_date, y=base.y,
        in_stock=np.random.default_rng(0).random(base.y.shape) > 0.05,
        known={"promo": promo, "festival": promo[:1]}, ahead=H,
        static={"belt": Static(names=("x", "y"), codes=np.arange(100, dtype=np.int32) % 2)},
    )  # fmt: skip
    return panel, make.terms(100, H, moq=4.0, pack=2.0), fit(panel, horizon=H, seed=7)


def cut(folder: Path, world: tuple[Panel, Terms, Model], count: int) -> list[ShardTask]:
    panel, terms, model = world
    folder.mkdir()
    (folder / "model").write_bytes(save_model(model))
    skus = panel.unique_ids.str.split("@").list.first()
    place = shard_of(skus, count)
    tasks = []
    for k in range(count):
        rows = np.flatnonzero(place == k).astype(np.intp)
        path = folder / f"{k}.arrow"
        shard.write_shard(path, panel.take(rows), terms.take(rows), SETTINGS)
        tasks.append(
            ShardTask(
                shard=str(path), model=str(folder / "model"), output=str(folder / f"out{k}.arrow")
            )
        )
    return tasks


def planned(tasks: list[ShardTask]) -> tuple[pl.DataFrame, pl.DataFrame]:
    frames, means = [], []
    for task in tasks:
        told, decisions = read_plan(task.output)
        frames.append(decisions)
        flat = told.quantiles.reshape(len(told.mean), -1)
        means.append(pl.DataFrame({"unique_id": told.unique_ids, "mean": told.mean, "q": flat}))
    return pl.concat(frames).sort("unique_id"), pl.concat(means).sort("unique_id")


def test_decisions_are_identical_across_sharding_and_processes(
    tmp_path: Path, world: tuple[Panel, Terms, Model]
) -> None:
    one, three = cut(tmp_path / "one", world, 1), cut(tmp_path / "three", world, 3)
    assert [d.skipped for d in shard.run_shards(one, workers=1)] == [False]
    done = list(shard.run_shards(three, workers=2))
    assert sum(d.series for d in done) == 100
    for a, b in zip(planned(one), planned(three), strict=True):
        assert a.equals(b, null_equal=True)


def test_the_same_input_gives_the_same_bytes(
    tmp_path: Path, world: tuple[Panel, Terms, Model]
) -> None:
    (task,) = cut(tmp_path / "a", world, 1)
    plan_shard(task.shard, task.model, task.output)
    first = Path(task.output).read_bytes()
    assert plan_shard(task.shard, task.model, task.output).skipped
    Path(task.output).unlink()
    assert not plan_shard(task.shard, task.model, task.output).skipped
    assert Path(task.output).read_bytes() == first


def test_a_torn_or_outdated_output_is_made_again(
    tmp_path: Path, world: tuple[Panel, Terms, Model]
) -> None:
    (task,) = cut(tmp_path / "a", world, 1)
    output = Path(task.output)
    output.write_bytes(b"ARROW1 torn")
    assert not plan_shard(task.shard, task.model, output).skipped
    panel, terms, model = world
    Path(task.model).write_bytes(save_model(fit(panel, horizon=H, seed=8)))
    assert not plan_shard(task.shard, task.model, output).skipped
    assert plan_shard(task.shard, task.model, output).skipped
    assert not list(output.parent.glob("*.part"))
    assert terms.size == 100
    assert model.seed == 7


def test_a_shard_file_gives_back_what_was_put_in(
    tmp_path: Path, world: tuple[Panel, Terms, Model]
) -> None:
    panel, terms, _ = world
    shard.write_shard(tmp_path / "s", panel, terms, SETTINGS)
    again, same, settings = read_shard(tmp_path / "s")
    assert settings == SETTINGS
    assert again.unique_ids.to_list() == panel.unique_ids.to_list()
    assert panel.in_stock is not None
    assert again.in_stock is not None
    np.testing.assert_array_equal(again.y, panel.y)
    np.testing.assert_array_equal(again.in_stock, panel.in_stock)
    np.testing.assert_array_equal(again.known["promo"], panel.known["promo"])
    np.testing.assert_array_equal(again.known["festival"], panel.known["festival"])
    np.testing.assert_array_equal(again.static["belt"].codes, panel.static["belt"].codes)
    for name in Terms.__struct_fields__:
        np.testing.assert_array_equal(getattr(same, name), getattr(terms, name))

"""Plans shards here and on a cluster: `python -m tests.science.engine_program ray FOLDER`."""

import sys
from pathlib import Path

from beltline.science import shard
from beltline.science.engines import open_engine, parse_engine
from beltline.science.forecast import fit
from beltline.science.shard import ShardTask
from tests.science import make
from tests.science.test_shard import H, cut, planned


def main(kind: str, folder: Path) -> None:
    """Three shards by two workers; their numbers beside those of one process."""
    panel = make.panel(100, 90)
    world = panel, make.terms(100, H, moq=4.0, pack=2.0), fit(panel, horizon=H, seed=7)
    here, there = cut(folder / "here", world, 3), cut(folder / "there", world, 3)
    for task in here:
        shard.plan_shard(task.shard, task.model, task.output)
    engine = parse_engine(kind)
    done = list(shard.run_shards(there, workers=2, engine=engine))
    assert sum(each.series for each in done) == 100
    assert not any(each.skipped for each in done)
    for a, b in zip(planned(here), planned(there), strict=True):
        assert a.equals(b, null_equal=True), kind
    lost = ShardTask(shard=str(folder / "none"), model="", output="")
    with open_engine(engine, workers=2) as pool:
        with open_engine(engine, workers=2) as other:  # another plan of the same worker
            assert other.submit(divmod, 7, 2).result() == (3, 1)
        failed = pool.submit(shard.plan_shard, lost.shard, lost.model, lost.output).exception()
        assert "No such file" in str(failed), failed
        print(f"same numbers, {pool.workers} workers")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

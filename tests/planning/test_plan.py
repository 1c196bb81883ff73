"""Plans: what they read, what they propose, what they refuse, and that they can be repeated."""

import asyncio
import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from beltline.kit.db import Database, NotFound
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.queries import runs, series
from beltline.planning.rules.sentences import explain_why
from beltline.planning.types import (
    CutOffInFuture,
    NoDemand,
    Parameters,
    PlanRun,
    Proposal,
    Reason,
    RunState,
    Status,
)
from beltline.planning.workflows.plan import run_plan_inline
from beltline.science import engines
from beltline.science.engines import Engine
from tests.planning.make import (
    NOW,
    PARAMETERS,
    TODAY,
    YESTERDAY,
    close_supplier,
    import_demand,
    list_all,
    make_plan,
    make_world,
    open_plan,
    set_stock,
    take_lots_away,
    work,
)

# What differs between two runs of the same plan.
OWN = {"id", "plan_run_id", "version"}


def numbers_of(found: list[Proposal]) -> list[dict[str, Any]]:
    """Proposals without what belongs to their run."""
    rows = [msgspec.to_builtins(one) for one in found]
    kept = [{k: v for k, v in row.items() if k not in OWN | {"status"}} for row in rows]
    return sorted(kept, key=lambda row: (row["sku"], row["node"]))


async def forecasts_of(database: Database, run: PlanRun) -> list[dict[str, Any]]:
    async with database.system() as db:
        found: list[dict[str, Any]] = await db.values(
            """select to_jsonb(f) - 'plan_run_id' from planning.forecast f
                where plan_run_id = $1 order by sku_id, node_id""",
            run.id,
        )
    # A reason that came from another process writes out figures that are zero as well.
    return [row | {"drivers": msgspec.convert(row["drivers"], list[Reason])} for row in found]


async def test_a_plan_proposes_what_is_lacking(database: Database) -> None:
    network = await make_world(database)
    await set_stock(database, network.operator, {("SKU-1", "OVS-WAW"): 100_000})
    run = await make_plan(database, network.operator)
    found = {(p.sku, p.node): p for p in await list_all(database, network.operator, run)}
    assert (run.state, run.cut_off, run.freq) == (RunState.DONE, YESTERDAY, "D")
    assert set(found) == {("SKU-1", "CON-YIW"), ("SKU-2", "CON-YIW")}
    one = found["SKU-1", "CON-YIW"]
    # About 12.7 a day are sold for six days of lead time and seven until the next review.
    assert one.quantity >= 12 * 13
    assert one.quantity % one.pack_size == 0
    assert one.quantity >= one.moq
    assert one.unit_price == Decimal("19.8" if one.quantity >= 500 else "21.5")
    assert one.amount == round(one.quantity * one.unit_price * 100)
    assert one.order_by == TODAY
    assert one.p_stockout_after <= one.p_stockout
    assert one.status is Status.OPEN
    assert explain_why(one.why, "en")[0].startswith("Without an order the chance")


async def test_a_plan_says_what_it_could_not_use(database: Database) -> None:
    network = await make_world(database, rates=False)
    await set_stock(database, network.operator, {("SKU-2", "OVS-WAW"): 50})
    run = await make_plan(database, network.operator)
    notes = {note.code: note for note in run.notes}
    assert notes["NO_OFFER"].examples == ["SKU-3@CON-YIW"]
    assert notes["NO_DEMAND"].examples == ["SKU-2@OVS-WAW"]
    assert notes["MARGIN_ASSUMED"].count == 3
    assert run.metrics is not None
    assert run.metrics["series"] == 4
    assert run.metrics["wape"] < run.metrics["wape_naive"] * 3


async def test_the_same_inputs_give_the_same_numbers(database: Database) -> None:
    network = await make_world(database)
    first = await make_plan(database, network.operator)
    before = numbers_of(await list_all(database, network.operator, first))
    second = await make_plan(database, network.operator)
    after = numbers_of(await list_all(database, network.operator, second))
    assert first.input_hash == second.input_hash
    assert before == after
    assert await forecasts_of(database, first) == await forecasts_of(database, second)
    third = await make_plan(
        database, network.operator, parameters=msgspec.structs.replace(PARAMETERS, seed=1)
    )
    assert third.input_hash != first.input_hash


async def test_two_plans_at_once_on_a_cluster_give_the_numbers_of_one_here(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await make_world(database)
    here = await run_plan_inline(database, network.operator, parameters=PARAMETERS)
    opened_in: list[str] = []

    def opened(_engine: Engine, workers: int) -> engines.Workers:
        opened_in.append(threading.current_thread().name)
        return engines._Local(workers)

    monkeypatch.setattr(engines, "_open_cluster", opened)
    there = await asyncio.gather(*(
        run_plan_inline(
            database, network.operator,
            parameters=msgspec.structs.replace(PARAMETERS, horizon=PARAMETERS.horizon + more),
            engine=Engine(engines.Kind.RAY),
        )
        for more in (0, 1)
    ))  # fmt: skip
    assert [run.state for run in there] == [RunState.DONE] * 2
    assert there[0].input_hash == here.input_hash
    assert await forecasts_of(database, here) == await forecasts_of(database, there[0])
    assert len(opened_in) == 1, "two connections to one cluster"
    assert opened_in[0] != threading.main_thread().name, "the event loop waited for the cluster"


async def test_nothing_after_the_cut_off_is_read(database: Database) -> None:
    network = await make_world(database)
    cut_off = YESTERDAY - dt.timedelta(days=10)
    first = await make_plan(database, network.operator, cut_off=cut_off)
    before = numbers_of(await list_all(database, network.operator, first))
    leak = f"1,SKU-1,CON-YIW,{cut_off + dt.timedelta(days=1)},99999,true,\n".encode()
    async with database.system() as db:
        await import_demand(db, network.operator, leak)
    await set_stock(database, network.operator, {("SKU-1", "CON-YIW"): 500})
    second = await make_plan(database, network.operator, cut_off=cut_off)
    assert first.cut_off == cut_off
    assert first.input_hash == second.input_hash
    assert before
    assert before == numbers_of(await list_all(database, network.operator, second))
    third = await make_plan(database, network.operator, cut_off=cut_off + dt.timedelta(days=1))
    assert third.input_hash != first.input_hash


async def test_a_closure_brings_the_order_forward(database: Database) -> None:
    network = await make_world(database)
    # Stock for weeks: without a closure the order can wait.
    await set_stock(database, network.operator, {("SKU-1", "CON-YIW"): 300})
    free = await make_plan(database, network.operator)
    waits = {(p.sku, p.node): p for p in await list_all(database, network.operator, free)}
    last_order = TODAY + dt.timedelta(days=3)
    await close_supplier(
        database, "zhili-01", starts=TODAY + dt.timedelta(days=9),
        ends=TODAY + dt.timedelta(days=30), last_order=last_order,
    )  # fmt: skip
    shut = await make_plan(database, network.operator)
    hurries = {(p.sku, p.node): p for p in await list_all(database, network.operator, shut)}
    key = ("SKU-1", "CON-YIW")
    one = hurries[key]
    assert TODAY <= one.order_by <= last_order
    assert key not in waits or waits[key].order_by > one.order_by
    reason = next(r for r in one.why if r.code == "CLOSURE_AHEAD")
    assert reason.until == TODAY + dt.timedelta(days=30)
    texts = explain_why(one.why, "zh")
    assert any("zhili-01" in text for text in texts)
    assert texts != explain_why(one.why, "en")


async def test_what_is_ordered_and_accepted_counts_as_coming(database: Database) -> None:
    network = await make_world(database)
    await take_lots_away(database)
    run = await make_plan(database, network.operator)
    before = await list_all(database, network.operator, run)
    wanted = [p.id for p in before]
    async with database.writing(network.operator) as db:
        await actions.accept(db, network.operator, proposal_ids=wanted[:1], now=NOW)
        await actions.accept(db, network.operator, proposal_ids=wanted[1:], now=NOW)
        await purchases_actions.issue_purchases(
            db, network.operator, proposal_ids=wanted[:1], now=NOW
        )
    again = await make_plan(database, network.operator)
    found = await list_all(database, network.operator, again)
    assert found
    # The goods on the way serve the cycle they were ordered for; what is added is the next one's.
    for p in found:
        first = next(w for w in before if (w.sku, w.node) == (p.sku, p.node))
        assert p.inbound == first.quantity
        assert p.quantity < first.quantity
        assert p.quantity + p.inbound == p.stock_target


async def test_a_newer_run_supersedes_open_proposals_and_a_look_back_does_not(
    database: Database,
) -> None:
    network = await make_world(database)
    first = await make_plan(database, network.operator)
    second = await make_plan(database, network.operator)
    back = await make_plan(database, network.operator, cut_off=YESTERDAY - dt.timedelta(days=20))
    by_run = {
        run.id: {p.status for p in await list_all(database, network.operator, run)}
        for run in (first, second, back)
    }
    assert by_run[second.id] == {Status.OPEN}
    for run in (first, back):
        kept = await list_all(database, network.operator, run, status=Status.SUPERSEDED)
        assert by_run[run.id] == set()
        assert kept


async def test_out_of_stock_days_are_not_learned_as_no_demand(database: Database) -> None:
    network = await make_world(database, demand=False)
    lines = []
    for back in reversed(range(120)):
        day = YESTERDAY - dt.timedelta(days=back)
        gone = back < 40
        lines.append(f"{120 - back},SKU-1,CON-YIW,{day},{0 if gone else 20},{not gone},")
    async with database.system() as db:
        await import_demand(db, network.operator, ("\n".join(lines) + "\n").encode())
    run = await make_plan(database, network.operator)
    rows = await forecasts_of(database, run)
    assert sum(rows[0]["mean"]) / len(rows[0]["mean"]) > 15


async def test_a_plan_without_demand_is_refused(database: Database) -> None:
    network = await make_world(database, demand=False)
    with pytest.raises(NoDemand):
        await open_plan(database, network.operator)


async def test_a_cut_off_must_have_ended(database: Database) -> None:
    network = await make_world(database)
    with pytest.raises(CutOffInFuture):
        await open_plan(database, network.operator, cut_off=TODAY)


async def test_only_the_operator_plans(database: Database) -> None:
    network = await make_world(database)
    run = await make_plan(database, network.operator)
    async with database.reading(network.buyer) as db:
        with pytest.raises(NotFound):
            await runs.get_run(db, network.buyer.org_id, run.id)
        # Asking with somebody else's id does not help: the rows are not there.
        with pytest.raises(NotFound):
            await runs.get_run(db, network.operator.org_id, run.id)
        assert await series.count_series(db, network.operator.org_id, run.id) == 0


@pytest.mark.parametrize("step", ["begin", "snapshot", "fit", "shards 0-0", "suppliers", "finish"])
async def test_a_run_that_dies_after_a_step_goes_on(database: Database, step: str) -> None:
    network = await make_world(database)
    run = await open_plan(database, network.operator)
    job_id = run.job_id

    def die(_progress: object) -> None:
        raise KeyboardInterrupt

    seen = 0
    order = ["begin", "snapshot", "fit", "shards 0-0", "suppliers", "finish"].index(step)

    def maybe_die(progress: object) -> None:
        nonlocal seen
        seen += 1
        if seen == order + 1:
            die(progress)

    with pytest.raises(KeyboardInterrupt):
        await work(database, network.operator, run, job_id=job_id, on_progress=maybe_die)
    await work(database, network.operator, run, job_id=job_id)
    async with database.reading(network.operator) as db:
        done = await runs.get_run(db, network.operator.org_id, run.id)
    found = await list_all(database, network.operator, done)
    whole = await make_plan(database, network.operator)
    assert done.state is RunState.DONE
    assert done.input_hash == whole.input_hash
    async with database.system() as db:
        # The inputs of the latest run only are kept, to ask what-ifs of.
        files = await db.values(
            "select name from planning.plan_file where plan_run_id = $1 order by 1", whole.id
        )
        older = await db.value(
            "select count(*) from planning.plan_file where plan_run_id <> $1", whole.id
        )
        counts = await db.values(
            "select count(*) from planning.proposal group by plan_run_id order by 1"
        )
    assert (files, older) == (["context 0", "frame", "model", "shard 0"], 0)
    assert len(set(counts)) == 1
    assert len(found) == counts[0]


async def test_a_plan_here_and_now_leaves_a_finished_run(database: Database) -> None:
    network = await make_world(database)
    run = await run_plan_inline(
        database, network.operator, parameters=Parameters(horizon=7, paths=50)
    )
    assert run.state is RunState.DONE
    async with database.reading(network.operator) as db:
        latest = await runs.find_latest_run(db, network.operator.org_id)
        lines, more = await series.list_series(db, network.operator.org_id, run.id, limit=2)
        rest, _ = await series.list_series(
            db, network.operator.org_id, run.id, limit=2, cursor=more
        )
        band = await series.find_band(
            db, network.operator.org_id, lines[0].sku_id, lines[0].node_id
        )
    assert latest is not None
    assert latest.id == run.id
    assert [line.sku for line in (*lines, *rest)] == ["SKU-3", "SKU-2", "SKU-1", "SKU-1"]
    assert band is not None
    assert len(band.mean) == 7
    assert isinstance(band.drivers[0], Reason)

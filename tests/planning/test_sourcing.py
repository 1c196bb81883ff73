"""Suppliers chosen for a plan as a whole: what it moves, splits and leaves, and what it proves."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.catalog import actions as catalog
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.uom import Uom
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.queries import hindsight, inbound, risks, runs
from beltline.planning.rules.quantities import check_quantity, price_at
from beltline.planning.rules.sentences import explain_notes
from beltline.planning.rules.shards import Frame
from beltline.planning.rules.sourcing import Part, Sourced, Wanted, source, units_left
from beltline.planning.rules.suppliers import Candidate, compare
from beltline.planning.types import Parameters, Reason, Status
from beltline.planning.types.risks import RiskFilters
from beltline.planning.workflows.sourcing import choose_suppliers
from tests.catalog.make import NOW, OFFER_COLUMNS, Network
from tests.planning.make import (
    PARAMETERS,
    TODAY,
    close_supplier,
    list_all,
    make_plan,
    make_world,
    set_stock,
    take_lots_away,
)
from tests.visitor import visiting

SUPPLIERS = {"X": UUID(int=1), "Y": UUID(int=2), "Z": UUID(int=3)}
PLAN = Parameters(purchase_cost=30.0, order_cost=5.0)


def candidate(number: int, supplier: str, price: str, **more: object) -> Candidate:
    """An offer by a supplier: from one piece on, a week to deliver."""
    base = Candidate(
        offer_id=UUID(int=number * 100 + SUPPLIERS[supplier].int),
        supplier_org_id=SUPPLIERS[supplier], supplier=supplier, tier="A", currency="CNY", fx=1.0,
        moq=1, pack_size=1, uom="PIECE", breaks=((1, Decimal(price)),), lead_time_days_mean=7.0,
        lead_time_days_p95=9.0,
    )  # fmt: skip
    return msgspec.structs.replace(base, **more)


def wanted(number: int, offers: Sequence[Candidate], quantity: int, **more: object) -> Wanted:
    """A proposal as its series alone makes it: from the cheapest offer."""
    compared = compare(
        offers, daily=quantity / 14, review_days=7, holding_rate=0.25, order_cost=5.0, margin=4.0,
        margin_share=0.4,
    )  # fmt: skip
    base = Wanted(
        id=UUID(int=number), node="HUB", offer_id=compared[0].offer_id, quantity=quantity,
        uom="PIECE", pack_size=offers[0].pack_size, units_a_day=quantity / 14, unit_margin=4.0,
        slack_days=0, why=[Reason(code="SUPPLIER_CHEAPEST", name=compared[0].supplier)],
        alternatives=compared,
    )  # fmt: skip
    return msgspec.structs.replace(base, **more)


def by_supplier(parts: Sequence[Part]) -> dict[str, int]:
    return {part.offer.supplier: part.quantity for part in parts}


def sourced(
    rows: Sequence[Wanted], offers: Sequence[Candidate], capacities: dict[UUID, int] | None = None,
    plan: Parameters = PLAN,
) -> Sourced:  # fmt: skip
    return source(rows, {c.offer_id: c for c in offers}, capacities or {}, plan)


def test_what_one_purchase_carries_saves_the_second() -> None:
    """X is 20 cents cheaper for the first SKU, and alone for nothing else."""
    offers = [candidate(1, "X", "9.8"), candidate(1, "Y", "10"), candidate(2, "Y", "7")]
    shut = [Reason(code="CLOSURE_AHEAD", name="X"), Reason(code="SUPPLIER_CHEAPEST", name="X")]
    rows = [wanted(1, offers[:2], 40, why=shut), wanted(2, offers[2:], 50)]
    ahead = {SUPPLIERS["Y"]: [Reason(code="CLOSURE_AHEAD", name="Y")]}
    found = source(rows, {c.offer_id: c for c in offers}, {}, PLAN, ahead)
    assert {id_.int: by_supplier(parts) for id_, parts in found.parts.items()} == {1: {"Y": 40}}
    assert (found.moved, found.split, found.short) == (1, 0, 0)
    told = found.parts[UUID(int=1)][0]
    assert [r.code for r in told.why] == ["CLOSURE_AHEAD", "SUPPLIER_JOINT"]
    assert told.why[0].name == "Y"
    assert (told.why[1].name, told.unit_price) == ("Y", Decimal(10))
    # One purchase less, and 8 yuan more for the goods.
    assert found.cost_apart - found.cost == pytest.approx(30.0 - 8.0, abs=1.0)
    alone = sourced(rows, offers, plan=msgspec.structs.replace(PLAN, purchase_cost=0.0))
    assert alone.parts == {}
    assert alone.cost == pytest.approx(alone.cost_apart)


def test_where_a_factory_is_full_the_rest_comes_from_the_next() -> None:
    offers = [candidate(1, "X", "8"), candidate(1, "Y", "10")]
    rows = [wanted(1, offers, 100)]
    found = sourced(rows, offers, {SUPPLIERS["X"]: 60})
    parts = found.parts[UUID(int=1)]
    assert by_supplier(parts) == {"X": 60, "Y": 40}
    assert [p.quantity for p in parts] == [60, 40]
    assert all("SUPPLIER_FULL" in {r.code for r in p.why} for p in parts)
    assert [r for r in parts[1].why if r.code == "SUPPLIER_SPLIT"] == [
        Reason(code="SUPPLIER_SPLIT", name="Y", value=40.0, limit=100.0)
    ]
    assert (found.split, found.moved, found.short) == (1, 0, 0)


def test_a_line_that_stays_takes_no_more_than_the_factory_has() -> None:
    offers = [candidate(1, "X", "8")]
    why = [Reason(code="PACK_ROUNDED", value=50.0, limit=100.0)]
    found = sourced([wanted(1, offers, 100, why=why)], offers, {SUPPLIERS["X"]: 60})
    assert by_supplier(found.parts[UUID(int=1)]) == {"X": 50}
    assert (found.moved, found.short) == (0, 0)


def test_a_factory_has_one_capacity_for_all_nodes() -> None:
    offers = [candidate(1, "X", "8"), candidate(2, "X", "8")]
    rows = [wanted(1, offers[:1], 50), wanted(2, offers[1:], 50, node="WAW")]
    found = sourced(rows, offers, {SUPPLIERS["X"]: 70})
    left = {r.id.int: found.parts.get(r.id) for r in rows}
    bought = sum(50 if p is None else sum(x.quantity for x in p) for p in left.values())
    assert bought <= 70
    assert found.short == 100 - bought


def test_what_nobody_can_make_is_not_bought() -> None:
    offers = [candidate(1, "X", "8")]
    found = sourced([wanted(1, offers, 100)], offers, {SUPPLIERS["X"]: 0})
    assert found.parts == {UUID(int=1): []}
    assert (found.short, found.moved, found.split) == (100, 0, 0)


def test_no_supplier_gets_more_than_the_largest_share_where_others_can_cover() -> None:
    offers = [candidate(1, "X", "8"), candidate(1, "Y", "9"), candidate(1, "Z", "30")]
    plan = msgspec.structs.replace(PLAN, largest_share=0.6)
    found = sourced([wanted(1, offers, 100)], offers, plan=plan)
    assert by_supplier(found.parts[UUID(int=1)]) == {"X": 60, "Y": 40}
    # A share nobody's minimum fits in is no share.
    stiff = [msgspec.structs.replace(c, moq=80) for c in offers]
    assert sourced([wanted(1, stiff, 100)], stiff, plan=plan).parts == {}


def test_an_offer_that_comes_after_stock_is_gone_pays_for_it() -> None:
    """Y saves 20 yuan and a purchase, and comes three weeks later than the need."""
    offers = [
        candidate(1, "X", "10"), candidate(2, "Y", "7"),
        candidate(1, "Y", "9.5", lead_time_days_mean=28.0, lead_time_days_p95=30.0),
    ]  # fmt: skip
    rows = [wanted(1, [offers[0], offers[2]], 40), wanted(2, [offers[1]], 50)]
    rows[0] = msgspec.structs.replace(rows[0], offer_id=offers[0].offer_id)
    assert sourced(rows, offers).parts == {}
    patient = [msgspec.structs.replace(rows[0], slack_days=30), rows[1]]
    told = sourced(patient, offers).parts[UUID(int=1)]
    assert by_supplier(told) == {"Y": 40}
    assert told[0].later_days == 21.0


@settings(max_examples=60, deadline=None)
@given(
    needs=st.lists(
        st.tuples(
            st.integers(1, 300),
            st.dictionaries(
                st.sampled_from("XYZ"),
                st.tuples(st.integers(500, 2_000), st.integers(1, 200)), min_size=1,
            ),
        ),
        min_size=1, max_size=5,
    ),
    pack=st.sampled_from([1, 6, 10]),
    capacity=st.dictionaries(st.sampled_from("XYZ"), st.integers(0, 500)),
    share=st.sampled_from([0.5, 1.0]),
)  # fmt: skip
def test_what_is_bought_keeps_every_limit_and_the_bound_holds(
    *, needs: list[tuple[int, dict[str, tuple[int, int]]]], pack: int, capacity: dict[str, int],
    share: float,
) -> None:  # fmt: skip
    offers, rows = {}, []
    for number, (need, sellers) in enumerate(needs, start=1):
        own = [
            candidate(number, s, str(Decimal(cents) / 100), moq=moq, pack_size=pack,
                      breaks=((1, Decimal(cents) / 100), (120, Decimal(cents) / 120)))
            for s, (cents, moq) in sorted(sellers.items())
        ]  # fmt: skip
        least = compare(own, daily=need / 14, review_days=7, holding_rate=0.25, order_cost=5.0,
                        margin=4.0, margin_share=0.4)[0]  # fmt: skip
        lot = max(-(-max(need, least.moq) // pack) * pack, pack)
        why = [Reason(code="PACK_ROUNDED", value=float(need), limit=float(lot))]
        rows.append(wanted(number, own, lot, why=why, units_a_day=need / 14))
        offers |= {c.offer_id: c for c in own}
    limits = {SUPPLIERS[s]: units for s, units in capacity.items()}
    plan = msgspec.structs.replace(PLAN, largest_share=share)
    found = sourced(rows, list(offers.values()), limits, plan)
    made = dict.fromkeys(SUPPLIERS.values(), 0)
    lacking = 0
    for row, (need, _) in zip(rows, needs, strict=True):
        parts = found.parts.get(row.id)
        if parts is None:
            made[offers[row.offer_id].supplier_org_id] += row.quantity
            continue
        for part in parts:
            offer = offers[part.offer.offer_id]
            check_quantity(part.quantity, sku="S", moq=offer.moq, pack_size=pack)
            assert part.unit_price == price_at(offer.breaks, part.quantity)
            made[offer.supplier_org_id] += part.quantity
        assert len({part.offer.supplier for part in parts}) == len(parts)
        lacking += max(need - sum(part.quantity for part in parts), 0)
    assert all(made[org] <= units for org, units in limits.items())
    assert found.short == lacking
    assert found.bound <= found.cost + 1e-6
    if not limits and share == 1.0:
        assert found.short == 0
        assert found.cost <= found.cost_apart * 1.02 + 1e-6


def test_a_capacity_counts_where_its_words_say_which_unit() -> None:
    pieces = {Uom.PIECE}
    assert units_left(1_000, "件", awaited=300, uoms=pieces) == 700
    assert units_left(1_000, " Pieces ", awaited=1_300, uoms=pieces) == 0
    assert units_left(20, "meters", awaited=5_000, uoms={Uom.METRE}) == 15_000
    assert units_left(20, "containers", awaited=0, uoms=pieces) is None
    assert units_left(20, "pcs", awaited=0, uoms={Uom.PIECE, Uom.METRE}) is None


async def make_rivals(database: Database) -> Network:
    """SKU-1 is asked for at two nodes and sold by two."""
    network = await make_world(database)
    csv = "1,yiwu-02,SKU-1,OPERATOR,CNY,1,24.5,50\n"
    async with database.system() as db:
        await catalog.import_offers(db, columns=OFFER_COLUMNS, csv=csv.encode(), now=NOW)
    await take_lots_away(database)
    stock = {("SKU-1", "CON-YIW"): 0, ("SKU-1", "OVS-WAW"): 0, ("SKU-2", "CON-YIW"): 0}
    await set_stock(database, network.operator, stock)
    return network


async def limit(database: Database, operator: Actor, capacity: int) -> None:
    """The supplier zhili-01 says what it can make a month."""
    async with database.system() as db:
        await db.execute(
            """insert into suppliers.profile (org_id, operator_org_id, capacity_month,
                 capacity_unit, updated_at)
               select org_id, $1, $2, '件', $3 from suppliers.supplier where code = 'zhili-01'""",
            operator.org_id, capacity, NOW,
        )  # fmt: skip


async def test_a_plan_splits_what_one_factory_cannot_make(database: Database) -> None:
    network = await make_rivals(database)
    operator = network.operator
    free = await make_plan(database, operator)
    whole = [p for p in await list_all(database, operator) if p.sku == "SKU-1"]
    needs = {p.node: p.quantity for p in whole}
    capacity = needs["CON-YIW"] - 20
    await limit(database, operator, capacity)
    run = await make_plan(database, operator)
    found = [p for p in await list_all(database, operator) if p.sku == "SKU-1"]
    by_node = {node: sum(p.quantity for p in found if p.node == node) for node in needs}
    assert by_node == needs
    assert sum(p.quantity for p in found if p.supplier == "zhili-01") == capacity
    assert {p.plan_run_id for p in found} == {run.id} != {free.id}
    assert sum(p.expected_cost for p in found) == sum(p.expected_cost for p in whole)
    split = [p for p in found if "SUPPLIER_SPLIT" in {r.code for r in p.why}]
    assert len(split) == 2
    assert {p.supplier for p in split} == {"zhili-01", "yiwu-02"}
    assert sum(p.amount for p in found) == sum(
        round(p.quantity * p.unit_price * 100) for p in found
    )
    async with database.reading(operator) as db:
        told = ((await runs.get_run(db, operator.org_id, run.id)).metrics or {})["sourcing"]
        positions, _ = await risks.list_risks(db, operator.org_id, run.id, RiskFilters())
        units = {
            (r.sku, r.node): r.units
            for r in await db.rows(
                _Units,
                """select k.code as sku, n.code as node, r.units from planning.inventory_risk r
                     join catalog.sku k on k.id = r.sku_id join trade.node n on n.id = r.node_id
                    where r.plan_run_id = $1""",
                run.id,
            )
        }
    assert (told["split"], told["short"], told["deferred"]) == (1, 0, 0)
    assert {(sku, node): u for (sku, node), u in units.items() if sku == "SKU-1"} == {
        ("SKU-1", node): quantity for node, quantity in needs.items()
    }
    assert len({p.proposal_id for p in positions if p.sku == "SKU-1"}) == 2

    async with visiting(database, operator) as visitor:
        page = await visitor.see(f"/plans/run_{run.id.hex}")
        assert "1 split" in page
        assert "come from" in await visitor.see(f"/proposals/prp_{split[0].id.hex}")
        assert "SKU-1" in await visitor.see("/risk")
        assert "SKU-1" in await visitor.see("/demand")
    async with database.writing(operator) as db:
        done = await actions.accept(db, operator, proposal_ids=[p.id for p in found], now=NOW)
        issued = await purchases_actions.issue_purchases(db, operator, now=NOW)
    assert done.count == len(found)
    assert sum(o.lines for o in issued) == len(found)
    judged = hindsight.Judgeable(
        id=run.id, cut_off=run.cut_off, freq="D", parameters={}, periods=60
    )
    async with database.reading(operator) as db:
        rows = await hindsight.list_positions(db, judged, after=None, limit=100)
    by_sku = [(str(r.sku_id), str(r.node_id)) for r in rows]
    assert len(set(by_sku)) == len(by_sku)
    assert sorted(r.decided for r in rows if r.decided is not None) == sorted(needs.values())


async def test_the_parts_of_a_split_share_what_ordering_gains(database: Database) -> None:
    network = await make_rivals(database)
    operator = network.operator
    await limit(database, operator, 40)
    plan = msgspec.structs.replace(PARAMETERS, budget=1e9)
    run = await make_plan(database, operator, parameters=plan)
    async with database.reading(operator) as db:
        positions, _ = await risks.list_risks(db, operator.org_id, run.id, RiskFilters())
    assert (run.metrics or {})["sourcing"]["split"] >= 1
    gain = sum(p.order_gain for p in positions if p.proposal_id)
    assert gain > 0
    assert (run.metrics or {})["budget"]["gain"] == pytest.approx(gain, abs=2)
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            "update catalog.sku set weight_g = 9, length_mm = 9, width_mm = 9, height_mm = 9"
        )
    async with database.reading(operator) as db:
        along = await inbound.list_along(
            db, operator.org_id, list({p.node_id for p in positions}), until=dt.date(2027, 11, 20)
        )
    assert sum(a.gain for a in along) == pytest.approx(gain, abs=2)


class _Units(msgspec.Struct, frozen=True):
    sku: str
    node: str
    units: int


async def test_what_no_factory_can_make_waits_and_says_so(database: Database) -> None:
    network = await make_world(database)
    operator = network.operator
    await set_stock(database, operator, {("SKU-1", "CON-YIW"): 0, ("SKU-2", "CON-YIW"): 0})
    await limit(database, operator, 0)
    run = await make_plan(database, operator)
    found = {p.sku: p for p in await list_all(database, operator)}
    assert found["SKU-1"].status is Status.DEFERRED
    assert found["SKU-1"].why[-1] == Reason(code="SUPPLIER_FULL", name="zhili-01")
    assert found["SKU-2"].status is Status.OPEN
    async with database.reading(operator) as db:
        told = ((await runs.get_run(db, operator.org_id, run.id)).metrics or {})["sourcing"]
    assert told["deferred"] >= 1
    assert told["short"] > 0


async def test_a_line_that_moves_is_ordered_before_its_new_supplier_closes(
    database: Database,
) -> None:
    network = await make_rivals(database)
    operator = network.operator
    # Warsaw has its own, so that nothing moves there.
    stock = {("SKU-1", "CON-YIW"): 315, ("SKU-1", "OVS-WAW"): 1_000}
    await set_stock(database, operator, stock)
    key = ("SKU-1", "CON-YIW")
    await limit(database, operator, 0)
    # Where orders cost nothing one is proposed while it can still wait.
    plain = msgspec.structs.replace(PARAMETERS, order_cost=0.0)
    free = await make_plan(database, operator, parameters=plain)
    waits = {(p.sku, p.node): p for p in await list_all(database, operator, free)}[key]
    last_order = waits.order_by - dt.timedelta(days=1)
    assert last_order > TODAY, "it can wait"
    await close_supplier(
        database, "yiwu-02", starts=last_order + dt.timedelta(days=1),
        ends=last_order + dt.timedelta(days=25), last_order=last_order,
    )  # fmt: skip
    shut = await make_plan(database, operator, parameters=plain)
    hurries = {(p.sku, p.node): p for p in await list_all(database, operator, shut)}[key]
    assert waits.supplier == hurries.supplier == "yiwu-02"
    assert "LAST_ORDER_DATE" in {r.code for r in hurries.why}
    assert hurries.order_by == last_order


async def test_a_choice_the_clock_ended_is_told_with_the_run(database: Database) -> None:
    """Suppliers are chosen again for a run's drafts, as if the clock had ended it."""
    network = await make_rivals(database)
    run = await make_plan(database, network.operator)

    async def hurried(_choose: object, wanted: list[Wanted], *_: object) -> Sourced:
        return Sourced({}, 1.0, 1.0, 1.0, "GREEDY", 0, 0, 0, hurried=len(wanted) > 0)

    async with database.system() as db:
        file = await db.value(
            "select content from planning.plan_file where plan_run_id = $1 and name = 'frame'",
            run.id,
        )
        frame = msgspec.json.decode(file, type=Frame)
        await db.execute("update planning.proposal set status = 'DRAFT'")
        await choose_suppliers(db, hurried, network.operator, run.id, frame)
    async with database.reading(network.operator) as db:
        told = (await runs.get_run(db, network.operator.org_id, run.id)).notes
    assert {note.code for note in told} - {note.code for note in run.notes} == {
        "SUPPLIERS_BY_CLOCK"
    }
    assert any("clock" in text for text in explain_notes(told, "en"))
    assert not any("clock" in text for text in explain_notes(run.notes, "en"))

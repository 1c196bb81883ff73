"""Builders: a network in the middle of its day, with something of everything to decide."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.accounts.types import Organization
from beltline.app.imports.types import ImportOutcome
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.ids import new_id
from tests.catalog.make import make_network
from tests.orders.make import set_stock

BELTS = {"zhili-01": "Zhili", "yiwu-02": "Yiwu"}


class Day(msgspec.Struct, frozen=True):
    """Ids of what the day has, as tests name it."""

    operator: Organization
    buyer: Organization
    supplier: Organization
    proposals: dict[str, UUID]
    purchases: dict[str, UUID]
    jobs: dict[str, UUID]


async def make_day(database: Database, now: dt.datetime) -> Day:
    """An operator's day: a plan with proposals, purchase orders in every state, stock, jobs."""
    await make_network(database)
    async with database.system() as db:
        operator = await organizations.get_organization(db, "operator")
        await _settle_belts(db)
        await _set_goods(db, operator, now)
        run_id = await make_run(db, operator.id, now)
        proposals = {
            sku: await make_proposal(
                db, operator.id, run_id, sku=sku, supplier=supplier, order_by=day_of(now) + late,
                amount=amount, p_stockout=chance,
            )
            for sku, supplier, late, amount, chance in (
                ("SKU-1", "zhili-01", dt.timedelta(0), 4_872_000, 0.63),
                ("SKU-2", "yiwu-02", dt.timedelta(1), 1_210_000, 0.12),
                ("SKU-3", "yiwu-02", dt.timedelta(9), 900_000, 0.02),
            )
        }  # fmt: skip
        purchases = await _buy(db, operator.id, now)
        jobs = await _jobs(db, operator, now)
        return Day(
            operator=operator,
            buyer=await organizations.get_organization(db, "demo-buyer"),
            supplier=await organizations.get_organization(db, "zhili-01"),
            proposals=proposals,
            purchases=purchases,
            jobs=jobs,
        )


async def _settle_belts(db: Writer) -> None:
    for code, name in BELTS.items():
        belt_id = await db.value(
            "select id from suppliers.belt where name_en ilike $1 || '%' order by id limit 1", name
        )
        await db.execute(
            "update suppliers.supplier set belt_id = $2 where code = $1", code, belt_id
        )


async def _set_goods(db: Writer, operator: Organization, now: dt.datetime) -> None:
    actor = accounts.system_actor(operator)
    skus = await _ids(db, "catalog.sku")
    nodes = await _ids(db, "trade.node")
    for sku, node, on_hand in (("SKU-1", "CON-YIW", 40), ("SKU-2", "CON-YIW", 900),
                               ("SKU-2", "OVS-WAW", 0)):  # fmt: skip
        await set_stock(db, actor, {sku: skus[sku]}, node_id=nodes[node], on_hand=on_hand, now=now)
    for node in ("CON-YIW", "OVS-WAW"):
        for back in range(1, 15):
            await db.execute(
                """insert into planning.demand (org_id, sku_id, node_id, ds, y)
                   values ($1, $2, $3, $4, 6)""",
                operator.id, skus["SKU-2"], nodes[node], day_of(now) - dt.timedelta(days=back),
            )  # fmt: skip


async def _ids(db: Writer, table: str) -> dict[str, UUID]:
    found: dict[str, str] = await db.value(
        f"select coalesce(jsonb_object_agg(code, id), '{{}}') from {table}"
    )
    return {code: UUID(text) for code, text in found.items()}


async def make_run(db: Writer, org_id: UUID, now: dt.datetime) -> UUID:
    """A finished plan run with a forecast of 5 a day for SKU-1 and SKU-2 in Yiwu."""
    run_id = new_id()
    await db.execute(
        """insert into planning.plan_run (id, org_id, state, cut_off, as_of, freq, horizon,
             parameters, versions, created_by, created_at, finished_at)
           values ($1, $2, 'DONE', $3, $4, 'D', 28, '{}', '{}', 'system', $4, $4)""",
        run_id, org_id, day_of(now), now - dt.timedelta(hours=6),
    )  # fmt: skip
    await db.execute(
        """insert into planning.forecast (plan_run_id, org_id, sku_id, node_id, mean, p10, p50, p90,
             drivers, accuracy)
           select $1, $2, k.id, n.id, array_fill(5::real, array[28]),
                  array_fill(2::real, array[28]), array_fill(5::real, array[28]),
                  array_fill(9::real, array[28]), '[]', '{}'
             from catalog.sku k, trade.node n
            where k.code in ('SKU-1', 'SKU-2') and n.code = 'CON-YIW'""",
        run_id, org_id,
    )  # fmt: skip
    return run_id


async def make_proposal(
    db: Writer,
    org_id: UUID,
    run_id: UUID,
    *,
    sku: str,
    supplier: str,
    order_by: dt.date,
    amount: int,
    p_stockout: float,
) -> UUID:
    """An open proposal of 240 units at the hub in Yiwu."""
    proposal_id = new_id()
    await db.execute(
        """insert into planning.proposal (id, plan_run_id, org_id, sku_id, node_id,
             supplier_org_id, offer_id, currency, proposed_quantity, quantity, moq, pack_size,
             unit_price, amount, order_by, expected_date, on_hand, inbound, stock_target,
             cover_days, p_stockout, p_stockout_after, expected_cost, why, alternatives, status)
           select $1, $2, $3, k.id, n.id, s.org_id, $1, 'CNY', 240, 240, 50, 10, 20.3, $6, $5::date,
                  $5::date + 12, 40, 0, 300, 6.2, $7, 0.04, 1000, '[]', '[]', 'OPEN'
             from catalog.sku k, trade.node n, suppliers.supplier s
            where k.code = $4 and n.code = 'CON-YIW' and s.code = $8""",
        proposal_id, run_id, org_id, sku, order_by, amount, p_stockout, supplier,
    )  # fmt: skip
    return proposal_id


async def _buy(db: Writer, org_id: UUID, now: dt.datetime) -> dict[str, UUID]:
    day = day_of(now)
    rows = (
        # number, supplier, status, amount, expected, answer by, received
        ("PO-1", "zhili-01", "COUNTERED", 11_800_000, day + dt.timedelta(12), None, None),
        ("PO-2", "yiwu-02", "ISSUED", 3_790_000, day + dt.timedelta(9), now - dt.timedelta(hours=2),
         None),
        ("PO-3", "zhili-01", "CONFIRMED", 6_500_200, day - dt.timedelta(2), None, None),
        ("PO-4", "yiwu-02", "CONFIRMED", 512_000, day, None, None),
        ("PO-5", "yiwu-02", "CONFIRMED", 8_100_000, day + dt.timedelta(30), None, None),
        ("PO-6", "yiwu-02", "RECEIVED", 400_000, day - dt.timedelta(3), None,
         now - dt.timedelta(days=4)),
        ("PO-7", "zhili-01", "RECEIVED", 400_000, day - dt.timedelta(20), None,
         now - dt.timedelta(days=12)),
    )  # fmt: skip
    made = {}
    for number, supplier, status, amount, expected, answer_by, received_at in rows:
        made[number] = await make_purchase(
            db, org_id, number=number, supplier=supplier, status=status, amount=amount,
            expected=expected, answer_by=answer_by, received_at=received_at, now=now,
        )  # fmt: skip
    return made


async def make_purchase(
    db: Writer,
    org_id: UUID,
    *,
    number: str,
    supplier: str,
    status: str,
    amount: int,
    expected: dt.date,
    now: dt.datetime,
    answer_by: dt.datetime | None = None,
    received_at: dt.datetime | None = None,
    currency: str = "CNY",
) -> UUID:
    """A purchase order of 100 units, issued ten days ago."""
    order_id = new_id()
    await db.execute(
        """insert into procurement.purchase_order (id, number, operator_org_id, supplier_org_id,
             node_id, currency, status, total_amount, expected_date, answer_by, created_by,
             created_at, issued_at, answered_at, received_at)
           select $1, $2, $3, s.org_id, n.id, $10, $5, $6, $7, $8, 'test', $9::timestamptz, $9,
                  case $5 when 'COUNTERED' then $9::timestamptz + interval '10 days' end, $11
             from suppliers.supplier s, trade.node n where s.code = $4 and n.code = 'CON-YIW'""",
        order_id, number, org_id, supplier, status, amount, expected, answer_by,
        now - dt.timedelta(days=10), currency, received_at,
    )  # fmt: skip
    awaited = 0 if received_at else 100
    answered = {"COUNTERED": 60, "ISSUED": None}.get(status, 100)
    await db.execute(
        """insert into procurement.purchase_order_line (purchase_order_id, line_no,
             operator_org_id, supplier_org_id, sku_id, quantity, unit_price, amount,
             answered_quantity, answered_unit_price, answered_amount, awaited_quantity)
           select o.id, 1, o.operator_org_id, o.supplier_org_id, k.id, 100, $2, o.total_amount,
                  $3, $2, o.total_amount, $4
             from procurement.purchase_order o, catalog.sku k
            where o.id = $1 and k.code = 'SKU-1'""",
        order_id, Decimal("20.3"), answered, awaited,
    )  # fmt: skip
    return order_id


async def _jobs(db: Writer, operator: Organization, now: dt.datetime) -> dict[str, UUID]:
    actor = msgspec.to_builtins(accounts.system_actor(operator))
    rows = (
        ("stock: stock.csv", "import.v1", "DONE", import_result("stock", bad_rows=14)),
        ("demand: demand.csv", "import.v1", "DONE", import_result("demand")),
        ("Plan", "plan.v1", "FAILED", {"error": "ZeroDivisionError: by zero"}),
    )
    made = {}
    for title, kind, state, result in rows:
        made[title] = await make_job(
            db, operator.id, actor, title=title, kind=kind, state=state, result=result, now=now
        )
    return made


async def make_job(
    db: Writer,
    org_id: UUID,
    actor: dict[str, object],
    *,
    title: str,
    kind: str,
    state: str,
    result: dict[str, object] | None,
    now: dt.datetime,
) -> UUID:
    """A job that ended an hour ago."""
    job_id = new_id()
    dataset, _, file_name = title.partition(": ")
    asked = {"file_id": job_id, "file_name": file_name, "dataset": dataset}
    await db.execute(
        """insert into kit.job (id, org_id, kind, title, state, parameters, result, actor,
                                created_by, created_at, started_at, finished_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, 'test', $9, $9, $9)""",
        job_id, org_id, kind, title, state, asked if kind == "import.v1" else {}, result, actor,
        now - dt.timedelta(hours=1),
    )  # fmt: skip
    return job_id


def import_result(dataset: str, *, bad_rows: int = 0) -> dict[str, object]:
    """What an import of 100 new rows and some bad ones returned."""
    outcome = ImportOutcome(
        dataset=dataset, file_name=f"{dataset}.csv", rows=100 + bad_rows, inserted=100, updated=0,
        unchanged=0, bad_rows=bad_rows, problems=bad_rows, dry_run=False, columns=[], left_out=[],
        result_file_id=None,
    )  # fmt: skip
    built: dict[str, object] = msgspec.to_builtins(outcome)
    return built


def actor_of(organization: Organization, role: str = "ADMIN") -> Actor:
    """A member-like actor of an organization."""
    return msgspec.structs.replace(accounts.system_actor(organization), role=role)

"""From an empty database to a network with a plan and a morning's orders, once.

Every part can be done twice: what is there already changes nothing. A start that was killed goes
on where it was, and a finished one is known by its job.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.accounts.actions import legal
from beltline.accounts.types import CodeTaken, Organization, OrgKind
from beltline.app.demo import chance, companies, world
from beltline.app.demo import orders as demo_orders
from beltline.app.demo.facts import World, WorldFacts
from beltline.app.demo.levies import DOLLARS
from beltline.app.demo.state import MARKER, PEOPLE, DemoState, OtherWorld, find_demo
from beltline.app.imports.inline import ImportRequest, import_path
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import Run, job, registry_of
from beltline.ledger import actions as ledger
from beltline.orders import actions as orders
from beltline.orders.actions import pools
from beltline.orders.queries import pools as pool_queries
from beltline.orders.types import OrderBody, ShipTo
from beltline.orders.types.pools import PledgeBody, PoolBody
from beltline.planning.queries import runs as plans
from beltline.planning.types import Parameters
from beltline.planning.workflows import plan as planning
from beltline.suppliers import actions as suppliers
from beltline.suppliers import queries as supplier_queries
from beltline.suppliers.actions import verification
from beltline.suppliers.queries import verification as verifications
from beltline.suppliers.types import Profile
from beltline.trade import actions as trade
from beltline.trade.types import FxRate

ORDERS = 200
DEPOSIT_USD = 5_000_000_00
CREDIT_USD = 500_000_00
SAYING = 0.08
"""The share of factories that say what they can make in a month."""
CAPACITY_HUNDREDS = (4, 24)
SUPPLIERS_MOST = 2_000
POOL_OPEN = dt.timedelta(days=10)

Progress = Callable[[float, str], None]
_NAMESPACE = UUID("0d4c6a5e-35b4-4f6e-9a44-8f6c1f0a2b77")


@job("demo.v1")
async def finish_demo(run: Run) -> DemoState:
    """Remember that the demo is complete, and what it is made of."""
    return msgspec.convert(run.parameters, DemoState)


async def prepare(
    database: Database, folder: Path, *, world_name: World, password: str, progress: Progress
) -> DemoState:
    """Bring the demo to its finished state; returns at once when it is."""
    found = await find_demo(database, world_name)
    if found is not None:
        return found
    now = await database.now()
    operator = await _operator(database, world_name, now)
    facts = world.build(
        folder, today=day_of(now), world=world_name,
        progress=lambda share, text: progress(0.1 * share, text),
    )  # fmt: skip
    await _import_files(database, operator, folder, facts, progress)
    progress(0.55, "People, balances and rates")
    await _people(database, password, now)
    await _companies(database, facts, now)
    await _money(database, operator, facts, now)
    await _capacities(database, operator, facts, now)
    progress(0.6, "Planning")
    await _plan(database, operator, facts, progress)
    progress(0.95, "A morning's orders")
    await _orders(database, folder, facts)
    await _pool(database, operator)
    state = DemoState(world_name, facts)
    await run_inline(
        database, operator, kind=finish_demo.name, title="Demo", now=now,
        parameters=msgspec.to_builtins(state), registry=registry_of(finish_demo), job_id=MARKER,
    )  # fmt: skip
    progress(1.0, "Ready")
    return state


async def _operator(database: Database, world_name: World, now: dt.datetime) -> Actor:
    """The operator and the buyer; refuses a database with somebody else's network in it."""
    async with database.system() as db:
        known = await organizations.find_operator(db)
        if known is not None and known.name_zh != "百联示范网络":
            raise OtherWorld(found="another network", world=world_name)
        if known is None:
            known = await accounts.create_organization(
                db, code="operator", kind="OPERATOR", name="Beltline demo network",
                name_zh="百联示范网络", country="CN", now=now,
            )  # fmt: skip
            await accounts.create_organization(
                db, code="demo-buyer", kind="BUYER", name="Mała Pracownia, Warszawa",
                country="PL", now=now,
            )  # fmt: skip
        await suppliers.load_belts(db)
    return accounts.system_actor(known, "demo")


async def _import_files(
    database: Database, operator: Actor, folder: Path, facts: WorldFacts, progress: Progress
) -> None:
    total = sum(file.rows for file in facts.files)
    before = 0
    for file in facts.files:
        progress(0.1 + 0.45 * before / total, f"Importing {file.name}, {file.rows:,} rows")
        outcome = await import_path(
            database, operator, ImportRequest(path=folder / file.name, dataset=file.dataset),
            on_progress=None,
        )  # fmt: skip
        if outcome.bad_rows:
            raise RuntimeError(f"{file.name}: {outcome.bad_rows} rows of the demo are not right")
        before += file.rows


async def _people(database: Database, password: str, now: dt.datetime) -> None:
    for code, email, name, role, locale in PEOPLE:
        async with database.system() as db:
            organization = await organizations.get_organization(db, code)
            await _member(db, organization, (email, name, role, locale), password, now)


async def _member(
    db: Writer,
    organization: Organization,
    person: tuple[str, str, str, str],
    password: str,
    now: dt.datetime,
) -> None:
    email, name, role, locale = person
    actor = accounts.system_actor(organization, "demo")
    try:
        async with db.savepoint():
            await accounts.create_member(
                db, actor, org_id=organization.id, email=email, name=name, password=password,
                role=role, locale=locale, now=now,
            )  # fmt: skip
    except CodeTaken:
        return


async def _companies(database: Database, facts: WorldFacts, now: dt.datetime) -> None:
    """Who is who on papers: the operator, the buyer, some suppliers; others have yet to say."""
    async with database.system() as db:
        known = await organizations.list_organizations(db, limit=SUPPLIERS_MOST)
    for organization in known:
        match organization.kind:
            case OrgKind.OPERATOR:
                entity = companies.operator()
            case OrgKind.BUYER:
                entity = companies.buyer()
            case OrgKind.SUPPLIER if companies.has_stated(organization.code, facts.seed):
                entity = companies.supplier(organization)
            case _:
                continue
        actor = accounts.system_actor(organization, "demo")
        async with database.writing(actor) as db:
            if not await organizations.list_legal_entities(db, organization.id, limit=1):
                await legal.state_legal_entity(db, actor, entity=entity, now=now)


async def _money(database: Database, operator: Actor, facts: WorldFacts, now: dt.datetime) -> None:
    """The buyer's balance, and the demo's fixed rates of the dollar."""
    per = {rate.per: rate.units for rate in facts.rates}
    rate = (per["USD"] / per["CNY"]).quantize(Decimal("0.000001"))
    async with database.system() as db:
        since, source = facts.history_first, "fixed demo rate"
        await trade.keep_rates(
            db,
            [
                FxRate("USD", "CNY", since, rate, source),
                *(FxRate(base, "USD", since, dollars, source) for base, dollars in DOLLARS.items()),
            ],
        )
        buyer = await organizations.get_organization(db, "demo-buyer")
        await ledger.deposit_once(
            db, operator, for_org_id=buyer.id, amount=DEPOSIT_USD, currency="USD",
            reference="demo deposit", now=now,
        )  # fmt: skip
        await ledger.set_credit_line(
            db, operator, for_org_id=buyer.id, currency="USD", limit=CREDIT_USD, due_day=8,
            late_fee_ppm=5_000, now=now,
        )  # fmt: skip


async def _capacities(
    database: Database, operator: Actor, facts: WorldFacts, now: dt.datetime
) -> None:
    """What some factories say they can make in a month; a plan asks no more of them."""
    async with database.reading(operator) as db:
        known = await supplier_queries.list_suppliers(db, limit=SUPPLIERS_MOST)
    said = [
        s for s in known
        if s.kind == "FACTORY" and chance.unit(facts.seed, "says", s.code) < SAYING
    ]  # fmt: skip
    for supplier in said:
        pieces = 100 * chance.between(facts.seed, *CAPACITY_HUNDREDS, "capacity", supplier.code)
        async with database.writing(operator) as db:
            if await verifications.find_latest(db, supplier.org_id) is not None:
                continue
            opened = await verification.renew(db, operator, org_id=supplier.org_id, now=now)
            await verification.keep_profile(
                db, operator, verification_id=opened.id, now=now,
                profile=Profile(capacity_month=pieces, capacity_unit="件"),
            )  # fmt: skip


async def _plan(database: Database, operator: Actor, facts: WorldFacts, progress: Progress) -> None:
    async with database.reading(operator) as db:
        if await plans.find_latest_run(db, operator.org_id) is not None:
            return
    await planning.run_plan_inline(
        database, operator, cut_off=facts.history_latest, parameters=Parameters(),
        on_progress=lambda told: progress(
            0.6 + 0.35 * told.done / max(told.total or 1, 1), f"Planning: {told.message}"
        ),
    )  # fmt: skip


async def _orders(database: Database, folder: Path, facts: WorldFacts) -> None:
    """The morning's orders; one that stock no longer covers is refused, as any other would be."""
    async with database.system() as db:
        buyer = await organizations.get_organization(db, "demo-buyer")
    actor = accounts.system_actor(buyer, "demo")
    for body in demo_orders.morning(folder, count=ORDERS, seed=facts.seed):
        order = msgspec.convert(body, OrderBody)
        key = f"demo-{uuid.uuid5(_NAMESPACE, order.reference)}"
        await orders.place_order(database, actor, order, key=key, now=await database.now())


async def _pool(database: Database, operator: Actor) -> None:
    """A pool of what a factory makes from 500 on; the buyer wants fewer."""
    now = await database.now()
    async with database.system() as db:
        if await pool_queries.list_pools(db, operator, limit=1):
            return
        buyer = await organizations.get_organization(db, "demo-buyer")
        body = PoolBody("FLASKLOGO-0001", "USD", now + POOL_OPEN)
        pool = await pools.open_pool(db, operator, body=body, now=now)
        ship_to = ShipTo("Ola Nowak", "PL", city="Warszawa", postcode="00-001", line1="Prosta 1")
        await pools.join_pool(
            db, accounts.system_actor(buyer, "demo"), pool_id=pool.id, now=now,
            body=PledgeBody(120, "flasks", ship_to),
        )  # fmt: skip

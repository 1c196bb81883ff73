"""Sheets without master data: what they name is made, once, and nothing that cannot be."""

import datetime as dt
from pathlib import Path
from typing import Any

from beltline.accounts import actions as accounts
from beltline.app.imports.inline import ImportRequest, import_path
from beltline.app.imports.types import ImportOutcome
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.catalog.make import NOW


async def _operator(database: Database) -> Actor:
    async with database.system() as db:
        made = await accounts.create_organization(
            db, code="operator", kind="OPERATOR", name="Acme", country="PL", now=NOW
        )
    return accounts.system_actor(made)


async def _import(
    database: Database, actor: Actor, path: Path, text: str, **wishes: Any
) -> ImportOutcome:
    request = ImportRequest(path=_written(path, text), create_missing=True, **wishes)
    return await import_path(database, actor, request, on_progress=None)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


async def test_demand_alone_makes_its_skus_and_nodes(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    text = "unique_id,ds,y\nA@WAW,2026-11-01,3\nA@WAW,2026-11-02,4\nB@KRK,2026-11-01,0\n"
    done = await _import(database, actor, tmp_path / "demand.csv", text)
    assert (done.inserted, done.bad_rows, done.created) == (3, 0, 4)
    async with database.system() as db:
        nodes = await db.values("select code || kind || country from trade.node order by code")
        owned = await db.value(
            "select count(*) from catalog.sku where supplier_org_id = $1", actor.org_id
        )
    assert nodes == ["KRKSHARPPL", "WAWSHARPPL"]
    assert owned == 2
    again = await _import(database, actor, tmp_path / "demand.csv", text)
    assert (again.unchanged, again.created) == (3, 0)


async def test_a_wide_table_is_demand_and_flags_join_it(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    head = "Store,Product,2026-11-02,2026-11-09,2026-11-16\n"
    done = await _import(database, actor, tmp_path / "weeks.csv", f"{head}WAW,A,3,0,5\n")
    assert (done.dataset, done.inserted) == ("demand", 3)
    flags = f"{head}WAW,A,True,False,True\nKRK,A,True,True,True\n"
    joined = await _import(database, actor, tmp_path / "in_stock.csv", flags)
    assert (joined.dataset, joined.updated, joined.bad_rows) == ("in_stock", 3, 3)
    async with database.system() as db:
        out = await db.values("select y::int from planning.demand where not in_stock")
    assert out == [0]


async def test_numbered_days_get_their_dates(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    text = "item_id,store_id,d_1,d_2,d_3\nA,WAW,3,0,5\n"
    day = dt.date(2026, 11, 1)
    done = await _import(database, actor, tmp_path / "days.csv", text, first_day=day)
    assert (done.dataset, done.inserted) == ("demand", 3)
    async with database.system() as db:
        assert await db.value("select max(ds) from planning.demand") == dt.date(2026, 11, 3)


async def test_a_price_list_makes_its_suppliers(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    text = "supplier,sku,unit_price\nmill-7,A,2.5\nmill-7,B,3\noperator,A,9\n"
    done = await _import(database, actor, tmp_path / "offers.csv", text)
    assert (done.inserted, done.bad_rows, done.created) == (3, 0, 3)
    async with database.system() as db:
        owner = await db.values(
            """select s.code from catalog.sku k join suppliers.supplier s
                 on s.org_id = k.supplier_org_id order by k.code"""
        )
    assert owner == ["mill-7", "mill-7"]


async def test_skus_without_a_product_are_their_own(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    done = await _import(
        database, actor, tmp_path / "skus.csv", "code,title,uom,pack_size\nA,Flask,pcs,24\n"
    )
    assert (done.bad_rows, done.created) == (0, 1)
    async with database.system() as db:
        found = await db.value("select title || uom || pack_size from catalog.sku")
    assert found == "FlaskPIECE24"


async def test_without_the_wish_a_sku_needs_its_product(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    path = _written(tmp_path / "skus.csv", "code,title\nA,Flask\n")
    done = await import_path(database, actor, ImportRequest(path=path), on_progress=None)
    assert (done.inserted, done.bad_rows, done.created) == (0, 1, 0)


async def test_codes_that_cannot_be_are_named(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    text = "supplier,sku,unit_price\n7,A,1\nmill-7,B C,1\nmill-7,D,1\n"
    done = await _import(database, actor, tmp_path / "offers.csv", text)
    assert (done.inserted, done.bad_rows) == (1, 2)


async def test_a_dry_run_makes_nothing(database: Database, tmp_path: Path) -> None:
    actor = await _operator(database)
    text = "sku,node,on_hand\nA,WAW,5\n"
    done = await _import(database, actor, tmp_path / "stock.csv", text, dry_run=True)
    assert (done.inserted, done.created) == (1, 2)
    async with database.system() as db:
        assert await db.value("select count(*) from catalog.sku") == 0

"""Cartons of nodes: by file, page and API, dated, refused with a remedy, the operator's alone."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from beltline.app.imports.export import export_rows
from beltline.app.imports.inline import ImportRequest, import_path
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.events import list_events_of
from beltline.kit.sheets.report import write_table
from beltline.trade.actions import cartons as actions
from beltline.trade.queries import cartons as queries
from beltline.trade.types import CartonBody, CartonEndsFirst, NotPackedHere, UnknownNode
from tests.catalog.make import NOW, make_network
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import member, send

TODAY = day_of(NOW)
BODY = CartonBody("CON-YIW", "C-40", 400, 300, 300, 420, 20_000, "3.2")


async def keep(database: Database, actor: Actor, carton: CartonBody) -> str:
    async with database.writing(actor) as db:
        return (await actions.keep_carton(db, actor, carton, now=NOW)).hex


async def test_every_kind_of_file_brings_cartons_in_and_out(
    database: Database, tmp_path: Path
) -> None:
    network = await make_network(database)
    headers = [
        "仓库",
        "箱型",
        "内长",
        "内宽",
        "内高",
        "皮重",
        "承重",
        "单价",
        "生效日期",
        "失效日期",
    ]
    rows = [
        ["CON-YIW", "C-20", 200, 150, 100, 90, 5_000, 1.2, "2026-01-01", None],
        ["CON-YIW", "C-40", 400, 300, 300, 420, 20_000, 3.2, "2026-01-01", "2026-12-31"],
        ["CON-YIW", "C-60", 600, 400, 400, 800, 30_000, 5, "2026-05-01", "2026-04-30"],
        ["NOBODY", "C-60", 600, 400, 400, 800, 30_000, 5, "2026-05-01", None],
        ["CON-YIW", "C-0", 0, 400, 400, 800, 30_000, 5, "2026-05-01", None],
    ]  # fmt: skip
    path = tmp_path / "cartons.xlsx"
    write_table(pl.DataFrame(rows, schema=headers, orient="row", strict=False), path)
    request = ImportRequest(path, dataset="cartons")
    outcome = await import_path(database, network.operator, request, on_progress=None)
    assert (outcome.dataset, outcome.inserted, outcome.bad_rows) == ("cartons", 2, 3)
    again = tmp_path / "again.csv"
    assert await export_rows(database.dsn, "cartons", again) == 2
    same = await import_path(
        database, network.operator, ImportRequest(again, dataset="cartons"), on_progress=None
    )
    assert (same.inserted, same.updated, same.unchanged, same.bad_rows) == (0, 0, 2, 0)


async def test_of_one_code_the_newest_valid_one_is_used(database: Database) -> None:
    network = await make_network(database)
    first = dt.timedelta(days=-30)
    for starts, width in ((TODAY + first, 300), (TODAY, 320), (TODAY - first, 340)):
        changed = CartonBody(
            "CON-YIW", "C-40", 400, width, 300, 420, 20_000, "3.2", valid_from=starts
        )
        await keep(database, network.operator, changed)
    ended = CartonBody("CON-YIW", "C-20", 200, 150, 100, 90, 5_000, valid_from=TODAY + first,
                       valid_until=TODAY - dt.timedelta(days=1))  # fmt: skip
    await keep(database, network.operator, ended)
    async with database.reading(network.operator) as db:
        usable = await queries.list_usable_cartons(db, "CON-YIW", on=TODAY)
        listed = await queries.list_cartons(db)
        others = await queries.list_usable_cartons(db, "WAW", on=TODAY)
    assert [(c.code, c.width_mm, c.cost) for c in usable] == [("C-40", 320, Decimal("3.2"))]
    assert (len(listed), others) == (4, [])
    async with database.reading(network.buyer) as db:
        assert await queries.list_cartons(db) == []


async def test_a_change_is_told_once_and_the_same_is_none(database: Database) -> None:
    network = await make_network(database)
    made = await keep(database, network.operator, BODY)
    assert await keep(database, network.operator, BODY) == made
    wider = CartonBody("CON-YIW", "C-40", 400, 310, 300, 420, 20_000, "3.2")
    assert await keep(database, network.operator, wider) == made
    async with database.system() as db:
        carton_id = await db.value("select id from trade.carton")
        told = await list_events_of(db, carton_id)
        audited = await db.value(
            "select count(*) from accounts.audit where object = 'carton' and action = 'keep'"
        )
    assert [(e.type, e.data["width_mm"]) for e in told] == [
        ("carton.kept", 300), ("carton.kept", 310),
    ]  # fmt: skip
    assert audited == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"node": "NOWHERE"}, UnknownNode),
        ({"node": "F-YIW"}, NotPackedHere),
        ({"valid_until": dt.date(2020, 1, 1)}, CartonEndsFirst),
    ],
)
async def test_what_cannot_be_kept(
    database: Database, change: dict[str, object], why: type[Refusal]
) -> None:
    network = await make_network(database)
    async with database.system() as db:
        await db.execute(
            """insert into trade.node (id, code, kind, name, country, tz, supplier_org_id,
                 created_at, updated_at)
               values (kit.uuid7($1), 'F-YIW', 'FACTORY', 'F', 'CN', 'UTC', $2, $1, $1)""",
            NOW, network.other_buyer.org_id,
        )  # fmt: skip
    given = {"node": "CON-YIW", **change}
    body = CartonBody(code="C-40", length_mm=1, width_mm=1, height_mm=1, tare_g=0, load_g_max=1,
                      **given)  # type: ignore[arg-type]  # fmt: skip
    with pytest.raises(why):
        await keep(database, network.operator, body)


async def test_page_and_api(database: Database) -> None:
    network = await make_network(database)
    sides = {"length_mm": "400", "width_mm": "300", "height_mm": "300"}
    form = {"node": "CON-YIW", "code": "C-40", **sides, "tare_g": "420", "load_g_max": "20,000",
            "cost": "3.2", "currency": "cny"}  # fmt: skip
    async with member(database, network.operator, locale="zh") as http:
        empty = await http.get("/cartons")
        bad = await send(http, "/cartons", seen=empty, **(form | {"width_mm": "wide", "cost": "x"}))
        done = await send(http, "/cartons", seen=empty, **form)
        listed = await http.get("/cartons?node=CON-YIW&now_valid=1")
        ends = await send(http, "/cartons", seen=empty, **form, valid_until="2020-01-01")
    assert "还没有纸箱" in empty.text
    assert (bad.status_code, bad.text.count('aria-invalid="true"')) == (422, 2)
    assert "请填价格，如 3.20。" in bad.text
    assert done.status_code == 303
    assert "400 × 300 × 300 mm" in listed.text
    assert (ends.status_code, "请填不早于首日的末日" in ends.text) == (422, True)
    operator, buyer = await key_of(database, network.operator), await key_of(
        database, network.buyer
    )  # fmt: skip
    body = {"node": "CON-YIW", "code": "C-20", "length_mm": 200, "width_mm": 150,
            "height_mm": 100, "tare_g": 90, "load_g_max": 5_000, "cost": "1.20"}  # fmt: skip
    async with api(database) as http:
        kept = [
            (await http.post("/v1/cartons", json=body, headers=idempotent(operator, "k1"))).json()
            for _ in range(2)
        ]
        unusable = await http.post(
            "/v1/cartons", json=body | {"tare_g": -1}, headers=idempotent(operator, "k2")
        )
        page = (await http.get("/v1/cartons?limit=1", headers=operator)).json()
        hidden = await http.get("/v1/cartons", headers=buyer)
    assert kept[0] == kept[1]
    assert unusable.status_code == 422
    assert [(c["code"], c["cost"]) for c in page["items"]] == [("C-20", "1.2")]
    assert page["next_cursor"] is not None
    assert hidden.status_code == 403

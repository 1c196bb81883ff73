"""P9: with another organization's ids no operation gives, changes or admits anything."""

import datetime as dt
import itertools
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

import beltline
from beltline.accounts import actions as accounts
from beltline.app.web import composition
from beltline.app.web.openapi import describe
from beltline.inventory import actions as inventory
from beltline.inventory.types.counts import CountWanted
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.accounts.legal import BUYER, state
from tests.app.client import client_of, settings_for_tests
from tests.app.hostile import example_of
from tests.customs.make import at_export, enter_fapiao, with_rules
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market, set_stock
from tests.proofs.sizes import sized
from tests.proofs.victims import SEED

CALLS = sized(ci=2_000, nightly=50_000)
# Every prefix an id can have; each foreign id is tried under its own and under all others.
PREFIXES = sorted({
    prefix
    for file in Path(beltline.__file__).parent.rglob("*.py")
    for prefix in re.findall(r'(?:read|show)_id\(\s*"([a-z]+)"', file.read_text())
})  # fmt: skip
# What all may know: the catalog, who supplies, where belts are, what a data set looks like.
PUBLIC = (
    "/v1/catalog", "/v1/stock", "/v1/belts", "/v1/suppliers", "/v1/imports/datasets", "/v1/nodes",
    "/v1/api-keys", "/v1/audit",
)  # fmt: skip
REFUSED = {400, 401, 403, 404, 405, 409, 410, 422}


@pytest.mark.proof
async def test_no_operation_takes_another_organizations_ids(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=2, buyers=2, on_hand=100)
    await _customs_things(database, market)
    await _stock_things(database, market)
    await state(database, market.buyer, BUYER, await database.now())
    ids = await _private_things(database, market)
    stranger = await _stranger(database, await database.now())
    before = await _fingerprint(database)
    operations = [
        (method, path, operation)
        for path, item in describe(composition.ROUTES)["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "{" in path and not path.startswith(PUBLIC)
    ]
    document = describe(composition.ROUTES)
    calls, taken = 0, []
    headers = await key_of(database, stranger)
    settings = settings_for_tests(rate_key=1e6, rate_org=1e6)
    async with client_of(database.dsn, settings=settings) as http:
        combinations = list(itertools.product(operations, ids, PREFIXES))
        random.Random(SEED).shuffle(combinations)
        for (method, path, operation), found, prefix in itertools.islice(
            itertools.cycle(combinations), CALLS
        ):
            target = _filled(path, f"{prefix}_{found}")
            body = example_of(document, operation)
            answer = await http.request(
                method, target, headers=idempotent(headers),
                content=None if body is None else json.dumps(body),
            )  # fmt: skip
            calls += 1
            if answer.status_code not in REFUSED:
                taken.append(f"{method} {target}: {answer.status_code} {answer.text[:200]}")
        lists = await _lists(http, headers, document)
    print(f"{calls} calls of {len(operations)} operations with {len(ids)} foreign ids;")
    print(f"{len(taken)} taken, {lists} foreign rows in lists")
    assert taken == []
    assert {path: rows for path, rows in lists.items() if rows} == {}
    assert await _fingerprint(database) == before


async def _private_things(database: Database, market: Market) -> list[str]:
    """Hex ids of what belongs to others: an order, its parts, keys, webhooks, rows of all kinds."""
    headers = await key_of(database, market.buyer)
    async with api(database) as http:
        await http.post(
            "/v1/orders", headers=idempotent(headers),
            json={"reference": "P-1", "currency": "USD", "partial": False,
                  "ship_to": {"name": "A", "country": "PL", "city": "W", "line1": "x"},
                  "lines": [{"sku": "S-1", "quantity": 2}], "payment": {"method": "BALANCE"}},
        )  # fmt: skip
    async with database.system() as db:
        tables = await db.values(
            """select c.table_schema || '."' || c.table_name || '"'
                 from information_schema.columns c
                join information_schema.tables t using (table_schema, table_name)
                where c.column_name = 'id' and c.data_type = 'uuid' and t.table_type = 'BASE TABLE'
                  and c.table_schema in ('orders', 'accounts', 'ledger', 'inventory', 'kit',
                                         'customs')"""
        )
        found = [value for table in sorted(tables)
                 for value in await db.values(f"select id from {table} limit 2")]  # fmt: skip
    return sorted({value.hex for value in found})


async def _customs_things(database: Database, market: Market) -> None:
    """A customs file with a declaration, its tasks and a fapiao, of goods from Yiwu."""
    now = await database.now()
    async with database.system() as db:
        for node, on_hand in (("WAW", 0), ("YIW", 100)):
            await set_stock(
                db, market.operator, market.skus, node_id=market.nodes[node], on_hand=on_hand,
                now=now,
            )  # fmt: skip
    await with_rules(database, market, now)
    await at_export(database, market, now)
    await enter_fapiao(database, market, now, ("S-1", 2, 2_000))


async def _stock_things(database: Database, market: Market) -> None:
    """A count of stock that is open."""
    async with database.writing(market.operator) as db:
        await inventory.open_count(
            db, market.operator, CountWanted("WAW", ("S-2",)), now=await database.now()
        )


async def _stranger(database: Database, now: dt.datetime) -> Actor:
    async with database.system() as db:
        org = await accounts.create_organization(
            db, code="stranger", kind="BUYER", name="Stranger", country="DE", now=now
        )
    return accounts.system_actor(org)


def _filled(path: str, value: str) -> str:
    while "{" in path:
        path = path[: path.index("{")] + value + path[path.index("}") + 1 :]
    return path


async def _lists(http: Any, headers: dict[str, str], document: dict[str, Any]) -> dict[str, int]:
    """Rows a stranger sees in lists of private things."""
    seen = {}
    for path, item in document["paths"].items():
        if "get" not in item or "{" in path or path.startswith(PUBLIC):
            continue
        answer = await http.get(path, headers=headers)
        if answer.status_code == 200 and isinstance(answer.json(), dict):
            items = answer.json().get("items", [])
            seen[path] = len(items)
    return seen


async def _fingerprint(database: Database) -> list[Any]:
    """What must not change: rows of every private table but the stranger's own answers."""
    async with database.system() as db:
        return [
            await db.value(f"select count(*) from {table}")
            for table in ('orders."order"', "orders.order_line", "ledger.entry", "inventory.stock",
                          "inventory.movement", "kit.outbox", "accounts.member", "customs.task",
                          "customs.fapiao", "customs.declaration", "inventory.stock_count",
                          "inventory.stock_count_line")
        ]  # fmt: skip

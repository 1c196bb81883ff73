"""The API of planning: start, read, decide, issue; scopes and other organizations."""

from typing import Any

import httpx
import pytest

from beltline.accounts import actions as accounts
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import new_id, read_id
from beltline.planning.queries import runs
from tests.app.client import client_of
from tests.catalog.make import NOW
from tests.planning.make import make_plan, make_world, set_stock, work

SCOPES = ["planning:read", "planning:write"]


async def secret_of(database: Database, actor: Actor, scopes: list[str]) -> str:
    async with database.system() as db:
        issued = await accounts.create_key(db, actor, name="test", scopes=scopes, now=NOW)
    return issued.secret


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def new_key() -> dict[str, str]:
    return {"idempotency-key": new_id().hex}


async def test_a_plan_is_started_and_read(database: Database, dsn: str) -> None:
    network = await make_world(database)
    secret = await secret_of(database, network.operator, SCOPES)
    async with client_of(dsn, **bearer(secret)) as client:
        key = new_key()
        body = {"parameters": {"horizon": 7, "paths": 50}}
        asked = await client.post("/v1/plans", json=body, headers=key)
        again = await client.post("/v1/plans", json=body, headers=key)
        assert (asked.status_code, asked.json()["state"]) == (202, "QUEUED")
        assert again.json()["id"] == asked.json()["id"]
        run_id = read_id("run", asked.json()["id"])
        async with database.reading(network.operator) as db:
            run = await runs.get_run(db, network.operator.org_id, run_id)
        await work(database, network.operator, run, job_id=run.job_id)
        done = (await client.get(f"/v1/plans/{asked.json()['id']}")).json()
        assert (done["state"], done["metrics"]["series"]) == ("DONE", 4)
        assert any("no valid offer" in text for text in done["notes_text"])
        listed = (await client.get("/v1/plans")).json()
        assert [one["id"] for one in listed["items"]] == [asked.json()["id"]]
        told = await client.get("/v1/forecasts", params={"sku": "SKU-1", "node": "CON-YIW"})
        days = told.json()
        assert (len(days["forecast"]), len(days["history"])) == (7, 120)
        assert days["forecast"][0]["p10"] <= days["forecast"][0]["p90"]


async def test_proposals_are_decided_and_issued(database: Database, dsn: str) -> None:
    network = await make_world(database)
    await make_plan(database, network.operator)
    secret = await secret_of(database, network.operator, SCOPES)
    async with client_of(dsn, **bearer(secret)) as client:
        listed = (await client.get("/v1/proposals", params={"limit": 2})).json()
        assert len(listed["items"]) == 2
        assert listed["totals"]["count"] == 3
        rest = await client.get("/v1/proposals", params={"cursor": listed["next_cursor"]})
        one, two = listed["items"]
        (three,) = rest.json()["items"]
        wrong = await client.post(
            f"/v1/proposals/{one['id']}/edit", json={"quantity": 1, "version": 1},
            headers=new_key(),
        )  # fmt: skip
        assert (wrong.status_code, wrong.json()["code"]) == (422, "planning.quantity_not_allowed")
        assert wrong.json()["above"] >= one["moq"]
        quantity = one["quantity"] + 10 * one["pack_size"]
        edited = await client.post(
            f"/v1/proposals/{one['id']}/edit", json={"quantity": quantity, "version": 1},
            headers=new_key(),
        )  # fmt: skip
        assert edited.json()["quantity"] == quantity
        stale = await client.post(
            f"/v1/proposals/{one['id']}/accept", json={"version": 1}, headers=new_key()
        )
        assert (stale.status_code, stale.json()["code"]) == (409, "planning.proposal_changed")
        for each in (one, two):
            told = await client.post(f"/v1/proposals/{each['id']}/accept", headers=new_key())
            assert told.json()["status"] == "ACCEPTED"
        said = await client.post(
            f"/v1/proposals/{three['id']}/reject", json={"note": "enough"}, headers=new_key()
        )
        assert (said.json()["status"], said.json()["decision_note"]) == ("REJECTED", "enough")
        issued = await client.post(
            "/v1/proposals/issue", json={"proposal_ids": [one["id"], two["id"]]},
            headers=new_key(),
        )  # fmt: skip
        assert issued.status_code == 201
        assert sum(order["lines"] for order in issued.json()["items"]) == 2
        after = (await client.get(f"/v1/proposals/{one['id']}")).json()
        assert (after["status"], after["purchase_order_id"] is None) == ("ISSUED", False)


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/v1/plans/{run}"), ("get", "/v1/proposals/{prp}"),
     ("post", "/v1/proposals/{prp}/accept"),
     ("get", "/v1/forecasts?sku=SKU-1&node=CON-YIW")],
)  # fmt: skip
async def test_another_organization_finds_nothing(
    database: Database, dsn: str, method: str, path: str
) -> None:
    network = await make_world(database)
    run = await make_plan(database, network.operator)
    async with database.system() as db:
        proposal = await db.value("select id from planning.proposal limit 1")
    secret = await secret_of(database, network.buyer, SCOPES)
    shown = path.format(run=f"run_{run.id.hex}", prp=f"prp_{proposal.hex}")
    async with client_of(dsn, **bearer(secret)) as client:
        answer = await _call(client, method, shown)
    # Only the operator decides; to anybody else nothing is there.
    assert answer.status_code == (403 if method == "post" else 404)


async def test_a_key_needs_the_scope(database: Database, dsn: str) -> None:
    network = await make_world(database)
    secret = await secret_of(database, network.operator, ["planning:read"])
    async with client_of(dsn, **bearer(secret)) as client:
        answer = await client.post("/v1/plans", headers=new_key())
    assert (answer.status_code, answer.json()["code"]) == (403, "kit.missing_scope")


async def _call(client: httpx.AsyncClient, method: str, path: str) -> Any:
    if method == "get":
        return await client.get(path)
    return await client.post(path, headers=new_key())


async def test_positions_are_listed_with_what_is_at_stake(database: Database, dsn: str) -> None:
    network = await make_world(database)
    await set_stock(database, network.operator, {("SKU-1", "CON-YIW"): 20_000})
    secret = await secret_of(database, network.operator, SCOPES)
    async with client_of(dsn, **bearer(secret)) as client:
        assert (await client.get("/v1/inventory-risks")).status_code == 404
        run = await make_plan(database, network.operator)
        told = (await client.get("/v1/inventory-risks")).json()
        assert told["plan_run_id"] == f"run_{run.id.hex}"
        first = next(one for one in told["items"] if one["node"] == "CON-YIW")
        assert (first["sku"], first["state"], first["xyz"]) == ("SKU-1", "OVER", "X")
        assert first["remedies"][0]["benefit"] > first["remedies"][0]["cost"]
        over = (await client.get("/v1/inventory-risks", params={"state": "OVER"})).json()
        assert [one["sku"] for one in over["items"]] == ["SKU-1"]
        assert {t["state"] for t in over["totals"]} == {t["state"] for t in told["totals"]}
        wrong = await client.get("/v1/inventory-risks", params={"classes": "Q"})
        assert wrong.status_code in {400, 422}

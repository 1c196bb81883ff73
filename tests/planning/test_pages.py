"""Planning as pages: proposals decided, edited, undone and issued; demand; runs."""

import datetime as dt
import re
from collections.abc import AsyncIterator

import pytest

from beltline.kit.db import Database
from beltline.planning.queries import proposals, runs
from beltline.planning.types import PlanRun, Proposal
from tests.catalog.make import NOW, Network
from tests.planning.make import (
    PARAMETERS,
    list_all,
    make_plan,
    make_world,
    open_plan,
    set_stock,
    work,
)
from tests.visitor import Visitor, visiting


@pytest.fixture
async def network(database: Database) -> Network:
    made = await make_world(database)
    await set_stock(database, made.operator, {("SKU-1", "CON-YIW"): 60, ("SKU-1", "OVS-WAW"): 40})
    return made


@pytest.fixture
async def run(database: Database, network: Network) -> PlanRun:
    return await make_plan(database, network.operator)


@pytest.fixture
async def planner(database: Database, network: Network, run: PlanRun) -> AsyncIterator[Visitor]:
    async with visiting(database, network.operator, role="PLANNER") as visitor:
        yield visitor


def shown(proposal: Proposal) -> str:
    return f"prp_{proposal.id.hex}"


async def now_of(database: Database, network: Network, proposal: Proposal) -> Proposal:
    async with database.reading(network.operator) as db:
        return await proposals.get_proposal(db, network.operator.org_id, proposal.id)


async def test_a_proposal_says_what_by_when_and_why(
    database: Database, network: Network, run: PlanRun, planner: Visitor
) -> None:
    found = (await list_all(database, network.operator))[0]
    page = await planner.see("/replenish")
    assert f'value="{shown(found)}"' in page
    assert 'class="spark spark-w"' in page
    page = await planner.see(f"/proposals/{shown(found)}")
    assert "Without an order the chance of running out" in page
    assert "chosen" in page
    assert "data-chart" in page


async def test_filters_narrow_and_say_so(
    database: Database, network: Network, planner: Visitor
) -> None:
    rows = re.compile(r'name="proposal" value="(prp_\w+)"')
    everything = rows.findall(await planner.see("/replenish"))
    at_warsaw = rows.findall(await planner.see("/replenish?node=OVS-WAW"))
    assert 0 < len(at_warsaw) < len(everything)
    assert "No proposal matches" in await planner.see("/replenish?q=zzz")
    assert rows.findall(await planner.see("/replenish?status=ACCEPTED")) == []


async def test_decide_in_bulk_undo_and_issue(
    database: Database, network: Network, planner: Visitor
) -> None:
    found = await list_all(database, network.operator)
    fields = [("proposal", shown(p)) for p in found]
    answer = await planner.send(
        "/replenish/decide", [*fields, ("act", "accept"), ("next", "/replenish?node=OVS-WAW")]
    )
    assert answer.headers["location"] == "/replenish?node=OVS-WAW"
    page = await planner.see("/replenish")
    assert f"{len(found)} proposals accepted" in page
    assert 'action="/replenish/undo"' in page
    assert re.search(r"Create \d purchases", page)
    assert (await planner.send("/replenish/undo")).status_code == 303
    assert {p.status for p in await list_all(database, network.operator)} == {"OPEN"}
    await planner.send("/replenish/decide", [fields[0], ("act", "accept")])
    await planner.send("/replenish/decide", [fields[1], ("act", "reject")])
    answer = await planner.send("/replenish/issue")
    assert answer.headers["location"] == "/replenish?status=ISSUED&made=1"
    assert "1 purchase created." in await planner.see(answer.headers["location"])
    assert (await now_of(database, network, found[0])).purchase_order_id is not None
    assert (await now_of(database, network, found[1])).status == "REJECTED"


async def test_all_that_a_filter_names(
    database: Database, network: Network, planner: Visitor
) -> None:
    fields = {"all": "1", "act": "accept", "status": "OPEN", "node": "OVS-WAW"}
    await planner.send("/replenish/decide", fields)
    by_node = {p.node: p.status for p in await list_all(database, network.operator)}
    assert by_node["OVS-WAW"] == "ACCEPTED"
    assert by_node["CON-YIW"] == "OPEN"


async def test_a_quantity_is_edited_in_its_row(
    database: Database, network: Network, planner: Visitor
) -> None:
    found = (await list_all(database, network.operator))[0]
    more = found.quantity + found.pack_size
    row = await planner.send(
        f"/proposals/{shown(found)}/edit", {"quantity": more, "version": found.version},
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )  # fmt: skip
    assert row.status_code == 200
    assert row.text.lstrip().startswith("<tr")
    assert f'value="{more}"' in row.text
    assert (await now_of(database, network, found)).quantity == more
    wrong = await planner.send(
        f"/proposals/{shown(found)}/edit", {"quantity": 3},
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )  # fmt: skip
    assert 'aria-invalid="true"' in wrong.text
    assert f'value="{found.moq}"' in wrong.text
    assert (await now_of(database, network, found)).quantity == more
    page = await planner.send(f"/proposals/{shown(found)}/edit", {"quantity": "much"})
    assert page.status_code == 422
    assert "The minimum is" in page.text


async def test_a_stale_decision_is_refused(
    database: Database, network: Network, planner: Visitor
) -> None:
    found = (await list_all(database, network.operator))[0]
    path = f"/proposals/{shown(found)}/decide"
    old = {"act": "reject", "version": found.version, "note": "enough"}
    assert (await planner.send(path, old)).status_code == 303
    assert "enough" in await planner.see(f"/proposals/{shown(found)}")
    assert (await planner.send(path, old)).status_code == 409


async def test_other_organizations_see_none_of_it(
    database: Database, network: Network, run: PlanRun
) -> None:
    found = (await list_all(database, network.operator))[0]
    async with visiting(database, network.buyer) as visitor:
        for path in (f"/proposals/{shown(found)}", f"/plans/run_{run.id.hex}",
                     "/demand/SKU-1/OVS-WAW"):  # fmt: skip
            assert (await visitor.get(path)).status_code == 404, path
        for path in ("/replenish", "/plans", "/demand"):
            assert (await visitor.get(path)).status_code == 403, path
            assert f'href="{path}"' not in await visitor.see("/products")
        answer = await visitor.send(
            "/replenish/decide", {"proposal": shown(found), "act": "accept"}
        )
        assert answer.status_code == 403
    assert (await now_of(database, network, found)).status == "OPEN"


async def test_a_form_without_its_token_is_refused(
    database: Database, network: Network, planner: Visitor
) -> None:
    assert (await planner.client.post("/replenish/issue")).status_code == 403
    assert (await planner.client.post("/plans")).status_code == 403


async def test_a_series_shows_what_was_sold_and_what_is_expected(
    database: Database, network: Network, planner: Visitor
) -> None:
    page = await planner.see("/demand?node=OVS-WAW")
    assert "/demand/SKU-1/OVS-WAW" in page
    assert "SKU-2" not in page
    page = await planner.see("/demand/SKU-1/OVS-WAW")
    assert "The strongest weekday is Saturday" in page
    assert "Inside P10" in page
    assert page.count('<th scope="row">') > 120
    assert (await planner.get("/demand/SKU-1/NOWHERE")).status_code == 404


async def test_cells_say_how_long_stock_lasts(
    database: Database, network: Network, planner: Visitor
) -> None:
    found = (await list_all(database, network.operator))[0]
    cells = await planner.see(
        f"/demand/cells?series={found.sku_id.hex}.{found.node_id.hex}&series=x.y"
    )
    assert cells.count("hx-swap-oob") == 1
    assert re.search(r">[\d.]+ d<", cells)


async def test_a_run_is_started_once_and_followed(database: Database, network: Network) -> None:
    async with visiting(database, network.operator) as visitor:
        assert "No plan yet" in await visitor.see("/replenish")
        assert "No forecast yet" in await visitor.see("/demand")
        assert (await visitor.send("/plans")).status_code == 303
        assert (await visitor.send("/plans")).status_code == 303
        async with database.reading(network.operator) as db:
            waiting, _ = await runs.list_runs(db, network.operator.org_id)
        assert len(waiting) == 1
        page = await visitor.see("/plans")
        path = f"/plans/run_{waiting[0].id.hex}"
        assert f'hx-get="{path}/progress"' in page
        assert "hx-get" in await visitor.see(f"{path}/progress")


async def test_an_ended_run_is_not_asked_for_any_more(database: Database, network: Network) -> None:
    waiting = await open_plan(
        database, network.operator, parameters=PARAMETERS, now=NOW - dt.timedelta(minutes=5)
    )
    await work(database, network.operator, waiting)
    async with visiting(database, network.operator) as visitor:
        path = f"/plans/run_{waiting.id.hex}"
        assert "hx-get" not in await visitor.see(f"{path}/progress")
        page = await visitor.see(path)
    for text in ("Last season repeated", "Accuracy by category", "Input hash", "SKU-3@CON-YIW"):
        assert text in page

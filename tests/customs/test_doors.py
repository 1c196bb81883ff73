"""Customs by API and on pages: the operator's, in both languages, once for each key."""

import pytest

from beltline.kit.db import Database
from beltline.kit.ids import show_id
from tests.customs.make import (
    EXPORTER,
    at_export,
    carry_events,
    declarations,
    files,
    make_border,
    stages,
    tasks,
    with_rules,
)
from tests.fulfillment.journeys import journeys_of
from tests.fulfillment.test_documents import text_of
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import member, send


async def test_a_file_goes_its_way_by_api(database: Database) -> None:
    now = await database.now()
    market = await make_border(database, now)
    await with_rules(database, market, now)
    order_id = await at_export(database, market, now)
    key = await key_of(database, market.operator)
    async with api(database) as http:
        [row] = (await http.get("/v1/customs-files?stopped=true", headers=key)).json()["items"]
        [task] = (await http.get("/v1/customs-tasks", headers=key)).json()["items"]
        wrong = await http.post(
            f"/v1/customs-tasks/{task['id']}/answer", headers=idempotent(key),
            json={"option": "CONFIRM"},
        )  # fmt: skip
        stopped = await http.post(
            "/v1/journeys/finish", headers=idempotent(key), json={
                "stage": "EXPORT",
                "journeys": [show_id("jny", (await journeys_of(database, market, order_id))[0].id)],
            },
        )  # fmt: skip
        body = {
            "number": "F-1", "supplier": "zhili-1", "buyer": EXPORTER, "issued_date": "2026-11-01",
            "lines": [{"sku": "S-1", "quantity": 4, "net_amount": 4_000, "vat_amount": 520}],
        }  # fmt: skip
        headers = idempotent(key)
        kept = await http.post("/v1/fapiaos", headers=headers, json=body)
        again = await http.post("/v1/fapiaos", headers=headers, json=body)
        twice = await http.post("/v1/fapiaos", headers=idempotent(key), json=body)
        unknown = await http.post(
            "/v1/fapiaos", headers=idempotent(key), json={**body, "number": "2", "supplier": "x"}
        )
        file = (await http.get(f"/v1/customs-files/{row['id']}", headers=key)).json()
        [declared] = file["declared"]
        moved = await http.post(
            f"/v1/declarations/{declared['id']}/move", headers=idempotent(key),
            json={"act": "LODGE", "number": "310-1"},
        )  # fmt: skip
        lost = await http.post(
            f"/v1/declarations/{declared['id']}/move", headers=idempotent(key),
            json={"act": "FORFEIT"},
        )  # fmt: skip
        await http.post(
            f"/v1/declarations/{declared['id']}/move", headers=idempotent(key),
            json={"act": "RELEASE"},
        )  # fmt: skip
        early = await http.post(
            f"/v1/declarations/{declared['id']}/refund", headers=idempotent(key),
            json={"state": "FILED"},
        )  # fmt: skip
        data = (await http.get(f"/v1/declarations/{declared['id']}", headers=key)).json()
        paper = await http.get(f"/v1/declarations/{declared['id']}/pdf?lang=zh", headers=key)
        rows = (await http.get("/v1/declarations?status=RELEASED", headers=key)).json()["items"]
        papers = (await http.get("/v1/fapiaos", headers=key)).json()["items"]
        checked = await http.post(f"/v1/customs-files/{row['id']}/check", headers=idempotent(key))
        strict = await http.put(
            "/v1/customs-setting", headers=key, json={"is_strict": True, "fapiao_hours": 48}
        )
        setting = (await http.get("/v1/customs-setting", headers=key)).json()
    assert (row["stopping"], task["kind"], task["options"]) == (1, "FAPIAO_MISSING", ["GO_WITHOUT"])
    assert (wrong.status_code, wrong.json()["code"]) == (422, "customs.no_such_option")
    assert (stopped.status_code, stopped.json()["code"]) == (409, "customs.stopped")
    assert (kept.status_code, again.json(), twice.status_code) == (201, kept.json(), 409)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "customs.unknown_supplier")
    assert (declared["state"], file["tasks"]) == ("READY", [])
    assert (file["refund"], file["lost_refund"]) == ([{"amount": 520, "currency": "CNY"}], [])
    assert (moved.json()["state"], moved.json()["customs_number"]) == ("LODGED", "310-1")
    assert (lost.status_code, lost.json()["code"]) == (422, "customs.bearer_missing")
    assert (early.status_code, early.json()["code"]) == (409, "customs.not_in_state")
    assert data["lines"][0]["hs_code"] == "6108310000"
    assert data["taxes"][0]["percent"] == "12"
    assert "出口报关数据" in text_of(paper.content)
    assert [r["id"] for r in rows] == [declared["id"]]
    assert papers[0]["lines"][0]["used_units"] == 4
    assert (checked.status_code, strict.status_code) == (200, 200)
    assert setting == {"is_strict": True, "fapiao_hours": 48}
    await carry_events(database)
    assert await stages(database, market, order_id) == ["DISPATCH"]


async def test_customs_is_nobody_elses(database: Database) -> None:
    now = await database.now()
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await at_export(database, market, now)
    [file], [declaration] = await files(database, market), await declarations(database, market)
    [task] = (await tasks(database, market)).values()
    gets = [
        "/v1/customs-files", f"/v1/customs-files/{show_id('cus', file.id)}", "/v1/declarations",
        f"/v1/declarations/{show_id('dcl', declaration.id)}", "/v1/customs-tasks", "/v1/fapiaos",
        f"/v1/declarations/{show_id('dcl', declaration.id)}/pdf", "/v1/customs-setting",
    ]  # fmt: skip
    posts = {
        f"/v1/customs-files/{show_id('cus', file.id)}/check": None,
        f"/v1/customs-files/{show_id('cus', file.id)}/join": {"files": [show_id("cus", file.id)]},
        f"/v1/declarations/{show_id('dcl', declaration.id)}/move": {"act": "LODGE"},
        f"/v1/declarations/{show_id('dcl', declaration.id)}/refund": {"state": "FILED"},
        f"/v1/customs-tasks/{show_id('ctk', task.id)}/answer": {"option": "GO_WITHOUT"},
    }
    for actor in (market.buyer, market.supplier):
        key = await key_of(database, actor)
        async with api(database) as http:
            for path in gets:
                assert (await http.get(path, headers=key)).status_code == 403, path
            for path, body in posts.items():
                answer = await http.post(path, headers=idempotent(key), json=body)
                assert answer.status_code == 403, path
        async with member(database, actor) as browser:
            for path in ("/customs", f"/customs/{show_id('cus', file.id)}", "/fapiaos"):
                assert (await browser.get(path)).status_code == 403, path


@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_a_file_is_seen_to_on_its_page(database: Database, locale: str) -> None:
    now = await database.now()
    market = await make_border(database, now)
    await with_rules(database, market, now)
    order_id = await at_export(database, market, now)
    [file], [declaration] = await files(database, market), await declarations(database, market)
    path = f"/customs/{show_id('cus', file.id)}"
    act = f"{path}/declarations/{show_id('dcl', declaration.id)}"
    async with member(database, market.operator, locale=locale) as http:
        listed = await http.get("/customs?stopped=1&q=so-")
        page = await http.get(path)
        journey = (await journeys_of(database, market, order_id))[0]
        linked = await http.get(f"/journeys/{show_id('jny', journey.id)}")
        queue = await http.get("/")
        [task] = (await tasks(database, market)).values()
        await send(http, f"{path}/tasks/{show_id('ctk', task.id)}", seen=page, option="GO_WITHOUT")
        await send(http, f"{act}/move", seen=page, act="LODGE", number="310-7")
        await send(http, f"{act}/move", seen=page, act="QUERY", note="which fibre?")
        asked = await http.get(path)
        [query] = (await tasks(database, market)).values()
        await send(
            http, f"{path}/tasks/{show_id('ctk', query.id)}", seen=page, option="ANSWER",
            note="cotton",
        )  # fmt: skip
        await send(http, f"{act}/move", seen=page, act="RELEASE")
        ended = await http.get(path)
        paper = await http.get(f"/customs/declarations/{show_id('dcl', declaration.id)}/pdf")
        await send(http, "/customs/setting", seen=page, is_strict="1", fapiao_hours="36")
        strict = await http.get("/customs")
    assert file.number in listed.text
    assert ("Go without the refund" if locale == "en" else "放弃退税放行") in page.text
    assert path in linked.text
    assert path in queue.text
    assert "which fibre?" in asked.text
    assert ("Released by customs" if locale == "en" else "海关放行") in ended.text
    assert "310-7" in ended.text
    # 4 x 11.30 less 13 % VAT is 40.00, of which 13 % are lost.
    assert "5.20" in ended.text
    assert paper.content[:5] == b"%PDF-"
    assert 'value="36"' in strict.text


async def test_a_fapiao_is_entered_by_hand(database: Database) -> None:
    now = await database.now()
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await at_export(database, market, now)
    right = {
        "number": "F-9", "supplier": "zhili-1", "buyer": EXPORTER, "issued_date": "2026-11-01",
        "sku": "S-1", "quantity": "4", "net": "40.00", "vat": "5.20", "kind": "SPECIAL",
    }  # fmt: skip
    async with member(database, market.operator) as http:
        page = await http.get("/fapiaos")
        for wrong in (
            {"number": ""}, {"issued_date": "soon"}, {"net": "much"}, {"quantity": "-1"},
            {"net": "NaN"}, {"quantity": "9" * 30},
        ):  # fmt: skip
            refused = await send(http, "/fapiaos", seen=page, **{**right, **wrong})
            assert refused.status_code == 422, wrong
            assert EXPORTER in refused.text
        unknown = await send(http, "/fapiaos", seen=page, **{**right, "sku": "NOT-1"})
        assert (unknown.status_code, "NOT-1" in unknown.text) == (422, True)
        done = await send(http, "/fapiaos", seen=page, **right)
        assert done.status_code == 303
        listed = await http.get("/fapiaos?supplier=zhili-1")
    assert "F-9" in listed.text
    assert await tasks(database, market) == {}


async def test_files_are_joined_on_the_page(database: Database) -> None:
    now = await database.now()
    market = await make_border(database, now)
    await at_export(database, market, now)
    await at_export(database, market, now, ("S-2", 1))
    first, second = await files(database, market)
    path = f"/customs/{show_id('cus', first.id)}"
    async with member(database, market.operator) as http:
        page = await http.get(path)
        await send(http, f"{path}/join", seen=page, number=second.number.lower())
        await send(http, f"{path}/check", seen=page)
    assert [len(f.orders) for f in await files(database, market)] == [2, 0]


async def test_a_form_that_says_nothing_usable_changes_nothing(database: Database) -> None:
    now = await database.now()
    market = await make_border(database, now)
    await at_export(database, market, now)
    [file], [declaration] = await files(database, market), await declarations(database, market)
    path = f"/customs/{show_id('cus', file.id)}"
    act = f"{path}/declarations/{show_id('dcl', declaration.id)}"
    wrong: list[tuple[str, dict[str, str], int]] = [
        (f"{act}/move", {}, 422), (f"{act}/move", {"act": "lodge"}, 422),
        (f"{act}/move", {"act": "HOLD", "bearer": "BUYER"}, 422),
        (f"{act}/refund", {"state": "MATCHED"}, 422),
        ("/customs/setting", {"is_strict": "1", "fapiao_hours": "0"}, 422),
        ("/customs/setting", {"is_strict": "1", "fapiao_hours": "2001"}, 422),
        ("/customs/setting", {"is_strict": "1", "fapiao_hours": "soon"}, 422),
        (f"{path}/join", {"number": "CF-0"}, 404),
    ]  # fmt: skip
    async with member(database, market.operator) as http:
        page = await http.get(path)
        for where, form, status in wrong:
            assert (await send(http, where, seen=page, **form)).status_code == status, (where, form)
        setting = await http.get("/customs")
    assert await declarations(database, market) == [declaration]
    assert 'value="24"' in setting.text

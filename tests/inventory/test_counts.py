"""Counts: a frozen sheet, figures beside the books of their moment, differences as adjustments."""

import datetime as dt
from typing import Any

import httpx
import pytest

from beltline.inventory import actions, adapters, rules
from beltline.inventory.queries import counts as queries
from beltline.inventory.types import StockItem
from beltline.inventory.types.counts import (
    BeingCounted,
    CountColumnsMissing,
    CountEnded,
    CountEntry,
    CountIsBlind,
    CountProblem,
    CountWanted,
    LinesUncounted,
    NothingCounted,
    NothingToCount,
    StockCount,
)
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database
from tests.inventory.test_stock import assert_sound, move, put
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.visitor import visiting


async def opened(database: Database, market: Market, now: dt.datetime, **how: Any) -> StockCount:
    async with database.writing(market.operator) as db:
        wanted = CountWanted("WAW", **how)
        return await actions.open_count(db, market.operator, wanted, now=now)


async def counted(
    database: Database, actor: Actor, count: StockCount, now: dt.datetime, *entries: CountEntry
) -> list[CountProblem]:
    async with database.writing(actor) as db:
        return (await actions.count_lines(db, actor, count.id, entries, now=now)).problems


async def posted(
    database: Database, actor: Actor, count: StockCount, now: dt.datetime, *, skip: bool = False
) -> StockCount:
    async with database.writing(actor) as db:
        return await actions.post_count(db, actor, count.id, skip_uncounted=skip, now=now)


async def on_hand(database: Database, sku: str = "S-1") -> int:
    async with database.system() as db:
        units: int = await db.value(
            """select s.on_hand from inventory.stock s
                 join catalog.sku k on k.id = s.sku_id and k.code = $1
                 join trade.node n on n.id = s.node_id and n.code = 'WAW'""",
            sku,
        )
    return units


async def lines_of(database: Database, count: StockCount) -> list[tuple[str, str, Any, Any]]:
    async with database.system() as db:
        lines = await queries.list_count_lines(db, count.id, is_shown=True)
    return [(line.sku, line.state, line.expected, line.difference) for line in lines]


async def test_what_moves_while_it_is_counted_stays_moved(
    database: Database, now: dt.datetime
) -> None:
    """The difference is to the books of the moment at which a line was counted."""
    market = await make_market(database, now, skus=3, on_hand=50)
    count = await opened(database, market, now)
    await move(database, "receive_lines", market, now, quantity=5, expected=0)
    assert await counted(database, market.operator, count, now, CountEntry("S-1", 58)) == []
    await move(database, "receive_lines", market, now, quantity=7, expected=0)
    with pytest.raises(LinesUncounted):
        await posted(database, market.operator, count, now)
    await counted(database, market.operator, count, now, CountEntry("S-2", 50))
    done = await posted(database, market.operator, count, now, skip=True)
    assert (done.state, done.lines, done.left, done.differences) == ("POSTED", 3, 0, 1)
    # 50, 10 received, 2 too few counted of 60, then 14 received.
    assert await on_hand(database) == 72
    assert await lines_of(database, count) == [
        ("S-1", "POSTED", 60, -2), ("S-2", "POSTED", 50, 0), ("S-3", "LEFT", 50, None),
    ]  # fmt: skip
    with pytest.raises(CountEnded):
        await counted(database, market.operator, count, now, CountEntry("S-3", 1))
    async with database.system() as db:
        [adjusted] = await db.values("select reason || note from inventory.adjustment")
        told = await db.values(
            "select type from kit.event_all where aggregate = 'stock_count' order by sequence"
        )
    assert adjusted == f"COUNT{count.number}"
    assert told == [f"stock_count.{what}" for what in ("opened", "counted", "counted", "posted")]
    await assert_sound(database)


async def test_what_is_corrected_after_it_was_counted_is_counted_again(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=2, on_hand=50)
    count = await opened(database, market, now)
    entries = (CountEntry("S-1", 48), CountEntry("S-2", 49))
    await counted(database, market.operator, count, now, *entries)
    await put(database, market.operator, now, StockItem("S-1", "WAW", 48))
    half = await posted(database, market.operator, count, now)
    assert (half.state, half.left) == ("OPEN", 1)
    assert (await on_hand(database), await on_hand(database, "S-2")) == (48, 49)
    assert [state for _, state, _, _ in await lines_of(database, count)] == ["AGAIN", "POSTED"]
    problems = await counted(database, market.operator, count, now, *entries)
    assert [problem.code for problem in problems] == ["POSTED"]
    assert (await posted(database, market.operator, count, now)).state == "POSTED"
    assert (await on_hand(database), await on_hand(database, "S-2")) == (48, 49)
    await assert_sound(database)


async def test_a_large_difference_waits_and_a_drift_is_told(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=2, on_hand=500)
    other = Actor(market.operator.org_id, "OPERATOR", "Ann", "MEMBER", market.buyer.org_id)
    count = await opened(database, market, now)
    entries = (CountEntry("S-1", 300), CountEntry("S-2", 420))
    await counted(database, market.operator, count, now, *entries)
    done = await posted(database, market.operator, count, now)
    assert (done.state, done.differences, done.waiting) == ("POSTED", 2, 1)
    assert (await on_hand(database), await on_hand(database, "S-2")) == (500, 420)
    with pytest.raises(BeingCounted) as refused:
        await opened(database, market, now)
    assert (refused.value.fields["sku"], refused.value.fields["number"]) == ("S-1", "CNT-1")
    async with database.writing(other) as db:
        waiting = await db.value("select id from inventory.adjustment where status = 'WAITING'")
        await actions.decide_adjustment(db, other, waiting, is_approved=True, now=now)
        drifts = await db.values("select data from kit.event_all where type = 'stock.drifted'")
    assert await on_hand(database) == 300
    assert [(d["on_hand_before"], d["on_hand"]) for d in drifts] == [(500, 300)]
    await opened(database, market, now)
    await assert_sound(database)


async def test_a_row_is_in_one_open_count(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, skus=3)
    first = await opened(database, market, now, skus=("S-1", "S-2"))
    for how in ({"skus": ("S-2", "S-3")}, {"words": "pyjamas"}, {}):
        with pytest.raises(BeingCounted):
            await opened(database, market, now, **how)
    rest = await opened(database, market, now, skus=("S-3",))
    assert (first.lines, rest.lines) == (2, 1)
    taken = CountEntry("S-1", 1, is_found=True)
    problems = await counted(database, market.operator, rest, now, taken)
    assert [problem.code for problem in problems] == ["BEING_COUNTED"]
    async with database.writing(market.operator) as db:
        ended = await actions.cancel_count(db, market.operator, first.id, now=now)
    assert ended.state == "CANCELLED"
    assert await counted(database, market.operator, rest, now, taken) == []
    with pytest.raises(NothingToCount):
        await opened(database, market, now, words="no such goods")


async def test_goods_nobody_expected_join_the_sheet_when_said_so(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=2, on_hand=9)
    async with database.writing(market.operator) as db:
        wanted = CountWanted("YIW", ("S-1",))
        count = await actions.open_count(db, market.operator, wanted, now=now)
    entries = [CountEntry("S-2", 4), CountEntry("S-2", 4, is_found=True), CountEntry("NO", 1),
               CountEntry("S-1", 3, "buyer-1")]  # fmt: skip
    problems = await counted(database, market.operator, count, now, *entries)
    assert [(p.row, p.code) for p in problems] == [
        (0, "NOT_ON_SHEET"), (2, "UNKNOWN_SKU"), (3, "UNKNOWN_OWNER"),
    ]  # fmt: skip
    other = await opened(database, market, now)
    with pytest.raises(NothingCounted):
        await posted(database, market.operator, other, now)
    await posted(database, market.operator, count, now, skip=True)
    async with database.reading(market.operator) as db:
        rows = await db.values("select on_hand from inventory.stock where on_hand not in (9, 0)")
    assert rows == [4]
    await assert_sound(database)


async def test_who_counts_blind_sees_no_books_and_posts_nothing(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1, on_hand=73)
    count = await opened(database, market, now, is_blind=True)
    org = market.operator.org_id
    worker = Actor(org, "OPERATOR", "Wu", "MEMBER", market.buyer.org_id, "WAREHOUSE")
    await counted(database, worker, count, now, CountEntry("S-1", 70))
    with pytest.raises(CountIsBlind):
        await posted(database, worker, count, now)
    async with visiting(database, market.operator, role="WAREHOUSE") as visitor:
        path = f"/counts/cnt_{count.id.hex}"
        for page in (path, f"{path}?only=different", f"{path}/station?sku=S-1"):
            text = await visitor.see(page)
            assert "73\u00a0pcs" not in text
            assert "3\u00a0pcs" not in text
        sheet = (await visitor.get(f"{path}/sheet.xlsx")).content
        assert (await visitor.send(f"{path}/post")).status_code == 403
    headers, rows = adapters.read_sheet(sheet, "sheet.xlsx")
    assert (headers, [row["sku"] for _, row in rows]) == (
        ("sku", "title", "owner", "counted"), ["S-1"],
    )  # fmt: skip
    async with visiting(database, market.operator, role="PLANNER") as visitor:
        text = await visitor.see(path)
        assert "73\u00a0pcs" in text
        assert "−3\u00a0pcs" in text or "-3\u00a0pcs" in text
        assert (await visitor.send(f"{path}/post")).status_code == 303
    assert await on_hand(database) == 70
    planner = Actor(org, "OPERATOR", "Pu", "MEMBER", market.buyer.org_id, "SUPPORT")
    with pytest.raises(WrongRole):
        await counted(database, planner, count, now, CountEntry("S-1", 70))


async def test_the_phone_keeps_every_figure_as_it_is_sent(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=2, uom="METRE", on_hand=5000)
    async with visiting(database, market.operator, role="WAREHOUSE") as visitor:
        made = await visitor.send("/counts", {"node": "WAW", "skus": "S-1", "words": ""})
        path = made.headers["location"].split("?")[0]
        again = await visitor.send("/counts", {"node": "WAW", "skus": "S-1", "words": ""})
        assert again.status_code == 409
        assert "is in CNT-1" in again.text
        station = f"{path}/station"
        assert "Pyjamas" in await visitor.see(f"{station}?sku=s-1")
        for text in ("", "many", "-2", "1.2345"):
            wrong = await visitor.send(station, {"sku": "S-1", "counted": text})
            assert wrong.status_code == 422, text
        sent = await visitor.send(station, {"sku": "S-1", "counted": "4.25"})
        assert sent.status_code == 303
        assert "4.25\u00a0m" in await visitor.see(sent.headers["location"])
        assert 'value="4.25"' in await visitor.see(f"{station}?sku=S-1")
        assert "Not on this sheet" in await visitor.see(f"{station}?sku=S-2")
        unasked = await visitor.send(station, {"sku": "S-2", "counted": "1"})
        assert unasked.status_code == 422
        await visitor.send(station, {"sku": "S-2", "counted": "0", "found": "1"})
        assert "No SKU has the code X" in (await visitor.get(f"{station}?sku=X")).text
        assert (await visitor.send(f"{path}/post")).status_code == 303
    async with visiting(database, market.buyer) as visitor:
        assert (await visitor.get("/counts")).status_code == 403
        assert (await visitor.get(path)).status_code == 403


FILE = """货号,实盘数量,owner
S-1,48,
S-2,x,
S-9,1,
S-3,,
S-4,2,
S-4,3,
,7,
S-5,"1,020",operator
"""


async def test_a_file_of_figures_is_taken_row_by_row(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=5, on_hand=1000)
    headers = await key_of(database, market.operator)
    expected = [(3, "NOT_UNITS"), (4, "UNKNOWN_SKU"), (6, "TWICE"), (7, "TWICE"), (8, "EMPTY")]
    async with api(database) as http:
        count = await _post(http, headers, "/v1/counts", {"node": "WAW"})
        path = f"/v1/counts/{count['id']}"
        keyed = idempotent(headers)
        for _ in range(2):
            answer = await http.post(
                f"{path}/sheet", files={"file": ("c.csv", FILE.encode())}, headers=keyed
            )
            assert answer.status_code == 200, answer.text
            taken = answer.json()
            assert taken["counted"] == 2
            assert [(p["row"], p["code"]) for p in taken["problems"]] == expected
            assert all(p["detail"] for p in taken["problems"])
        bad = await http.post(
            f"{path}/sheet", files={"file": ("c.csv", b"a,b\n1,2\n")}, headers=idempotent(headers)
        )
        assert (bad.status_code, bad.json()["code"]) == (422, "inventory.count_columns_missing")
        lines = (await http.get(f"{path}/lines?limit=3", headers=headers)).json()
        more = (
            await http.get(f"{path}/lines?cursor={lines['next_cursor']}", headers=headers)
        ).json()
        assert [line["counted"] for line in lines["items"] + more["items"]] == [
            48, None, None, None, 1020,
        ]  # fmt: skip
        done = await _post(http, headers, f"{path}/post", {"skip_uncounted": True}, 200)
        listed = (await http.get("/v1/counts?status=POSTED", headers=headers)).json()["items"]
        cancelled = await http.post(f"{path}/cancel", headers=idempotent(headers))
        seen = (await http.get(path, headers=headers)).json()
    assert (done["state"], done["differences"], done["waiting"]) == ("POSTED", 2, 1)
    assert [row["id"] for row in listed] == [count["id"]]
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "inventory.count_ended")
    assert seen == done


async def _post(
    http: httpx.AsyncClient, headers: dict[str, str], path: str, body: Any, status: int = 201
) -> dict[str, Any]:
    answer = await http.post(path, json=body, headers=idempotent(headers))
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("text", "uom", "units"),
    [("0", "PIECE", 0), ("0.0", "METRE", 0), ("12", "PIECE", 12), ("1,200", "PIECE", 1200),
     ("1.5", "METRE", 1500), ("1.5", "PIECE", None), ("-1", "PIECE", None), ("", "PIECE", None),
     ("１２", "PIECE", None), ("nan", "METRE", None)],
)  # fmt: skip
def test_what_was_found_is_read_in_the_unit_of_sale(text: str, uom: str, units: int | None) -> None:
    assert rules.read_found(text, uom) == units


def test_a_file_without_a_column_of_figures_is_refused() -> None:
    with pytest.raises(CountColumnsMissing) as refused:
        rules.read_count_sheet(["SKU", "Title"], [])
    assert refused.value.fields["missing"] == "counted"

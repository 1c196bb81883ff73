"""The pages without scripts: the operator's, the factory's by account and by link."""

import datetime as dt
from decimal import Decimal

import pytest

from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.procurement import actions, queries
from beltline.procurement.types.orders import CannotSendLink, PurchaseOrder, Status
from tests.procurement.browser import guest, member, send
from tests.procurement.make import Trade, inbound, make_order, make_trade


async def issued(database: Database, trade: Trade) -> PurchaseOrder:
    """An order issued by the clock the application reads."""
    return await make_order(database, trade, now=await database.now())


async def link_of(database: Database, trade: Trade, order: PurchaseOrder) -> str:
    async with database.writing(trade.operator) as db:
        sent = await actions.send_link(
            db, trade.operator, order_id=order.id, now=await database.now()
        )
    return sent.path


async def kept(database: Database, trade: Trade, order: PurchaseOrder) -> PurchaseOrder:
    async with database.reading(trade.operator) as db:
        return await queries.get_order(db, trade.operator, order.id)


# ---------------------------------------------------------------- the guest


async def test_a_guest_confirms_on_a_chinese_page_and_sees_it_after(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    path = await link_of(database, trade, order)
    async with guest(database) as http:
        page = await http.get(path)
        sent = await send(http, path, seen=page, answer="CONFIRMED")
        after = await http.get(path)
        again = await send(http, path, seen=page, answer="REFUSED", note="changed my mind")
    assert page.status_code == 200
    assert 'lang="zh-CN"' in page.text
    assert "全部确认" in page.text
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    assert "您已于" in after.text
    assert "全部确认" not in after.text
    assert again.status_code == 303
    assert (await kept(database, trade, order)).status is Status.CONFIRMED


async def test_a_guest_counters_line_by_line(database: Database) -> None:
    trade = await make_trade(database)
    lines = (("SKU-1", 600, "19.8"), ("SKU-3", 2500, "2.5"))
    order = await make_order(database, trade, lines=lines, now=await database.now())
    path = await link_of(database, trade, order)
    later = order.expected_date + dt.timedelta(days=5)
    fields = {
        "quantity-1": "480", "unit_price-1": "20.50", "quantity-2": "2.5", "unit_price-2": "2.5",
        "expected_date": later.isoformat(), "note": "mold",
    }  # fmt: skip
    async with guest(database) as http:
        sent = await send(http, path, answer="COUNTERED", **fields)
        after = await http.get(path)
    assert sent.status_code == 303
    countered = await kept(database, trade, order)
    async with database.reading(trade.operator) as db:
        kept_lines = await queries.list_lines(db, order.id)
    assert (countered.status, countered.answered_date) == (Status.COUNTERED, later)
    answered = [(x.answered_quantity, x.answered_unit_price) for x in kept_lines]
    assert answered == [(480, Decimal("20.5")), (2500, Decimal("2.5"))]
    assert "<s>600" in after.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"answer": "REFUSED", "note": " "}, "请简单说明原因"),
        ({"answer": "COUNTERED"}, "请修改数量"),
        ({"answer": "COUNTERED", "quantity-1": "many"}, "不是数量"),
        ({"answer": "COUNTERED", "unit_price-1": "1.1234567"}, "不是价格"),
        ({"answer": "COUNTERED", "expected_date": "2020-01-01"}, "已过"),
    ],
)
async def test_a_wrong_form_comes_back_with_the_reason(
    database: Database, fields: dict[str, str], said: str
) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    path = await link_of(database, trade, order)
    async with guest(database) as http:
        page = await send(http, path, **fields)
    assert page.status_code == 422
    assert said in page.text
    assert all(value in page.text for name, value in fields.items() if name == "quantity-1")
    assert (await kept(database, trade, order)).status is Status.ISSUED


async def test_an_old_or_wrong_link_ends_friendly(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    old = await link_of(database, trade, order)
    new = await link_of(database, trade, order)
    async with database.system() as db:
        await db.execute(
            "update accounts.guest_link set expires_at = $1 where revoked_at is null",
            await database.now() - dt.timedelta(seconds=1),
        )
    async with guest(database) as http:
        pages = [await http.get(path) for path in (old, new, "/g/po/nonsense")]
        sent = await send(http, new, answer="CONFIRMED")
    assert [page.status_code for page in (*pages, sent)] == [410] * 4
    assert all("此链接已失效" in page.text for page in pages)
    assert (await kept(database, trade, order)).status is Status.ISSUED


async def test_a_link_shows_its_order_in_english_when_asked_and_no_more(
    database: Database,
) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    other = await issued(database, trade)
    path = await link_of(database, trade, order)
    async with guest(database) as http:
        http.cookies.set("bl_locale", "en")
        page = await http.get(path)
        barred = [
            await http.get(target)
            for target in ("/supplier", f"/supplier/orders/{show_id('po', other.id)}")
        ]
    assert "Confirm everything" in page.text
    assert other.number not in page.text
    assert all(answer.status_code == 303 for answer in barred)
    assert all("/login" in answer.headers["location"] for answer in barred)


async def test_a_link_is_only_made_while_an_answer_is_awaited(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    async with database.writing(trade.operator) as db:
        await actions.cancel_order(
            db, trade.operator, order_id=order.id, note="", now=await database.now()
        )
    with pytest.raises(CannotSendLink):
        await link_of(database, trade, order)


# ---------------------------------------------------------------- the supplier


async def test_the_queue_leads_to_the_answer(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    path = f"/supplier/orders/{show_id('po', order.id)}"
    async with member(database, trade.supplier, locale="zh") as http:
        queue = await http.get("/supplier")
        sent = await send(http, path, answer="REFUSED", note="放假")
        after = await http.get(sent.headers["location"])
        empty = await http.get("/supplier")
    assert path in queue.text
    assert "确认数量和日期" in queue.text
    assert "放假" in after.text
    assert "暂无待答复" in empty.text
    assert (await kept(database, trade, order)).status is Status.REFUSED


async def test_another_supplier_and_a_buyer_get_nowhere(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    shown = show_id("po", order.id)
    for stranger in (trade.other_supplier, trade.buyer):
        async with member(database, stranger) as http:
            seen = await http.get(f"/supplier/orders/{shown}")
            sent = await send(
                http, f"/supplier/orders/{shown}", seen=await http.get("/supplier"),
                answer="CONFIRMED",
            )  # fmt: skip
            barred = [await http.get(path) for path in ("/purchases", f"/purchases/{shown}")]
        assert seen.status_code == 404
        assert sent.status_code in {403, 404}
        assert [answer.status_code for answer in barred] == [403, 403]
    assert (await kept(database, trade, order)).status is Status.ISSUED


# ---------------------------------------------------------------- the operator


async def test_the_operator_chases_accepts_and_sees_the_timeline(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    path = f"/purchases/{show_id('po', order.id)}"
    async with member(database, trade.operator, role="PLANNER") as http:
        chase = await send(http, f"{path}/link", seen=await http.get(path))
        address = chase.text.split('value="http://beltline.test', 1)[1].split('"', 1)[0]
        async with guest(database) as phone:
            await send(phone, address, answer="COUNTERED", **{"quantity-1": "480"})
        listed = await http.get("/purchases?tab=countered")
        page = await http.get(path)
        accepted = await send(http, f"{path}/accept", seen=page)
        done = await http.get(accepted.headers["location"])
    assert chase.status_code == 200
    assert order.number in listed.text
    assert "Accept the counter" in page.text
    assert "Countered by the factory" in done.text
    assert (await kept(database, trade, order)).status is Status.CONFIRMED
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 480


async def test_the_operator_cancels_with_a_reason_the_factory_reads(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    path = f"/purchases/{show_id('po', order.id)}"
    link = await link_of(database, trade, order)
    async with member(database, trade.operator) as http:
        sent = await send(http, f"{path}/cancel", seen=await http.get(path), note="no demand")
    async with guest(database) as phone:
        seen = await phone.get(link)
    assert sent.status_code == 303
    assert "买方已取消" in seen.text
    assert await inbound(database) == {}


async def test_lists_find_late_and_searched_orders(database: Database) -> None:
    trade = await make_trade(database)
    old = await make_order(database, trade, now=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    new = await issued(database, trade)
    async with member(database, trade.operator) as http:
        late = await http.get("/purchases?late=1")
        found = await http.get(f"/purchases?q={new.number}")
        none = await http.get("/purchases?q=nothing&tab=issued")
    assert old.number in late.text
    assert new.number not in late.text
    assert new.number in found.text
    assert "No purchase matches" in none.text


async def test_a_post_without_its_token_changes_nothing(database: Database) -> None:
    trade = await make_trade(database)
    order = await issued(database, trade)
    path = await link_of(database, trade, order)
    async with guest(database) as http:
        await http.get(path)
        sent = await http.post(path, data={"answer": "CONFIRMED"})
    assert sent.status_code == 403
    assert (await kept(database, trade, order)).status is Status.ISSUED

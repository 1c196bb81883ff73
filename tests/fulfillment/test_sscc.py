"""SSCCs: made of the operator's GS1 company prefix, read back from labels, found by a scan."""

import msgspec
import pytest

from beltline.fulfillment.adapters import pdf
from beltline.fulfillment.rules import documents
from beltline.fulfillment.types.packing import MadeParcel, MisreadCode, PackUnit
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.trade.actions import cartons
from beltline.trade.types import PrefixUnusable, SsccsUsedUp
from tests.fulfillment.journeys import journeys_of
from tests.fulfillment.test_documents import LABEL, decoded
from tests.fulfillment.test_packing import pack, packable
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market
from tests.procurement.browser import member, send
from tests.procurement.make import NOW, confirm, make_order, make_trade, ship

PREFIX = "0614141"


async def set_prefix(database: Database, operator: Actor, prefix: str) -> None:
    async with database.writing(operator) as db:
        await cartons.set_gs1_prefix(db, operator, prefix, now=NOW)


async def take(database: Database, operator: Actor, count: int) -> list[str]:
    async with database.system() as db:
        taken: list[str] = await db.value("select trade.take_ssccs($1, $2)", operator.org_id, count)
    return taken


async def packed(database: Database, market: Market, order_id: object) -> str:
    """The order in two parcels; the id of the packing."""
    one, two = await journeys_of(database, market, order_id)  # type: ignore[arg-type]
    made = [
        MadeParcel("C-40", [PackUnit(one.id, 3), PackUnit(two.id, 2)]),
        MadeParcel("C-20", [PackUnit(one.id, 1)]),
    ]
    packing = await pack(database, market, one.order_id, await database.now(), *made)
    return show_id("pak", packing)


async def test_codes_are_those_of_the_standard_and_never_given_twice(database: Database) -> None:
    operator = (await make_trade(database)).operator
    assert await take(database, operator, 2) == []
    await set_prefix(database, operator, PREFIX)
    async with database.system() as db:
        await db.execute("update trade.gs1_prefix set codes_taken = 1234567890")
    # The example of the EPC Tag Data Standard: 0614141.1234567890 is (00)106141412345678908.
    [first, second] = await take(database, operator, 2)
    assert (first, second[:17]) == ("106141412345678908", "10614141234567891")
    await set_prefix(database, operator, "9 501 101")
    [other] = await take(database, operator, 1)
    assert other[:17] == "09501101000000000"
    await set_prefix(database, operator, PREFIX)
    [third] = await take(database, operator, 1)
    assert third[:17] == "10614141234567892"
    assert all(documents.scanned_sscc(code) == code for code in (first, second, third, other))
    await set_prefix(database, operator, "")
    assert await take(database, operator, 1) == []
    for wrong in ("123", "1234567890123", "06141x1"):
        with pytest.raises(PrefixUnusable):
            await set_prefix(database, operator, wrong)


async def test_a_prefix_ends_when_all_its_numbers_are_given(database: Database) -> None:
    operator = (await make_trade(database)).operator
    await set_prefix(database, operator, "061414100001")
    async with database.system() as db:
        await db.execute("update trade.gs1_prefix set codes_taken = 99999")
    [last] = await take(database, operator, 1)
    assert last[:17] == "90614141000019999"
    with pytest.raises(SsccsUsedUp):
        await take(database, operator, 1)


@pytest.mark.parametrize(
    "text",
    [
        "106141412345678908",
        "(00)106141412345678908",
        "00106141412345678908",
        "]C100106141412345678908",
        " 1 0614141 234567890 8 ",
    ],
)
def test_a_code_is_read_however_it_was_scanned(text: str) -> None:
    assert documents.scanned_sscc(text) == "106141412345678908"


def test_other_codes_are_none_and_a_misread_one_is_told() -> None:
    for text in ("SF1234567890", "91ASN-70001-2", "106141412345678900", ""):
        assert documents.scanned_sscc(text) is None
    with pytest.raises(MisreadCode):
        documents.scanned_sscc("]C100106141412345678900")


def test_an_sscc_is_read_from_a_label() -> None:
    label = msgspec.structs.replace(LABEL, element="00106141412345678908")
    [code] = decoded(pdf.labels_pdf([label], locale="en", at=NOW))
    assert (code.content_type.name, code.text) == ("GS1", "(00)106141412345678908")
    assert "^FH^FD(00)106141412345678908^FS" in documents.zpl([label])


async def test_parcels_have_codes_that_lead_back_to_them(database: Database) -> None:
    market, order_id = await packable(database, await database.now())
    await set_prefix(database, market.operator, PREFIX)
    packing = await packed(database, market, order_id)
    order = show_id("ord", order_id)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get(f"/packing/{order}")
        file = await http.get(f"/packings/{packing}/labels")
        codes = [code.text for code in decoded(file.content)]
        found = await http.get("/packing", params={"code": codes[1]})
        door = await http.get(
            "/parcels", params={"waybill": f"]C1{codes[0].replace('(00)', '00')}"}
        )
        misread = await http.get("/packing", params={"code": "(00)106141412345678900"})
        nobody = await http.get("/packing", params={"code": "106141412345678908"})
        other = await http.get("/packing", params={"code": "SF1"})
    assert [code[:20] for code in codes] == ["(00)0061414100000000", "(00)0061414100000000"]
    assert len(set(codes)) == 2
    assert all(code.removeprefix("(00)") in page.text for code in codes)
    assert found.headers["location"].startswith(f"/packing/{order}#box_")
    assert door.headers["location"].startswith(f"/packing/{order}#box_")
    assert "check digit" in misread.text
    assert "No parcel and no announced carton" in nobody.text
    assert "18 digits" in other.text
    async with api(database) as http:
        operator, buyer = (
            await key_of(database, market.operator), await key_of(database, market.buyer),
        )  # fmt: skip
        held = (await http.get(f"/v1/ssccs/{codes[0][4:]}", headers=operator)).json()
        listed = (await http.get(f"/v1/orders/{order}/packings", headers=operator)).json()
        zpl = await http.get(f"/v1/packings/{packing}/labels?format=zpl", headers=operator)
        unknown = await http.get("/v1/ssccs/106141412345678908", headers=operator)
        hidden = await http.get(f"/v1/ssccs/{codes[0][4:]}", headers=buyer)
    assert held["order_id"] == order
    assert [p["sscc"] for p in listed["items"][0]["parcels"]] == [code[4:] for code in codes]
    assert all(code in zpl.text for code in codes)
    assert (unknown.status_code, hidden.status_code) == (404, 403)


async def test_without_a_prefix_labels_have_the_networks_own_codes(database: Database) -> None:
    market, order_id = await packable(database, await database.now())
    packing = await packed(database, market, order_id)
    async with member(database, market.operator) as http:
        page = await http.get(f"/packing/{show_id('ord', order_id)}")
        file = await http.get(f"/packings/{packing}/labels")
    assert "SSCC" not in page.text
    assert [code.text[:7] for code in decoded(file.content)] == ["(91)SO-", "(91)SO-"]


async def test_announced_cartons_get_codes_that_find_their_box(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    await set_prefix(database, trade.operator, PREFIX)
    purchase = await make_order(database, trade, now=now)
    await confirm(database, trade, purchase, now=now)
    notice = await ship(database, trade.supplier, purchase.id, (1, 600), now=now)
    async with member(database, trade.supplier) as http:
        file = await http.get(f"/shipping-notices/{show_id('asn', notice.id)}/labels")
    codes = [code.text for code in decoded(file.content)]
    assert len({code for code in codes if code.startswith("(00)")}) == 3
    async with member(database, trade.operator, role="WAREHOUSE") as http:
        scanned = await http.get("/parcels", params={"node": "CON-YIW", "waybill": codes[2]})
    assert show_id("asn", notice.id) in scanned.text


async def test_the_prefix_is_set_on_a_page_and_by_the_api(database: Database) -> None:
    operator = (await make_trade(database)).operator
    async with member(database, operator) as http:
        page = await http.get("/cartons")
        wrong = await send(http, "/cartons/prefix", seen=page, prefix="12")
        done = await send(http, "/cartons/prefix", seen=page, prefix=PREFIX)
        shown = await http.get("/cartons?done=prefix")
    assert (wrong.status_code, done.status_code) == (422, 303)
    assert f'value="{PREFIX}"' in shown.text
    async with api(database) as http:
        key = await key_of(database, operator)
        kept = await http.get("/v1/gs1-prefix", headers=key)
        ended = await http.post("/v1/gs1-prefix", json={"prefix": ""}, headers=idempotent(key))
        bad = await http.post("/v1/gs1-prefix", json={"prefix": "12"}, headers=idempotent(key))
    assert (kept.json(), ended.json(), bad.status_code) == ({"prefix": PREFIX}, {"prefix": ""}, 422)

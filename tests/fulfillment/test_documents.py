"""Documents to the field in both languages; labels that a scanner reads."""

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pypdfium2
import pytest
import zxingcpp

from beltline.accounts.types.legal import PaperParty
from beltline.catalog.types import Sku
from beltline.fulfillment.adapters import pdf
from beltline.fulfillment.queries.documents import list_leaving
from beltline.fulfillment.rules import documents
from beltline.fulfillment.types.documents import (
    DeliveryTerm,
    DocumentLine,
    DocumentParty,
    Label,
    Leaving,
    NothingToDocument,
    TradeDocument,
    UnknownDocument,
)
from beltline.fulfillment.types.journeys import Journey
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id, show_id
from beltline.orders.types import Line, OrderDetail, OrderHead
from beltline.orders.types.papers import OrderParties
from beltline.procurement import actions as purchases
from tests.customs.make import make_border, with_rules
from tests.fulfillment.journeys import finish, journeys_of, place
from tests.orders.http import api, key_of
from tests.orders.make import make_market
from tests.procurement.browser import guest, member
from tests.procurement.make import confirm, make_order, make_trade, ship

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
SELLER = PaperParty("Beltline Trading", "带线贸易有限公司", "CN")
BUYER = PaperParty("Sklep Łódź", "", "PL")
DOOR = {
    "name": "Anna Żak", "country": "PL", "region": "MZ", "city": "Warszawa", "postcode": "00-001",
    "line1": "Prosta 1", "line2": "",
}  # fmt: skip


def sku(code: str, *, uom: str = "PIECE", weight_g: int | None = 250) -> Sku:
    return Sku(
        new_id(), code, "P-1", "toys", new_id(), "zhili-1", f"Goods {code}", "儿童卫衣", uom, 12,
        weight_g, None, None, None, "general", "611030",
    )  # fmt: skip


def order() -> OrderDetail:
    lines = [
        Line("S-1", 30, 30, "0.333333", 1_000, []), Line("S-2", 2_500, 2_500, "4.2", 1_050, []),
    ]  # fmt: skip
    head = OrderHead(
        new_id(), "BL-7", "PO-77", "buyer-1", "Sklep", "ALLOCATED", 2_050, "USD", 2, "PL", None,
        None, None, NOW, None,
    )  # fmt: skip
    return OrderDetail(head, "BALANCE", False, False, "WAIT", "", "", DOOR, lines)


def journey(line_no: int, *, moving: int, refunded: int = 0, waybill: str = "") -> Journey:
    units = moving + refunded
    return Journey(
        new_id(), new_id(), "BL-7", line_no, 1, 1, "buyer-1", "zhili-1", f"S-{line_no}", "", "",
        "PIECE", "YIW", "", "PL", "OWNED", "operator", units, moving, 0, refunded, 0, 0, "OPEN",
        "PACK", "WAREHOUSE", NOW, waybill, None, NOW, NOW, None,
    )  # fmt: skip


def document(kind: str, journeys: Sequence[Journey] | None = None) -> TradeDocument:
    found = journeys or [
        journey(1, moving=20, refunded=10, waybill="SF-9"), journey(2, moving=2_500),
    ]  # fmt: skip
    skus = {"S-1": sku("S-1"), "S-2": sku("S-2", uom="METRE", weight_g=180)}
    return documents.trade_document(
        kind, order(), found, skus, {"S-1": "CN"}, OrderParties(SELLER, BUYER),
        issued_date=day_of(NOW), leaving=[Leaving("DDP", "Yiwu hub, CN")],
    )  # fmt: skip


def test_an_invoice_has_what_is_sent_and_no_more() -> None:
    found = document("COMMERCIAL_INVOICE")
    assert found == TradeDocument(
        kind="COMMERCIAL_INVOICE",
        number="CI-BL-7",
        order="BL-7",
        reference="PO-77",
        issued_date=dt.date(2026, 11, 20),
        seller=SELLER,
        buyer=BUYER,
        ship_to=DocumentParty("Anna Żak", "", "PL", ["Prosta 1", "00-001 Warszawa MZ"]),
        lines=[
            # Ten of thirty pieces were refunded: 20/30 of 10.00 is 6.67.
            DocumentLine(1, "S-1", "Goods S-1", "儿童卫衣", "611030", "CN", "PIECE", 20, 2, 5_000,
                         "0.333333", 667),
            DocumentLine(2, "S-2", "Goods S-2", "儿童卫衣", "611030", "", "METRE", 2_500, 1, 450,
                         "4.2", 1_050),
        ],
        packs=3,
        net_weight_g=5_450,
        waybills=["SF-9"],
        currency="USD",
        total_amount=1_717,
        delivery_terms=[DeliveryTerm("DDP", "Warszawa, PL", "EXPORT_TERM")],
    )  # fmt: skip


def test_terms_name_their_places_and_what_they_rest_on() -> None:
    def said(*leaving: Leaving, door: dict[str, str] = DOOR) -> list[tuple[str, str, str]]:
        found = documents.delivery_terms(leaving, door)
        return [(term.incoterm, term.place, term.source) for term in found]

    here, unknown = "Yiwu hub, CN", Leaving("", "CN")
    assert said() == []
    assert said(unknown) == [("DAP", "Warszawa, PL", "ORDER")]
    assert said(Leaving("FOB", here), Leaving("DAP", here), Leaving("DAP", "Hub 2, CN")) == [
        ("DAP", "Warszawa, PL", "EXPORT_TERM"), ("FOB", "Yiwu hub, CN", "EXPORT_TERM"),
    ]  # fmt: skip
    assert said(unknown, door={"country": "PL"}) == [("DAP", "PL", "ORDER")]


def test_a_packing_list_tells_no_price_and_guesses_no_weight() -> None:
    found = document("PACKING_LIST")
    assert (found.number, found.currency, found.total_amount) == ("PL-BL-7", None, None)
    assert [(x.unit_price, x.amount) for x in found.lines] == [(None, None)] * 2
    assert found.delivery_terms == []
    unknown = documents.trade_document(
        "PACKING_LIST", order(), [journey(1, moving=1)], {"S-1": sku("S-1", weight_g=None)}, {},
        OrderParties(SELLER, BUYER), issued_date=day_of(NOW),
    )  # fmt: skip
    assert (unknown.net_weight_g, unknown.lines[0].net_weight_g) == (None, None)
    with pytest.raises(NothingToDocument):
        document("PACKING_LIST", [journey(1, moving=0, refunded=30)])
    with pytest.raises(UnknownDocument):
        documents.kind_of("receipt")


def text_of(content: bytes) -> str:
    return "\n".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)
    ).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ["Commercial invoice", "CI-BL-7", "Beltline Trading", "China",
                "Sklep Łódź", "Poland", "20 Nov 2026",
                "Anna Żak, Prosta 1, 00-001 Warszawa MZ, PL", "611030", "Goods S-1", "USD 6.67",
                "2.5\xa0m", "USD 17.17", "5.450 kg", "SF-9", "HS code",
                "DDP Warszawa, PL (Incoterms 2020)"]),
        ("zh", ["商业发票", "CI-BL-7", "BL-7 PO-77", "带线贸易有限公司", "中国",
                "Sklep Łódź", "波兰", "2026", "Anna Żak, Prosta 1, 00-001 Warszawa MZ, PL",
                "S-2", "儿童卫衣", "611030", "USD 6.67", "USD 10.50", "USD 17.17",
                "5.450 kg", "SF-9", "HS 编码", "净重", "交货条件",
                "DDP Warszawa, PL (Incoterms 2020)"]),
    ],
)  # fmt: skip
def test_the_invoice_reads_in_both_languages(locale: str, said: list[str]) -> None:
    text = text_of(pdf.document_pdf(document("COMMERCIAL_INVOICE"), locale=locale, at=NOW))
    missing = [part for part in said if part.replace("\xa0", " ") not in text.replace("\xa0", " ")]
    assert missing == [], text
    packing = text_of(pdf.document_pdf(document("PACKING_LIST"), locale=locale, at=NOW))
    assert "USD" not in packing


def decoded(content: bytes) -> list[zxingcpp.Barcode]:
    found = []
    for page in pypdfium2.PdfDocument(content):
        # A label printer's 203 dpi.
        found += zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil())
    return found


LABEL = Label(
    DocumentParty("Anna Żak", "", "PL", ["Prosta 1"]), "SF^9~_", "BL-7", ["S-1 20"],
    "91ASN-70001-2", 2, 4,
)  # fmt: skip


def test_a_label_is_read_by_a_scanner() -> None:
    second = msgspec.structs.replace(LABEL, element="91BL-7-1-1-1")
    content = pdf.labels_pdf([LABEL, second], locale="zh", at=NOW)
    codes = decoded(content)
    assert [(c.content_type.name, c.text) for c in codes] == [
        ("GS1", "(91)ASN-70001-2"), ("GS1", "(91)BL-7-1-1-1"),
    ]  # fmt: skip
    assert "2 / 4" in text_of(content)
    assert documents.scanned_notice("]C191ASN-70001-2") == "ASN-70001"
    assert documents.scanned_notice("91ASN-70001-2") == "ASN-70001"
    assert documents.scanned_notice("SF-9") is None
    assert documents.scanned_notice("91BL-7-1-1-1") is None


def test_a_label_in_zpl_escapes_what_the_printer_would_obey() -> None:
    lines = documents.zpl([LABEL]).splitlines()
    assert (lines[0], lines[-1]) == ("^XA", "^XZ")
    assert "^FO40,380^A0N,48,48^FH^FDSF_5E9_7E_5F^FS" in lines
    assert "^FO40,820^BY2^BCN,240,Y,N,N,D^FH^FD(91)ASN-70001-2^FS" in lines
    assert documents.zpl([LABEL, LABEL]).count("^XA") == 2


async def test_an_invoice_has_the_term_of_the_lane(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    path = f"/v1/orders/{show_id('ord', order_id)}/documents/commercial-invoice"
    buyer, operator = await key_of(database, market.buyer), await key_of(database, market.operator)

    async def terms(key: dict[str, str]) -> list[dict[str, str]]:
        async with api(database) as http:
            found: list[dict[str, str]] = (await http.get(path, headers=key)).json()[
                "delivery_terms"
            ]
        return found

    derived = [{"incoterm": "DAP", "place": "Warszawa, PL", "source": "ORDER"}]
    assert await terms(buyer) == await terms(operator) == derived
    # The lane has a term now, and what is declared by it stays so.
    await with_rules(database, market, now)
    agreed = [{"incoterm": "DDP", "place": "Warszawa, PL", "source": "EXPORT_TERM"}]
    assert await terms(buyer) == agreed
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.operator, "PACK", [journey.id], now) == 1
    async with database.system() as db:
        await db.execute("update trade.export_term set incoterm = 'FOB'")
    assert await terms(buyer) == agreed
    # What its parties may see is not for others.
    async with database.reading(market.buyers[1]) as db:
        assert await list_leaving(db, order_id, on=day_of(now)) == []


async def test_goods_of_the_country_have_no_term(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    async with database.reading(market.buyer) as db:
        assert await list_leaving(db, order_id, on=day_of(now)) == []


async def test_parties_download_their_documents(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, price="12.5")
    order_id = await place(database, market, now, ("S-1", 4))
    [found] = await journeys_of(database, market, order_id)
    path = f"/orders/{show_id('ord', order_id)}/documents"
    async with member(database, market.buyer) as http:
        panel = await http.get(f"/orders/{show_id('ord', order_id)}/journeys")
        paper = await http.get(f"{path}/commercial-invoice?lang=zh")
        label = await http.get(f"/journeys/{show_id('jny', found.id)}/label")
    assert f"{path}/packing-list" in panel.text
    assert paper.headers["content-type"] == "application/pdf"
    assert "商业发票" in text_of(paper.content)
    assert label.status_code == 403
    async with member(database, market.operator) as http:
        label = await http.get(f"/journeys/{show_id('jny', found.id)}/label?paper=zpl")
    assert "Anna Nowak" in label.text
    async with api(database) as http:
        mine, other = (
            await key_of(database, market.buyer), await key_of(database, market.buyers[1]),
        )  # fmt: skip
        data = await http.get(f"/v1{path}/commercial-invoice", headers=mine)
        file = await http.get(f"/v1{path}/packing-list/pdf", headers=mine)
        hidden = await http.get(f"/v1{path}/commercial-invoice", headers=other)
        unknown = await http.get(f"/v1{path}/receipt", headers=mine)
    line = data.json()["lines"][0]
    assert (line["quantity"], line["amount"], Decimal(line["unit_price"])) == (4, 5_000, 12.5)
    assert file.content[:5] == b"%PDF-"
    assert (hidden.status_code, unknown.status_code) == (404, 404)


async def test_a_carton_label_leads_to_its_box(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    purchase = await make_order(database, trade, now=now)
    other = await make_order(database, trade, now=now)
    for each in (purchase, other):
        await confirm(database, trade, each, now=now)
    notice = await ship(database, trade.supplier, purchase.id, (1, 600), now=now)
    foreign = await ship(database, trade.supplier, other.id, (1, 1), waybill="SF-2", now=now)
    async with database.writing(trade.operator) as db:
        link = await purchases.send_link(db, trade.operator, order_id=purchase.id, now=now)
    async with guest(database) as http:
        page = await http.get(link.path)
        path = f"{link.path}/labels/{show_id('asn', notice.id)}"
        assert path in page.text
        labels = await http.get(path)
        elsewhere = await http.get(f"{link.path}/labels/{show_id('asn', foreign.id)}")
    codes = decoded(labels.content)
    assert [c.text for c in codes] == [f"(91)ASN-70001-{box}" for box in (1, 2, 3)]
    assert elsewhere.status_code == 404
    async with member(database, trade.operator, role="WAREHOUSE") as http:
        scanned = await http.get("/parcels?node=CON-YIW&waybill=91ASN-70001-3")
    assert show_id("asn", notice.id) in scanned.text
    async with api(database) as http:
        file = await http.get(
            f"/v1/shipping-notices/{show_id('asn', notice.id)}/labels?format=zpl",
            headers=await key_of(database, trade.supplier),
        )  # fmt: skip
    assert file.text.count("^XA") == 3
    assert io.BytesIO(file.content).readline() == b"^XA\n"

"""The export declaration to the field, as data and as paper in both languages."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from beltline.customs import rules
from beltline.customs.adapters import pdf
from beltline.customs.types import (
    ConsignedLine,
    Declaration,
    DeclarationState,
    ExportDeclaration,
    GoodsLine,
    HsLine,
    LineTax,
    LineValue,
    RefundLine,
    RefundState,
    Worth,
)
from beltline.trade.types.dated import Lack, TaxKind, TaxRate, ValueBasis
from tests.fulfillment.test_documents import text_of
from tests.trade.test_valuation import valuation

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
TODAY = NOW.date()
ID = UUID("019abf00-0000-7000-8000-000000000001")
SINCE, VALUED = dt.date(2026, 1, 1), dt.date(2016, 5, 1)
DECLARATION = Declaration(
    ID, ID, "CF-30001", 2, "YIW", "Yiwu hub", "CN", "PL", "9710", "义乌带线贸易有限公司",
    "91330782MA28", "", "DDP", "REFUND", "GENERAL", DeclarationState.RELEASED, "310120260001", "",
    "", RefundState.COLLECTING, "", "IOSS", "IM3720000001", Decimal(150), "EUR", "contract", NOW,
    NOW, NOW,
)  # fmt: skip


def rate(kind: TaxKind, country: str, percent: str, source: str, url: str = "") -> TaxRate:
    return TaxRate(ID, kind, country, "", "", Decimal(percent), SINCE, None, source, url)


DUTY = rate(TaxKind.DUTY, "PL", "12.0000", "EU tariff", "https://eu.example/t")
VAT = rate(TaxKind.VAT, "PL", "23", "VAT act")
REFUND = rate(TaxKind.REFUND, "CN", "13", "Notice 15")
GOODS = GoodsLine(
    ID, ID, "BL-80001", 1, "S-1", "Pyjamas", "睡衣", "PIECE", "zhili-1", 4, "6108310000", "GENERAL",
    "CN", 1_000, 2_800, 5_005, "USD", 4_520, "CNY", True, NOW, 4, "SF-9", ["F-1"], 3,
    Decimal("3000.5"), "CNY", 7_200, "CNY", "DEMO-AIR", "Warszawa", DUTY, VAT, REFUND,
    rate(TaxKind.VAT, "CN", "13", "VAT law"),
)  # fmt: skip
OTHER = msgspec.structs.replace(
    GOODS, order_number="BL-80002", sku="S-2", title="Robes", title_zh="", uom="METRE", units=2_500,
    hs_code="", net_weight_g=None, amount=1_000, duty=None, fapiaos=[], fapiao_units=0,
    fapiao_net=Decimal(0), fapiao_currency=None, cost_amount=None, transport_document="",
    departed_units=None, freight_amount=None, freight_currency=None, freight_service="",
    city="Kraków",
)  # fmt: skip


def document(*goods: GoodsLine, worth: Decimal | None = None) -> ExportDeclaration:
    return rules.export_declaration(
        DECLARATION, goods or (GOODS, OTHER), worth, issued_date=TODAY,
        rule=valuation("CIF", "CARRIAGE", border="60"),
        rates={"USD": {"USD": Decimal(1), "CNY": Decimal("0.1403")}},
    )  # fmt: skip


def test_the_data_set_to_the_field() -> None:
    assert document() == ExportDeclaration(
        number="CF-30001-2",
        customs_number="310120260001",
        state=DeclarationState.RELEASED,
        issued_date=TODAY,
        mode="9710",
        exporter="义乌带线贸易有限公司",
        exporter_code="91330782MA28",
        principal="",
        incoterm="DDP",
        incoterm_place="Kraków, Warszawa, PL",
        vat="REFUND",
        cargo_class="GENERAL",
        node="YIW",
        node_name="Yiwu hub",
        from_country="CN",
        country="PL",
        # Nobody knows what the goods are worth in euros.
        scheme="",
        scheme_number="",
        orders=["BL-80001", "BL-80002"],
        transport_documents=["SF-9"],
        lines=[
            HsLine(1, "", "S-2", "Robes", "", "CN", "METRE", 2_500, 1_000, "USD", None, 2_800),
            HsLine(2, "6108310000", "S-1", "Pyjamas", "睡衣", "CN", "PIECE", 4, 5_005, "USD",
                   1_000, 2_800),
        ],
        totals=[Worth(6_005, "USD")],
        net_weight_g=None,
        gross_weight_g=5_600,
        payer="SELLER",
        values=[
            # No service is chosen for its box.
            LineValue(1, ValueBasis.CIF, "USD", 1_000, None, 0, None, None, [], [Lack.FREIGHT],
                      "the law", "https://l", VALUED),
            # CNY 72.00 are USD 10.1016; 60 % of 10.10 is 6.06, and 4.04 lie within the border.
            LineValue(2, ValueBasis.CIF, "USD", 5_005, 606, 0, 5_611, 404, ["DEMO-AIR"], [],
                      "the law", "https://l", VALUED),
        ],
        taxes=[
            LineTax(1, TaxKind.DUTY, "USD", None, None, None, "", "", None,
                    [Lack.FREIGHT, Lack.RATE]),
            LineTax(1, TaxKind.VAT, "USD", None, "23", None, "VAT act", "", SINCE, [Lack.FREIGHT]),
            # 12 % of 56.11 is 6.7332; 23 % of 56.11 + 6.73 + 4.04 is 15.3824.
            LineTax(2, TaxKind.DUTY, "USD", 5_611, "12", 673, "EU tariff", "https://eu.example/t",
                    SINCE),
            LineTax(2, TaxKind.VAT, "USD", 6_688, "23", 1_538, "VAT act", "", SINCE),
        ],
        refunds=[
            # 13 % of 30.005 is 3.90; a quarter of 45.20 less its VAT is 10.00, of that 1.30.
            RefundLine("BL-80001", 1, "S-1", "PIECE", 4, ["F-1"], 3, True, "SF-9", False, "13",
                       "Notice 15", 390, 130, "CNY"),
            RefundLine("BL-80002", 1, "S-2", "METRE", 2_500, [], 0, True, "", False, "13",
                       "Notice 15", 0, None, "CNY"),
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("worth", "scheme"), [(Decimal(150), "IOSS"), (Decimal("150.01"), ""), (None, "")]
)
def test_a_scheme_is_named_up_to_its_limit(worth: Decimal | None, scheme: str) -> None:
    assert document(GOODS, worth=worth).scheme == scheme


def test_an_incoterm_names_its_place() -> None:
    def place(incoterm: str, *goods: GoodsLine) -> str:
        term = msgspec.structs.replace(DECLARATION, incoterm=incoterm)
        return rules.export_declaration(term, goods, None, issued_date=TODAY).incoterm_place

    assert place("FOB", GOODS) == "Yiwu hub, CN"
    assert place("DAP", GOODS, GOODS) == "Warszawa, PL"
    # The door of a buyer was erased.
    assert place("CIP", msgspec.structs.replace(GOODS, city="")) == "PL"
    assert place("", GOODS) == ""


def test_worth_needs_a_rate_of_every_currency() -> None:
    dollars, euros = [
        ConsignedLine(None, "610831", "S-1", "CN", currency, amount)
        for currency, amount in (("USD", 5_005), ("EUR", 100))
    ]
    rates = {"USD": Decimal("0.9")}
    # 50.05 x 0.9 is 45.045, half-even 45.04, and 1.00 more.
    assert rules.worth_in("EUR", [dollars], rates) == Decimal("45.04")
    assert rules.worth_in("EUR", [dollars, euros], rates) == Decimal("46.04")
    assert rules.worth_in("EUR", [dollars, euros], {}) is None


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ["Export declaration data", "CF-30001-2", "310120260001", "20 Nov 2026",
                "9710 e-commerce B2B", "义乌带线贸易有限公司 91330782MA28",
                "DDP Kraków, Warszawa, PL", "refunded",
                "Yiwu hub (YIW), CN", "BL-80001, BL-80002", "SF-9", "6108310000", "not known",
                "Pyjamas", "1.000 kg", "5.600 kg", "USD 50.05", "USD 60.05", "the seller",
                "12 %", "USD 6.73", "23 %", "USD 15.38", "EU tariff",
                "with freight and insurance (CIF)", "DEMO-AIR", "USD 6.06", "USD 56.11",
                "the freight is not known", "the law, Sun 1 May 2016"]),
        ("zh", ["出口报关数据", "CF-30001-2", "310120260001", "9710 跨境电商 B2B 直接出口",
                "义乌带线贸易有限公司 91330782MA28", "退税", "6108310000", "睡衣", "未知", "净重",
                "毛重", "USD 50.05", "USD 60.05", "卖方", "关税", "USD 6.73", "EU tariff",
                "完税价格", "含运费和保险费", "USD 56.11", "运费未知"]),
    ],
)  # fmt: skip
def test_the_paper_reads_in_both_languages(locale: str, said: list[str]) -> None:
    text = text_of(pdf.declaration_pdf(document(), locale=locale, at=NOW))
    flat = " ".join(text.replace("\xa0", " ").split())
    missing = [part for part in said if part not in flat]
    assert missing == [], flat


def test_a_paper_without_rules_says_what_is_not_known() -> None:
    bare = msgspec.structs.replace(
        DECLARATION, mode="", exporter="", exporter_code="", incoterm="", vat="", scheme=""
    )
    found = rules.export_declaration(bare, [OTHER], None, issued_date=TODAY)
    assert (found.payer, found.refunds) == ("", [])
    text = " ".join(text_of(pdf.declaration_pdf(found, locale="en", at=NOW)).split())
    for name in ("Export mode not known", "Exporter not known", "Incoterm not known",
                 "Import taxes borne by not known"):  # fmt: skip
        assert name in text, text

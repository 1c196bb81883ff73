"""Dated rules: imported by file with row errors, the closest counts, what is not known stays so."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from beltline.app.imports.export import export_rows
from beltline.app.imports.inline import ImportRequest, import_path
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id
from beltline.kit.money import percent_of
from beltline.trade.actions import dated as actions
from beltline.trade.queries import dated as queries
from beltline.trade.types.dated import (
    CustomsValue,
    ImportTax,
    Lack,
    TaxKind,
    TaxRate,
)
from tests.catalog.make import NOW, make_network
from tests.orders.http import api, key_of
from tests.procurement.browser import member
from tests.trade.make import (
    import_cargo_rules,
    import_low_value_rules,
    import_tax_rates,
    import_valuation_rules,
)
from tests.trade.test_valuation import valuation

TODAY = day_of(NOW)


def rate(kind: TaxKind, percent: str) -> TaxRate:
    return TaxRate(
        new_id(), kind, "PL", "610831", "", Decimal(percent), TODAY, None, "the law", "https://l"
    )


def test_taxes_are_of_value_and_duty_and_none_is_a_default() -> None:
    duty, vat = rate(TaxKind.DUTY, "12"), rate(TaxKind.VAT, "23")
    value = CustomsValue.of(10_005, freight=None, insurance=None, rule=valuation())
    # 12 % of 100.05 is 12.006; 23 % of 112.06 is 25.7738.
    assert [(t.base, t.amount) for t in ImportTax.on_import(value, duty, vat)] == [
        (10_005, 1_201), (11_206, 2_577),
    ]  # fmt: skip
    unknown, resting = ImportTax.on_import(value, None, vat)
    assert unknown == ImportTax(TaxKind.DUTY, 10_005, None, None, "", "", None, [Lack.RATE])
    assert (resting.base, resting.percent, resting.amount) == (None, Decimal(23), None)
    assert resting.lacks == [Lack.DUTY]
    # Half-even: 12.5 % of 100 minor units is 12.
    assert percent_of(100, Decimal("12.5")) == 12
    assert percent_of(300, Decimal("12.5")) == 38


async def test_the_closest_rate_of_the_day_counts(database: Database) -> None:
    net = await make_network(database)
    done = await import_tax_rates(
        database, net.operator, NOW,
        "1,DUTY,pl,6108.31,,12,2026-01-01,,EU tariff,",
        "2,DUTY,PL,61083100,,10.5,2026-01-01,2026-06-30,EU tariff,",
        "3,DUTY,PL,61083100,CN,0,2026-01-01,,agreement,https://a",
        "4,VAT,PL,,,23,2011-01-01,,VAT act,",
        "5,VAT,PL,,,24,2027-01-01,,VAT act,",
    )  # fmt: skip
    assert (done.inserted, list(done.problems)) == (5, [])

    async def percent(kind: TaxKind, hs_code: str, origin: str, on: dt.date) -> Decimal | None:
        async with database.reading(net.operator) as db:
            found = await queries.find_tax_rate(
                db, net.operator, kind=kind, country="PL", hs_code=hs_code, origin=origin, on=on
            )
        return found.percent if found else None

    spring, autumn = dt.date(2026, 4, 1), dt.date(2026, 11, 1)
    assert await percent(TaxKind.DUTY, "6108310010", "CN", spring) == 0
    assert await percent(TaxKind.DUTY, "6108310010", "VN", spring) == Decimal("10.5")
    assert await percent(TaxKind.DUTY, "6108310010", "VN", autumn) == 12
    assert await percent(TaxKind.DUTY, "6109100010", "CN", autumn) is None
    assert await percent(TaxKind.VAT, "6109100010", "CN", autumn) == 23
    assert await percent(TaxKind.VAT, "610910", "CN", dt.date(2027, 1, 1)) == 24
    assert await percent(TaxKind.VAT, "610910", "CN", dt.date(2010, 1, 1)) is None
    async with database.reading(net.buyer) as db:
        assert await queries.list_tax_rates(db) == []


async def test_the_rules_of_the_closest_lane_count_together(database: Database) -> None:
    net = await make_network(database)
    done = await import_cargo_rules(
        database, net.operator, NOW,
        "1,battery,,,,FORBID,,,2026-01-01,,carrier,",
        "2,BATTERY,,PL,,DOCUMENT,UN38_3,,2026-01-01,,ADR 2025,",
        "3,BATTERY,,PL,,PACK,,each in a bag,2026-01-01,,ADR 2025,",
        "4,BATTERY,,PL,AIR,FORBID,,,2026-01-01,2026-06-30,IATA DGR,",
    )  # fmt: skip
    assert (done.inserted, list(done.problems)) == (4, [])
    async with database.system() as db:
        node = await db.value("select id from trade.node where code = 'CON-YIW'")

        async def verdicts(country: str, mode: str, on: dt.date) -> list[str]:
            return await db.values(
                "select verdict from trade.cargo_on($1, 'BATTERY', $2, $3, $4, $5)",
                net.operator.org_id, node, country, mode, on,
            )  # fmt: skip

        assert await verdicts("PL", "", TODAY) == ["DOCUMENT", "PACK"]
        assert await verdicts("PL", "AIR", dt.date(2026, 3, 1)) == ["FORBID"]
        assert await verdicts("PL", "AIR", dt.date(2026, 11, 1)) == ["DOCUMENT", "PACK"]
        assert await verdicts("US", "", dt.date(2026, 3, 1)) == ["FORBID"]
        assert await verdicts("US", "", dt.date(2025, 3, 1)) == []


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("1,DUTY,PL,61,,12,2026-01-01,,EU tariff,", "hs_code", "trade.not_a_rate"),
        ("1,REFUND,CN,,,13,2026-01-01,,notice,", "hs_code", "trade.not_a_rate"),
        ("1,DUTY,PL,61A831,,12,2026-01-01,,EU tariff,", "hs_code", "trade.not_an_hs_code"),
        ("1,VAT,P1,,,23,2026-01-01,,VAT act,", "country", "trade.not_a_country"),
        ("1,VAT,PL,,1,23,2026-01-01,,VAT act,", "origin", "trade.not_a_country"),
        ("1,VAT,PL,,,23,2026-01-02,2026-01-01,VAT act,", "valid_until",
         "trade.ends_before_it_begins"),
    ],
)  # fmt: skip
async def test_a_rate_that_cannot_be_one_is_refused_by_row(
    database: Database, row: str, column: str, code: str
) -> None:
    net = await make_network(database)
    done = await import_tax_rates(database, net.operator, NOW, row)
    assert done.inserted == 0
    assert [(p.row, p.column, p.code) for p in done.problems] == [(1, column, code)]


TERM = {
    "node": "CON-YIW", "country": "PL", "export_mode": "9710", "exporter": "Yiwu Beltline",
    "incoterm": "DAP", "vat": "REFUND", "valid_from": "2026-01-01", "source": "contract",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"export_mode": "1039"}, "trade.without_its_principal"),
        ({"export_mode": "1039", "principal": "Stall 7"}, "trade.refund_not_possible"),
        ({"node": "NOWHERE"}, "trade.unknown_node"),
        ({"value_max": "5"}, "trade.limit_without_currency"),
        ({"value_currency": "USD"}, "trade.limit_without_currency"),
        ({"scheme_value_max": "150", "scheme_currency": "EUR"}, "trade.limit_without_scheme"),
    ],
)
async def test_a_term_that_does_not_hold_together_is_refused(
    database: Database, changes: dict[str, str], code: str
) -> None:
    net = await make_network(database)
    term = {**TERM, **changes}
    async with database.system() as db:
        done = await actions.import_export_terms(
            db, net.operator, columns=list(term), csv=f"1,{','.join(term.values())}\n".encode(),
            now=NOW,
        )  # fmt: skip
    assert (done.inserted, [p.code for p in done.problems]) == (0, [code])


async def test_files_come_in_are_listed_and_go_out_as_they_came(
    database: Database, tmp_path: Path
) -> None:
    net = await make_network(database)
    files = {
        "tax_rates": "税种,国家,海关编码,税率,生效日期,来源\n"
        "关税,PL,6108.31.00,12,2026-01-01,EU tariff\n退税,CN,6108310000,13,2026-01-01,财税公告\n",
        "valuation_rules": "国家,完税价格,增值税计税基础,计入运费比例,关税同盟,生效日期,来源\n"
        "PL,到岸价,另加全程运费,70,eu,2016-05-01,UCC\nUS,离岸价,完税价格加关税,,,1980-07-01,USC\n",
        "low_value_rules": "国家,限额,币种,进口计划,关税税率,定额关税,增值税,"
        "生效日期,失效日期,依据\n"
        "PL,150,EUR,IOSS,,3,随销售缴纳,2026-07-01,2028-07-01,Council\nGB,135,GBP,,0,,free,2021-01-01,,HMRC\n",
        "cargo_rules": "货物类别,目的国,限制,所需文件,生效日期,来源\n"
        "BATTERY,PL,需文件,UN38.3,2026-01-01,ADR\n",
        "export_terms": "仓库,目的国,发票类型,监管方式,出口商,贸易术语,增值税处理,生效日期,来源\n"
        "CON-YIW,PL,专票,9710,义乌带线贸易有限公司,DAP,退税,2026-01-01,合同\n",
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text, "utf-8")
        result = await import_path(database, net.operator, ImportRequest(path), on_progress=None)
        assert result.dataset == name
        assert (result.bad_rows, result.inserted) == (0, text.count("\n") - 1), result
        out = tmp_path / f"{name}-out.csv"
        assert await export_rows(database.dsn, name, out) == text.count("\n") - 1
        again = await import_path(
            database, net.operator, ImportRequest(out, name), on_progress=None
        )
        assert (again.bad_rows, again.inserted, again.updated) == (0, 0, 0), again
    assert pl.read_csv(tmp_path / "export_terms-out.csv", infer_schema=False).row(0)[2] == "SPECIAL"
    key, other = await key_of(database, net.operator), await key_of(database, net.buyer)
    async with api(database) as http:
        rates = (await http.get("/v1/tax-rates?country=PL&limit=1", headers=key)).json()
        values = (await http.get("/v1/valuation-rules?country=PL&limit=1", headers=key)).json()
        cargo = (await http.get("/v1/cargo-rules?country=PL", headers=key)).json()
        terms = (await http.get("/v1/export-terms?country=DE", headers=key)).json()
        query = "country=PL&hs_code=6108310000&value=10000&currency=EUR"
        quote = (await http.get(f"/v1/tax-quotes?{query}", headers=key)).json()
        whole = f"{query}&freight=1000&insurance=100"
        shipped = (await http.get(f"/v1/tax-quotes?{whole}", headers=key)).json()
        lists = ("tax-rates", "valuation-rules", "low-value-rules", "cargo-rules", "export-terms")
        for path in (*lists, f"tax-quotes?{query}"):
            assert (await http.get(f"/v1/{path}", headers=other)).status_code == 403
    assert (rates["items"][0]["hs_code"], rates["items"][0]["percent"]) == ("61083100", "12")
    assert cargo["items"][0]["evidence"] == "UN38_3"
    assert terms["items"] == []
    duty, vat = quote["items"]
    # Without the freight nobody knows the customs value; with it 12 % of 100.00 + 7.00 + 1.00.
    assert (duty["amount"], duty["lacks"]) == (None, ["FREIGHT"])
    assert (vat["percent"], vat["lacks"], quote["total"]) == (None, ["FREIGHT", "RATE"], None)
    assert shipped["items"][0]["amount"] == {"amount": 1_296, "currency": "EUR"}
    value = shipped["value"]
    assert [value[part]["amount"] for part in ("goods", "freight", "insurance", "amount")] == [
        10_000, 700, 100, 10_800,
    ]  # fmt: skip
    assert values["items"][0]["customs_union"] == "EU"
    assert (values["items"][0]["border_percent"], values["items"][0]["basis"]) == ("70", "CIF")


@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_the_page_shows_rules_with_their_source(database: Database, locale: str) -> None:
    net = await make_network(database)
    await import_tax_rates(
        database, net.operator, NOW, "1,DUTY,PL,610831,,12.5,2026-01-01,,EU tariff,https://e.eu/t"
    )
    await import_cargo_rules(
        database, net.operator, NOW, "1,LIQUID,,,,FORBID,,,2026-01-01,,carrier's letter,"
    )
    await import_valuation_rules(
        database, net.operator, NOW, "1,PL,CIF,CARRIAGE,70,,EU,2016-05-01,,UCC art. 70,",
    )  # fmt: skip
    await import_low_value_rules(
        database, net.operator, NOW,
        "1,PL,150,EUR,IOSS,,3,SALE,2026-07-01,,Council 2026,",
        "2,GB,135,GBP,,0,,DUE,2021-01-01,,HMRC,",
    )  # fmt: skip
    async with member(database, net.operator, locale=locale) as http:
        low = (await http.get("/trade-rules?tab=low")).text
        values = (await http.get("/trade-rules?tab=values")).text
        rates = (await http.get("/trade-rules?q=6108")).text
        cargo = (await http.get("/trade-rules?tab=cargo")).text
        none = (await http.get("/trade-rules?tab=terms")).text
    assert "12.50%" in rates.replace("\xa0", "").replace(" %", "%")
    assert 'href="https://e.eu/t"' in rates
    assert ("with freight and insurance (CIF)" if locale == "en" else "含运费和保险费") in values
    assert "UCC art. 70" in values
    for text in (
        ("€3.00 for each tariff code", "with the sale, not on import", ">free<", "£135.00")
        if locale == "en" else ("每个税则号 €3.00", "随销售缴纳，进口不征", ">免征<", "£135.00")
    ):  # fmt: skip
        assert text in low
    assert ("may not go" if locale == "en" else "禁运") in cargo
    assert ("No rules yet" if locale == "en" else "尚无规则") in none
    async with member(database, net.buyer) as http:
        assert (await http.get("/trade-rules")).status_code == 403

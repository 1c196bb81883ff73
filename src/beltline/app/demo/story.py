"""Goods of the demo's story that no supermarket sells, generated and without a demand history.

Fabric by the meter (one dye lot a line), drop-shipped jewelry, a flask with the buyer's logo.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from beltline.app.demo.goods import COLORS
from beltline.app.demo.network import OPERATOR
from beltline.app.demo.rows import OfferRow, ProductRow, SkuRow, StockRow, SupplierRow

KEQIAO: Final = "CN-330603-011"
YONGKANG: Final = "CN-330784-005"
YIWU: Final = "CN-330782-001"

FABRIC_COLORS: Final = COLORS[:6]
JEWEL_COLORS: Final = COLORS[:5]


class Extra(msgspec.Struct, frozen=True):
    """A generated SKU with its terms: prices per unit of sale, quantities in base units."""

    sku: SkuRow
    supplier: SupplierRow
    moq: int
    buyer_moq: int
    cost_cny: Decimal
    price_usd: Decimal
    availability: str
    sales_model: str


def products(by_belt: Mapping[str, Sequence[SupplierRow]]) -> tuple[ProductRow, ...]:
    """The three generated products, each of the first factory of its belt."""
    return (
        ProductRow(
            "FABRIC-P001",
            by_belt[KEQIAO][0].code,
            "textile",
            "Keqiao polyester jacquard by the meter, 1.5 m wide, 220 g/m2; "
            "a line is cut from one dye lot",
            "柯桥涤纶提花面料 按米 幅宽1.5米 220克/平方米 同一订单行不混缸",
        ),
        ProductRow(
            "FLASKLOGO-P001",
            by_belt[YONGKANG][0].code,
            "hardware",
            "Yongkang stainless vacuum flask with the buyer's logo",
            "永康不锈钢保温杯 来样定制标志",
        ),
        ProductRow(
            "JEWELDS-P001",
            by_belt[YIWU][0].code,
            "general",
            "Yiwu fashion jewelry, drop-shipped from the factory",
            "义乌时尚饰品 一件代发",
        ),
    )


def extras(by_belt: Mapping[str, Sequence[SupplierRow]]) -> tuple[Extra, ...]:
    """The generated SKUs."""
    fabric, flask, jewelry = products(by_belt)
    return (
        *(
            Extra(
                sku=SkuRow(
                    f"FABRIC-{number:04d}", fabric.code, f"{fabric.title}, {en}",
                    f"{fabric.title_zh} {zh}", "METRE", 1_000, 330, 1_000, 1_500, 1, "GENERAL",
                    "5407",
                ),
                supplier=by_belt[KEQIAO][0],
                moq=100_000,
                buyer_moq=1_000,
                cost_cny=Decimal("12.60"),
                price_usd=Decimal("2.45"),
                availability="SPOT",
                sales_model="OWNED",
            )
            for number, (zh, en) in enumerate(FABRIC_COLORS, start=1)
        ),
        Extra(
            sku=SkuRow(
                "FLASKLOGO-0001", flask.code, flask.title, flask.title_zh, "PIECE", 10, 340,
                260, 80, 80, "FOOD_CONTACT", "9617",
            ),
            supplier=by_belt[YONGKANG][0],
            moq=500,
            buyer_moq=500,
            cost_cny=Decimal("18.50"),
            price_usd=Decimal("4.20"),
            availability="MADE_TO_ORDER",
            sales_model="VIRTUAL",
        ),
        *(
            Extra(
                sku=SkuRow(
                    f"JEWELDS-{number:04d}", jewelry.code, f"{jewelry.title}, {en}",
                    f"{jewelry.title_zh} {zh}", "PIECE", 1, 30, 90, 70, 25, "GENERAL", "7117",
                ),
                supplier=by_belt[YIWU][0],
                moq=1,
                buyer_moq=1,
                cost_cny=Decimal("6.80"),
                price_usd=Decimal("1.90"),
                availability="SPOT",
                sales_model="DIRECT",
            )
            for number, (zh, en) in enumerate(JEWEL_COLORS, start=1)
        ),
    )  # fmt: skip


def offers(found: Sequence[Extra], today: date) -> Iterator[OfferRow]:
    """One price to the operator and one to the buyers."""
    for extra in found:
        made = extra.availability == "MADE_TO_ORDER"
        # Drop-shipped goods stand ready at the factory: picked up within two days.
        at_factory = extra.sales_model == "DIRECT"
        lead = 2 if at_factory else extra.supplier.lead_time_days_mean + (12 if made else 0)
        buyers_wait = 1 if extra.sales_model == "OWNED" else lead
        sides = (
            (extra.supplier.code, "OPERATOR", "CNY", extra.moq, extra.cost_cny, lead, "SPECIAL"),
            (OPERATOR, "BUYERS", "USD", extra.buyer_moq, extra.price_usd, buyers_wait, "NONE"),
        )
        for seller, audience, currency, moq, price, wait, tax in sides:
            yield OfferRow(
                supplier=seller,
                sku=extra.sku.code,
                audience=audience,
                currency=currency,
                quantity_from=moq,
                unit_price=price,
                moq=moq,
                availability=extra.availability,
                sales_model=extra.sales_model,
                lead_time_days=wait,
                valid_from=today - timedelta(days=60),
                valid_until=None,
                tax_basis=tax,
            )


def stock(found: Sequence[Extra]) -> Iterator[StockRow]:
    """600 m of every fabric at the hub; what factories declare: jewelry there, flasks to make."""
    for extra in found:
        if extra.sku.uom == "METRE":
            yield StockRow(extra.sku.code, "CON-YIW", OPERATOR, "COUNTED", 600_000, 1)
        else:
            owner, units = extra.supplier.code, 240 if extra.sales_model == "DIRECT" else 5_000
            yield StockRow(extra.sku.code, f"FAC-{owner}", owner, "DECLARED", units, 1)

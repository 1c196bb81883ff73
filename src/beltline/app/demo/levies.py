"""VAT of the demo's countries, and what some levy on consignments of little worth, with their law.

Duty by tariff code is not among it: nobody has entered a tariff, so it is not known.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from beltline.app.demo.rows import LowValueRow, VatRow

_VAT: Final = (
    ("AU", 10, dt.date(2000, 7, 1), "A New Tax System (Goods and Services Tax) Act 1999, s. 9-70"),
    ("CZ", 21, dt.date(2013, 1, 1), "Act No. 235/2004 on VAT, s. 47"),
    ("DE", 19, dt.date(2021, 1, 1), "Umsatzsteuergesetz, s. 12(1)"),
    ("ES", 21, dt.date(2012, 9, 1), "Ley 37/1992, art. 90"),
    ("FR", 20, dt.date(2014, 1, 1), "Code général des impôts, art. 278"),
    ("GB", 20, dt.date(2011, 1, 4), "Value Added Tax Act 1994, s. 2"),
    ("IT", 22, dt.date(2013, 10, 1), "DPR 633/1972, art. 16"),
    ("JP", 10, dt.date(2019, 10, 1), "Consumption Tax Act, art. 29; Local Tax Act, art. 72-83"),
    ("NL", 21, dt.date(2012, 10, 1), "Wet op de omzetbelasting 1968, art. 9"),
    ("PL", 23, dt.date(2011, 1, 1), "Act of 11 March 2004 on the tax on goods and services"),
    ("SE", 25, dt.date(2023, 7, 1), "Mervärdesskattelag (2023:200), ch. 9"),
)
_EU: Final = ("CZ", "DE", "ES", "FR", "IT", "NL", "PL", "SE")

DOLLARS: Final[Mapping[str, Decimal]] = {
    "AUD": Decimal("0.66"), "EUR": Decimal("1.15"), "GBP": Decimal("1.32"),
}  # fmt: skip
"""What limits are compared with goods priced in dollars by: fixed, no market rates."""


def vat_rates() -> list[VatRow]:
    """The standard rates that are known, by country."""
    return [VatRow("VAT", *row, "") for row in _VAT]


def low_values() -> list[LowValueRow]:
    """What is levied on parcels of little worth, where it is known."""
    return [
        LowValueRow(
            "AU", 1000, "AUD", "", 0, None, "SALE", dt.date(2018, 7, 1), None,
            "A New Tax System (Goods and Services Tax) Act 1999, subdiv. 84-C",
            "https://www.legislation.gov.au/C2004A00446/latest",
        ),
        LowValueRow(
            "GB", 135, "GBP", "", 0, None, "SALE", dt.date(2021, 1, 1), None,
            "HMRC, VAT and overseas goods sold directly to customers in the UK",
            "https://www.gov.uk/guidance/vat-and-overseas-goods-sold-directly-to-customers-in-the-uk",
        ),
        *(
            LowValueRow(
                country, 150, "EUR", "IOSS", None, 3, "SALE", dt.date(2026, 7, 1),
                dt.date(2028, 7, 1), "Council of the European Union, 2026-02-11",
                "https://regfollower.com/?p=78434",
            )
            for country in _EU
        ),
    ]  # fmt: skip

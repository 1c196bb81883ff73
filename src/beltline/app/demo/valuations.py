"""What the countries of the demo's buyers levy duty and VAT on, each as its law says.

Of the others nobody has looked it up: there the customs value is not known.
"""

import datetime as dt
from typing import Final

from beltline.app.demo.rows import ValuationRow

_EU: Final = (
    "CIF", "CARRIAGE", "EU", dt.date(2016, 5, 1),
    "Regulation (EU) No 952/2013, art. 70 and 71; Directive 2006/112/EC, art. 85 and 86",
    "https://eur-lex.europa.eu/eli/reg/2013/952/oj",
)  # fmt: skip
_LAWS: Final = {
    **dict.fromkeys(("PL", "DE", "FR", "ES", "IT", "NL", "CZ", "SE"), _EU),
    "GB": (
        "CIF", "CARRIAGE", "", dt.date(2021, 1, 1),
        "Taxation (Cross-border Trade) Act 2018, s. 16; Value Added Tax Act 1994, s. 21",
        "https://www.legislation.gov.uk/ukpga/2018/22/section/16",
    ),
    "US": (
        "FOB", "VALUE", "", dt.date(1980, 7, 1), "19 U.S.C. 1401a(b)(4)(A)",
        "https://www.law.cornell.edu/uscode/text/19/1401a",
    ),
    "CA": (
        "FOB", "VALUE", "", dt.date(1991, 1, 1),
        "Customs Act, s. 48(5)(b)(i); Excise Tax Act, s. 215",
        "https://laws-lois.justice.gc.ca/eng/acts/C-52.6/section-48.html",
    ),
    "AU": (
        "FOB", "CARRIAGE", "", dt.date(2000, 7, 1),
        "Customs Act 1901, s. 161; A New Tax System (Goods and Services Tax) Act 1999, s. 13-20",
        "https://www.legislation.gov.au/C1901A00006/latest",
    ),
    "JP": (
        "CIF", "VALUE", "", dt.date(1989, 4, 1),
        "Customs Tariff Act, art. 4; Consumption Tax Act, art. 28(4)", "",
    ),
}  # fmt: skip


def valuations() -> list[ValuationRow]:
    """The rules that are known, by country."""
    return [ValuationRow(country, *law) for country, law in sorted(_LAWS.items())]

"""Companies that exist nowhere, with numbers whose check digits are right."""

import datetime as dt
from typing import Any, Final

import msgspec
from stdnum import iban
from stdnum.cn import uscc

from beltline.accounts.actions import legal
from beltline.accounts.types.legal import BankAccount, EntityBody, LegalEntity
from beltline.kit.actor import Actor
from beltline.kit.db import Database

_USCC: Final = "9133050005AMPLE00"
_OTHER: Final = "9131000005AMPLE01"
_IBAN: Final = "PL00" + "0" * 20 + "1234"

NUMBERS: Final = {
    "CN": _USCC + uscc.calc_check_digit(_USCC),
    "PL": "PL0000000106",
    "GB": "GB000000097",
    "GR": "EL000000012",
}
"""Tax numbers by country."""

IBAN: Final = "PL" + iban.calc_check_digits(_IBAN) + _IBAN[4:]

BUYER: Final = EntityBody(
    "Sklep Łódź sp. z o.o.", "PL", "ul. Prosta 1, 90-001 Łódź", tax_id=NUMBERS["PL"],
    registration_number="KRS 0000000000",
)  # fmt: skip
SUPPLIER: Final = EntityBody(
    "示例童装（样本）有限公司", "CN", "浙江省湖州市织里镇样本路1号",
    "Sample Kidswear Co., Ltd.", "No. 1 Sample Road, Zhili, Huzhou, Zhejiang",
    tax_id=NUMBERS["CN"],
    bank_accounts=[BankAccount("样本银行湖州分行", "6200000000001234567", currency="CNY")],
)  # fmt: skip
OPERATOR: Final = EntityBody(
    "示例带线贸易有限公司", "CN", "上海市样本路8号", "Sample Beltline Trading Co., Ltd.",
    "8 Sample Road, Shanghai", tax_id=_OTHER + uscc.calc_check_digit(_OTHER),
    bank_accounts=[
        BankAccount("Sample Bank, Shanghai", "8000111122223333", "ABCDCNSH"),
        BankAccount("Sample Bank, Warsaw", IBAN, "ABCDPLPW", "USD"),
    ],
)  # fmt: skip


async def state(
    database: Database, actor: Actor, entity: EntityBody, now: dt.datetime, **changes: Any
) -> LegalEntity:
    """State an organization's company, as it is here but for `changes`."""
    async with database.writing(actor) as db:
        return await legal.state_legal_entity(
            db, actor, entity=msgspec.structs.replace(entity, **changes), now=now
        )

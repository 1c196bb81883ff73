"""The companies of the demo: plainly made up, with numbers whose check digits are right.

No register has them: the organization codes of the credit codes spell a sample, the places of
streets and banks are called so, and each address says that it is sample data.
"""

from typing import Final

from stdnum import iban
from stdnum.cn import uscc
from stdnum.pl import nip

from beltline.accounts.types import Organization
from beltline.accounts.types.legal import BankAccount, EntityBody
from beltline.app.demo import chance
from beltline.app.demo.state import FACTORY

STATING: Final = 0.4
"""The share of suppliers that have stated their company."""
_BUYER_NIP: Final = "000000010"


def operator() -> EntityBody:
    """The demo's operator, with an account for dollars and one for everything else."""
    return EntityBody(
        "百联示范网络（样本）有限公司", "CN", "浙江省义乌市样本路8号（示例数据）",
        "Beltline Demo Network (Sample) Co., Ltd.", "8 Sample Road, Yiwu, Zhejiang (sample data)",
        tax_id=_credit_code("330782", "00001"),
        bank_accounts=[
            BankAccount("样本银行义乌分行 Sample Bank, Yiwu", "8000000000000001"),
            BankAccount("Sample Bank, Warsaw", _iban("0001"), currency="USD"),
        ],
    )  # fmt: skip


def buyer() -> EntityBody:
    """The demo's buyer in Warsaw."""
    digits = next(_BUYER_NIP + digit for digit in "0123456789" if nip.is_valid(_BUYER_NIP + digit))
    return EntityBody(
        "Mała Pracownia (dane przykładowe) sp. z o.o.", "PL",
        "ul. Przykładowa 1, 00-001 Warszawa (sample data)", tax_id=f"PL{digits}",
        registration_number="KRS 0000000000",
    )  # fmt: skip


def supplier(organization: Organization) -> EntityBody:
    """A supplier's company, by the digits of its code."""
    number = "".join(filter(str.isdigit, organization.code))[-5:].zfill(5)
    return EntityBody(
        f"{organization.name_zh or organization.name}（样本）", "CN",
        f"浙江省样本路{number}号（示例数据）",
        f"{organization.name} (sample)", f"{number} Sample Road, Zhejiang (sample data)",
        tax_id=_credit_code("330000", number),
        bank_accounts=[BankAccount("样本银行 Sample Bank", f"62000000000{number}", currency="CNY")],
    )  # fmt: skip


def has_stated(code: str, seed: int) -> bool:
    """Whether a supplier has stated its company: the one with a login has, of the others some."""
    return code == FACTORY or chance.unit(seed, "company", code) < STATING


def _credit_code(region: str, number: str) -> str:
    code = f"91{region}DEMA{number}"
    return code + uscc.calc_check_digit(code)


def _iban(number: str) -> str:
    account = "PL00" + number.zfill(24)
    return "PL" + iban.calc_check_digits(account) + account[4:]

"""Statements of a bank as files: camt.053 (ISO 20022) and CSV. Only money that came in is read."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from beltline.kit.money import minor_digits, to_minor
from beltline.ledger.types import BankEntry, BankFileUnreadable

ENTRIES_MAX: Final = 5_000
COLUMNS: Final = ("id", "amount", "currency", "reference")
_CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")
_AMOUNT_MAX: Final = 9 * 10**15


def read_statement(content: bytes) -> list[BankEntry]:
    """The credits of a statement, in the order of the file. Refuses all of a file with a bad entry.

    CSV is UTF-8 with the columns id, amount, currency, reference (more are ignored); amounts are
    in major units, those below 0 are left out.
    """
    is_xml = content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    found = list(_camt(content) if is_xml else _csv(content))
    if len(found) > ENTRIES_MAX:
        raise BankFileUnreadable(entry=ENTRIES_MAX + 1, reason=f"more than {ENTRIES_MAX} entries")
    return found


def _csv(content: bytes) -> Iterator[BankEntry]:
    try:
        text = content.decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise BankFileUnreadable(entry=0, reason=f"no column {missing[0]}")
        for number, row in enumerate(rows, 1):
            amount = _minor(row["amount"] or "", row["currency"] or "", number)
            if amount > 0:
                yield _entry(row["id"], amount, row["currency"], row["reference"], number)
    except (UnicodeDecodeError, csv.Error):
        raise BankFileUnreadable(entry=0, reason="it is not CSV in UTF-8") from None


def _camt(content: bytes) -> Iterator[BankEntry]:
    try:
        text = content.decode("utf-8-sig")
        # A document type could define entities that grow without end; camt.053 has none.
        if "<!DOCTYPE" in text:
            raise BankFileUnreadable(entry=0, reason="it has a document type")
        root = ET.fromstring(text)  # noqa: S314 - no document type, so no entities
    except (ET.ParseError, ValueError, LookupError):
        raise BankFileUnreadable(entry=0, reason="it is not XML") from None
    if not root.tag.partition("}")[0].startswith("{urn:iso:std:iso:20022:tech:xsd:camt.053."):
        raise BankFileUnreadable(entry=0, reason="it is not camt.053")
    for number, entry in enumerate(root.iterfind(".//{*}Stmt/{*}Ntry"), 1):
        status = _text(entry, "{*}Sts/{*}Cd") or _text(entry, "{*}Sts")
        if _text(entry, "{*}CdtDbtInd") != "CRDT" or status not in {"BOOK", ""}:
            continue
        if _text(entry, "{*}RvslInd") == "true":
            continue
        money = entry.find("{*}Amt")
        currency = "" if money is None else money.get("Ccy", "")
        amount = _minor("" if money is None else money.text or "", currency, number)
        about = " ".join(
            part.text.strip()
            for path in (".//{*}RmtInf/{*}Ustrd", ".//{*}CdtrRefInf/{*}Ref", ".//{*}EndToEndId")
            for part in entry.iterfind(path)
            if part.text
        )
        if amount > 0:
            yield _entry(_text(entry, "{*}AcctSvcrRef"), amount, currency, about, number)


def _text(entry: ET.Element, path: str) -> str:
    return (entry.findtext(path) or "").strip()


def _minor(text: str, currency: str, number: int) -> int:
    """Minor units of an amount; refuses what is none, or finer than the currency."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise BankFileUnreadable(entry=number, reason="no amount") from None
    if not _CURRENCY.match(currency):
        raise BankFileUnreadable(entry=number, reason="no currency")
    if not value.is_finite() or value != round(value, minor_digits(currency)):
        raise BankFileUnreadable(entry=number, reason="an amount finer than its currency")
    if abs(amount := to_minor(value, currency)) > _AMOUNT_MAX:
        raise BankFileUnreadable(entry=number, reason="an amount beyond what is kept")
    return amount


def _entry(
    name: str | None, amount: int, currency: str, reference: str | None, number: int
) -> BankEntry:
    known_as = (name or "").strip()
    if not known_as or len(known_as) > 120 or not known_as.isprintable():
        raise BankFileUnreadable(entry=number, reason="no name of the bank's own for it")
    about = "".join(c if c.isprintable() else " " for c in reference or "")
    return BankEntry(known_as, amount, currency, about.strip()[:200])

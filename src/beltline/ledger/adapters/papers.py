"""Invoices, credit notes and statements on A4, in English or Chinese."""

from collections.abc import Sequence
from typing import Final

from fpdf import FPDF

from beltline.accounts.actions.legal import bank_lines, party_lines
from beltline.accounts.types.legal import PaperParty
from beltline.kit import pdf as paper
from beltline.kit.clock import day_of
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.view import local_name
from beltline.ledger.adapters.words import EARNINGS, PAPERS, TRANSFERS
from beltline.ledger.types import (
    PaperDetail,
    PaperLine,
    Settlement,
    SettlementItem,
    StatedEntry,
)

_TITLES: Final = {**PAPERS, "PROFORMA": N_("Proforma invoice")}
_ROLES: Final = {
    "seller": N_("Seller"), "buyer": N_("Buyer"), "supplier": N_("Supplier"),
    "payer": N_("Payer"),
}  # fmt: skip
_SUMS: Final = ("opening", "added", "taken", "closing")


def paper_pdf(found: PaperDetail, entries: Sequence[StatedEntry], *, locale: str) -> bytes:
    """The paper; `entries` are those of a statement, or their sums by day."""
    pdf = paper.new_paper(found.issued_at)
    paper.begin(pdf, translations(locale).gettext(_TITLES[found.kind]), found.number)
    _facts(pdf, found, locale)
    if found.content.sums is None:
        _goods(pdf, found, locale)
    else:
        _entries(pdf, found, entries, locale)
    return bytes(pdf.output())


def _facts(pdf: FPDF, found: PaperDetail, locale: str) -> None:
    _ = translations(locale).gettext
    content = found.content
    order = f"{found.reference} {content.order_reference}".strip() if content.lines else ""
    paper.facts(pdf, [
        (_("Number"), found.number),
        (_("Date"), formats.date_text(found.issued_on, locale)),
        (_("Order"), order),
        (_("Invoice"), ", ".join(content.corrects or ())),
        (_("Month"), f"{found.month:%Y-%m}" if found.month else ""),
        *_parties(locale, seller=content.seller, buyer=content.buyer),
        *_terms(found, locale),
    ])  # fmt: skip


def _terms(found: PaperDetail, locale: str) -> list[tuple[str, str]]:
    """How a proforma is paid: the text that finds its order, and the day."""
    if found.kind != "PROFORMA":
        return []
    _ = translations(locale).gettext
    until = formats.date_text(found.due_on, locale) if found.due_on else ""
    return [(_("Transfer text"), found.reference), (_("To pay until"), until)]


def _parties(locale: str, **parties: PaperParty) -> list[tuple[str, str]]:
    """Parties with the name of what each is, and where a transfer to the one who is paid goes."""
    _ = translations(locale).gettext
    rows = [(_(_ROLES[role]), "\n".join(party_lines(x, locale))) for role, x in parties.items()]
    paid_to = ["\n".join(bank_lines(party, locale)) for party in parties.values()]
    return [*rows, *((_("Pay to"), text) for text in paid_to)]


def _goods(pdf: FPDF, found: PaperDetail, locale: str) -> None:
    _ = translations(locale).gettext
    paper.table(
        pdf,
        [_("No."), _("Goods"), _("Quantity"), _("Price"), _("Amount")],
        [_goods_row(line, found.currency, locale) for line in found.content.lines],
        widths=(10, 90, 28, 26, 36),
        aligns=("RIGHT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
    )
    name = _("Given back") if found.kind == "CREDIT_NOTE" else _("Total")
    rows = [*_parts(found, locale), (name, found.total)]
    paper.sums(pdf, [(text, paper.money(amount, found.currency)) for text, amount in rows])


def _parts(found: PaperDetail, locale: str) -> list[tuple[str, int]]:
    """Of an order that is paid in two goes: what of it is not to be paid now."""
    _ = translations(locale).gettext
    whole, later = found.content.whole, found.content.later
    if whole is None:
        return []
    rows = [
        (_("Order value"), whole), (_("Paid already"), later + found.total - whole),
        (_("To pay when the goods are made"), -later),
    ]  # fmt: skip
    return [row for row in rows if row[1]]


def _goods_row(line: PaperLine, currency: str, locale: str) -> tuple[str, ...]:
    title = local_name(locale, line.title, line.title_zh)
    has_units = line.quantity != 0
    _ = translations(locale).gettext
    said = {
        "": "", "BALANCE": _("Balance of the goods"), "KEPT": _("Deposit, kept"),
        "DEPOSIT": _("Deposit; balance %(amount)s when the goods are made")
        % {"amount": paper.money(line.balance, currency)},
    }[line.kind]  # fmt: skip
    return (
        str(line.line), "\n".join(filter(None, (line.sku, title, said))),
        formats.quantity(line.quantity, line.uom, locale) if has_units else "–",
        line.unit_price if has_units else "–", paper.money(line.amount, currency),
    )  # fmt: skip


def _entries(pdf: FPDF, found: PaperDetail, entries: Sequence[StatedEntry], locale: str) -> None:
    _ = translations(locale).gettext
    rows = [
        (
            day_of(entry.at).isoformat(), _(TRANSFERS[entry.kind]),
            entry.reference or f"× {formats.number(entry.entries)}",
            paper.money(entry.amount, found.currency),
        )
        for entry in entries
    ]  # fmt: skip
    paper.table(
        pdf, [_("Date"), _("What"), _("Because of"), _("Amount")], rows,
        widths=(24, 56, 70, 40), aligns=("LEFT", "LEFT", "LEFT", "RIGHT"),
    )  # fmt: skip
    paper.sums(pdf, [*_sums(found, locale), *_due(found, locale)])


def _sums(found: PaperDetail, locale: str) -> list[tuple[str, str]]:
    _ = translations(locale).gettext
    if found.kind == "CREDIT_STATEMENT":
        names = (_("Owed before"), _("Charged"), _("Paid and given back"), _("Owed at the end"))
    else:
        names = (_("Balance before"), _("Came in"), _("Went out"), _("Balance at the end"))
    return [
        (name, paper.money(getattr(found.content.sums, field), found.currency))
        for name, field in zip(names, _SUMS, strict=True)
    ]


def _due(found: PaperDetail, locale: str) -> list[tuple[str, str]]:
    credit = found.content.credit
    if credit is None or found.due_on is None:
        return []
    _ = translations(locale).gettext
    until = _("To pay until %(day)s") % {"day": formats.date_text(found.due_on, locale)}
    return [(until, paper.money(credit.due, found.currency))]


def settlement_pdf(
    statement: Settlement, items: Sequence[SettlementItem], *, locale: str, is_summed: bool
) -> bytes:
    """What a supplier earned, line by line or, `is_summed`, by kind."""
    _ = translations(locale).gettext
    pdf = paper.new_paper(statement.made_at)
    paper.begin(pdf, _("Settlement"), statement.number)
    paper.facts(pdf, [
        (_("Number"), statement.number),
        (_("Date"), formats.date_text(day_of(statement.made_at), locale)),
        (_("Supplier code"), statement.supplier),
        *_parties(locale, supplier=statement.payee, payer=statement.payer),
        (_("From"), day_of(statement.starts).isoformat()),
        (_("Until"), day_of(statement.ends).isoformat()),
        (_("The bank’s reference"), statement.payment_reference),
    ])  # fmt: skip
    rows = _kinds(statement, items, locale) if is_summed else _items(statement, items, locale)
    paper.table(
        pdf,
        [_("Date"), _("What"), _("Because of"), _("Quantity"), _("Amount"), _("Commission")],
        rows,
        widths=(22, 34, 58, 18, 32, 30),
        aligns=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
    )
    paper.sums(pdf, [
        (name, paper.money(amount, statement.currency))
        for name, amount in (
            (_("Carried from before"), statement.opening), (_("Earned"), statement.earned),
            (_("Taken back"), statement.taken_back), (_("Commission"), -statement.commission),
            (_("To pay") if statement.closing > 0 else _("Carried on"), statement.closing),
        )
    ])  # fmt: skip
    return bytes(pdf.output())


def _items(
    statement: Settlement, items: Sequence[SettlementItem], locale: str
) -> list[tuple[str, ...]]:
    _ = translations(locale).gettext
    return [
        (
            f"{item.earned_on:%Y-%m-%d}", _(EARNINGS[item.kind]), f"{item.reference} {item.sku}",
            formats.number(item.quantity), paper.money(item.amount, statement.currency),
            "–" if item.rate_ppm is None else paper.money(item.commission, statement.currency),
        )
        for item in items
    ]  # fmt: skip


def _kinds(
    statement: Settlement, items: Sequence[SettlementItem], locale: str
) -> list[tuple[str, ...]]:
    _ = translations(locale).gettext
    rows: list[tuple[str, ...]] = []
    for kind, name in EARNINGS.items():
        found = [item for item in items if item.kind == kind]
        amount, commission = sum(x.amount for x in found), sum(x.commission for x in found)
        if found:
            rows.append((
                "", _(name), f"× {formats.number(len(found))}", "",
                paper.money(amount, statement.currency),
                paper.money(commission, statement.currency),
            ))  # fmt: skip
    return rows

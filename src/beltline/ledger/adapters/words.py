"""The words of the ledger, said once for its pages and its papers."""

from typing import Final

from beltline.kit.web.i18n import N_

TRANSFERS: Final = {
    "DEPOSIT": N_("Paid in"), "WITHDRAWAL": N_("Paid out"), "ORDER_HOLD": N_("Held for an order"),
    "ORDER_RELEASE": N_("Released to the seller"), "ORDER_REFUND": N_("Refunded to the buyer"),
    "CREDIT_REPAYMENT": N_("Credit repaid"), "LATE_FEE": N_("Late fee"),
    "CHARGEBACK": N_("Charged back"), "SETTLEMENT": N_("Settled with the supplier"),
    "ADVANCE": N_("Paid in advance"), "EXCHANGE": N_("Exchanged"),
    "SEIZURE": N_("Seized by customs"), "CORRECTION": N_("Correction"),
}  # fmt: skip
PAPERS: Final = {
    "INVOICE": N_("Invoice"), "CREDIT_NOTE": N_("Credit note"),
    "ACCOUNT_STATEMENT": N_("Statement of account"), "CREDIT_STATEMENT": N_("Statement of credit"),
}  # fmt: skip
EARNINGS: Final = {
    "PURCHASE": N_("Goods received"), "SALE": N_("Sold to a buyer"), "CLAWBACK": N_("Taken back"),
    "ADVANCE": N_("Advance worked off"), "KEPT": N_("Deposit kept"),
}  # fmt: skip

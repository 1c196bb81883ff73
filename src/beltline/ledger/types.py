"""Balances, entries and holds."""

import datetime as dt
from collections.abc import Mapping
from typing import Protocol, runtime_checkable
from uuid import UUID

import msgspec

from beltline.accounts.types.legal import PaperParty
from beltline.kit.errors import Kind, Refusal


class Balance(msgspec.Struct, frozen=True):
    """What an organization has in one account, in minor units.

    `held` waits in open holds and is not part of `amount`. `spendable` is what may be spent: of a
    credit account (whose amount is below 0 by what is owed) that is what is left of the limit.
    """

    account: str
    currency: str
    amount: int
    held: int
    spendable: int


class Entry(msgspec.Struct, frozen=True):
    """One organization's side of a transfer; `amount` in minor units, negative when it goes out."""

    id: UUID
    transfer_id: UUID
    at: dt.datetime
    kind: str
    account: str
    amount: int
    currency: str
    reference: str
    reference_id: UUID | None


class Side(msgspec.Struct, frozen=True):
    """Another entry of the same transfer, as far as the reader may see it."""

    name: str
    account: str
    amount: int


class EntryRow(Entry, frozen=True):
    """An entry as a page lists it: with the other sides of its transfer."""

    others: list[Side]


class Hold(msgspec.Struct, frozen=True):
    """A buyer's money that waits for a promise (trade assurance), in minor units.

    `state` is OPEN, FROZEN (a claim is open) or CLOSED; from `release_after` on the rest goes to
    the seller.
    """

    id: UUID
    reference: str
    reference_id: UUID
    amount: int
    released: int
    refunded: int
    currency: str
    state: str
    created_at: dt.datetime
    closed_at: dt.datetime | None
    release_after: dt.datetime | None


class HoldRow(Hold, frozen=True):
    """A hold as a page lists it: with whose money it is."""

    name: str


class CreditLine(msgspec.Struct, frozen=True):
    """A buyer's line of credit, in minor units; `used` is owed, `left` may still be spent.

    A month's orders are due on `due_day` of the next month.
    """

    org: str
    name: str
    currency: str
    credit_limit: int
    used: int
    left: int
    fees: int
    due_day: int
    late_fee_ppm: int
    state: str
    version: int


class Statement(msgspec.Struct, frozen=True):
    """What a buyer owes of one month's orders on credit, in minor units.

    `state` is OPEN, OVERDUE or PAID; `due` is what is left of it, late fee included. `paper_id` is
    the statement as it was issued (`/v1/ledger/papers/{paper_id}`).
    """

    id: UUID
    org: str
    name: str
    currency: str
    month: dt.date
    charged: int
    settled: int
    late_fee: int
    due: int
    due_on: dt.date
    state: str
    paper_id: str | None


class Earning(msgspec.Struct, frozen=True):
    """What a supplier earned, or has to give back (`amount` below 0), and what caused it.

    `kind` is PURCHASE, SALE, CLAWBACK, ADVANCE (one worked off or taken back) or KEPT (of a
    deposit). `upto` counts the units of the source up to and with these (of an advance: minor
    units); `quantity` in base units, `amount` in minor units. The rate of `earned_on` counts where
    the network keeps a share (`is_commissioned`).
    """

    supplier_org_id: UUID
    kind: str
    source_id: UUID
    source_no: int
    upto: int
    reference: str
    sku: str
    quantity: int
    amount: int
    currency: str
    earned_on: dt.date
    is_commissioned: bool


class Loss(msgspec.Struct, frozen=True):
    """What seized goods cost the network, in minor units; `source_id` is known once."""

    source_id: UUID
    reference: str
    amount: int
    currency: str


class SettlementItem(msgspec.Struct, frozen=True):
    """A line of a statement; `rate_ppm` is null where the network keeps no share of it.

    `source_id` is what caused it: of what is taken back the claim or return.
    """

    id: UUID
    at: dt.datetime
    kind: str
    reference: str
    sku: str
    quantity: int
    amount: int
    rate_ppm: int | None
    commission: int
    earned_on: dt.date
    source_id: UUID


class Settlement(msgspec.Struct, frozen=True):
    """What a supplier is owed for a period, in minor units.

    `closing` = `opening` (0 or what earlier statements left owing) + `earned` + `taken_back`
    - `commission`. `state` is DUE, ASKED (a second person has to approve), PAID, or CARRIED:
    nothing to pay, the next one opens with it. `payer` and `payee` are as they were named then.
    """

    id: UUID
    number: str
    supplier: str
    supplier_name: str
    currency: str
    starts: dt.datetime
    ends: dt.datetime
    opening: int
    earned: int
    taken_back: int
    commission: int
    closing: int
    state: str
    asked_by: str
    paid_by: str
    paid_at: dt.datetime | None
    payment_reference: str
    made_at: dt.datetime
    payer: PaperParty
    payee: PaperParty


class Unstated(msgspec.Struct, frozen=True):
    """What no statement has yet of a supplier; `unrated` sales wait for a rate of their day."""

    supplier: str
    supplier_name: str
    currency: str
    items: int
    amount: int
    unrated: int


class CommissionRate(msgspec.Struct, frozen=True):
    """The share of sales the network keeps from a day on, in parts of a million.

    `supplier` is null for the rate of all suppliers without one of their own.
    """

    id: UUID
    supplier: str | None
    rate_ppm: int
    valid_from: dt.date
    valid_until: dt.date | None
    note: str
    set_by: str
    set_at: dt.datetime


class Incoming(msgspec.Struct, frozen=True):
    """Money that came from outside, in minor units.

    `state` is UNMATCHED (nobody's yet), CREDITED (on a buyer's balance), PAID (it paid the order
    `reference_id`) or REVERSED.
    """

    id: UUID
    org_id: UUID | None
    source: str
    external_id: str
    amount: int
    currency: str
    reference: str
    state: str
    reference_id: UUID | None
    received_at: dt.datetime


class InsufficientBalance(Refusal):
    """The balance does not cover what is to be paid."""

    kind, code = Kind.CONFLICT, "ledger.insufficient_balance"
    title = "The balance does not suffice"
    detail = (
        "{needed} {currency} (minor units) are needed, {available} are available; pay in the rest "
        "or order less."
    )
    needed: int
    currency: str
    available: int


class NoCreditLine(Refusal):
    """An order on credit by a buyer without a line of credit in its currency."""

    kind, code = Kind.CONFLICT, "ledger.no_credit_line"
    title = "No line of credit"
    detail = "There is no line of credit in {currency}; pay by balance or transfer."
    currency: str


class CreditSuspended(Refusal):
    """A line of credit that an overdue statement has suspended."""

    kind, code = Kind.CONFLICT, "ledger.credit_suspended"
    title = "The line of credit is suspended"
    detail = "The line of credit in {currency} is suspended until its overdue statement is paid."
    currency: str


class CreditLimitExceeded(Refusal):
    """More than what is left of a line of credit."""

    kind, code = Kind.CONFLICT, "ledger.credit_limit_exceeded"
    title = "The line of credit does not suffice"
    detail = (
        "{needed} {currency} (minor units) are needed, {available} of the line of credit are "
        "left; repay, or order less."
    )
    needed: int
    currency: str
    available: int


class LimitBelowDebt(Refusal):
    """A limit of credit below what is owed already."""

    kind, code = Kind.CONFLICT, "ledger.limit_below_debt"
    title = "Below what is owed"
    detail = "{owed} {currency} (minor units) are owed; a limit of {limit} is below that."
    limit: int
    owed: int
    currency: str


class NothingOwed(Refusal):
    """A repayment of more than is owed."""

    kind, code = Kind.CONFLICT, "ledger.nothing_owed"
    title = "More than is owed"
    detail = "{amount} were to be repaid, {owed} {currency} (minor units) are owed; repay that."
    amount: int
    owed: int
    currency: str


class IncomingDiffers(Refusal):
    """A payment known by this name came with another amount before."""

    kind, code = Kind.CONFLICT, "ledger.incoming_differs"
    title = "Another payment has this name"
    detail = "{source} told of {external_id} before, with {amount} {currency} (minor units)."
    source: str
    external_id: str
    amount: int
    currency: str


class IncomingSettled(Refusal):
    """A payment that has its place already."""

    kind, code = Kind.CONFLICT, "ledger.incoming_settled"
    title = "It has its place"
    detail = "The payment is {state}; only an UNMATCHED one can be assigned."
    state: str


class TooLittleToExchange(Refusal):
    """An amount that is worth less than one minor unit."""

    kind, code = Kind.CONFLICT, "ledger.too_little_to_exchange"
    title = "Too little to exchange"
    detail = "{amount} {from_} (minor units) are worth less than one minor unit of {to}."
    amount: int
    from_: str
    to: str


class BankEntry(msgspec.Struct, frozen=True):
    """Money that came, as a bank's statement has it, in minor units.

    `external_id` is the bank's own name for it, `reference` what its sender wrote.
    """

    external_id: str
    amount: int
    currency: str
    reference: str


class BankFileUnreadable(Refusal):
    """A statement of a bank that cannot be read; nothing of it was booked."""

    kind, code = Kind.INVALID, "ledger.bank_file_unreadable"
    title = "The bank file cannot be read"
    detail = "Entry {entry}: {reason}. Nothing was booked; camt.053 and CSV are read."
    entry: int
    reason: str


class Charge(msgspec.Struct, frozen=True):
    """Money to be taken by a provider, in minor units; `reference` names the order it is for.

    The same `key` is the same charge, however often it is begun.
    """

    reference: str
    amount: int
    currency: str
    key: str


class ProviderPage(msgspec.Struct, frozen=True):
    """Where a buyer pays at a provider, and the provider's name for the payment."""

    url: str
    external_id: str


class ProviderPayment(msgspec.Struct, frozen=True):
    """How a payment stands at a provider, in minor units.

    `state` is PENDING, SUCCEEDED, DECLINED (`reason` says why) or REVERSED (by `amount`). With
    `client_secret` the buyer's own page goes on with it; `reference` is empty where the provider
    does not repeat it.
    """

    external_id: str
    state: str
    amount: int
    currency: str
    reference: str
    client_secret: str = ""
    reason: str = ""


@runtime_checkable
class Port(Protocol):
    """What the ledger asks of a provider."""

    @property
    def name(self) -> str:
        """The `source` of its payments."""

    async def start(self, charge: Charge) -> ProviderPayment:
        """Begin to take money. The same `charge.key` again begins nothing new.

        Raises ProviderRefused for what it will not take, Transient when it does not answer.
        """

    async def open_page(self, charge: Charge, *, back: str) -> ProviderPage:
        """Begin to take money on a page of the provider's own, which leads to `back` afterwards.

        It adds the payment's name, or the page's, to `back` as `payment`, and nothing when the
        buyer gave up. Raises as `start`.
        """

    async def look(self, external_id: str) -> ProviderPayment:
        """How a payment stands now, by the provider's name for it. Raises NotFound."""

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> list[ProviderPayment]:
        """What a message says of payments; nothing for what it says of other things.

        `headers` have lower-case names. Raises SignatureWrong for a message that is not the
        provider's.
        """


class NoProvider(Refusal):
    """A payment by a provider where none is set up."""

    kind, code = Kind.CONFLICT, "ledger.no_provider"
    title = "No provider of payments"
    detail = "No provider of payments is set up here; pay by balance, credit or bank transfer."


class PaymentDeclined(Refusal):
    """A payment that the provider, or the card's bank, declined."""

    kind, code = Kind.CONFLICT, "ledger.payment_declined"
    title = "The payment was declined"
    detail = "The payment was declined ({reason}); try again or pay another way."
    reason: str


class ProviderRefused(Refusal):
    """A payment that a provider will not begin."""

    kind, code = Kind.CONFLICT, "ledger.provider_refused"
    title = "The provider refuses"
    detail = "{provider} does not take it ({reason}); pay another way."
    provider: str
    reason: str


class SignatureWrong(Refusal):
    """A message that the provider did not sign, or long ago."""

    kind, code = Kind.UNAUTHENTICATED, "ledger.signature_wrong"
    title = "The signature is wrong"
    detail = "The message carries no fresh signature of the provider."


class PartlyReversed(Refusal):
    """A part of a payment was taken back: what becomes of it somebody has to decide."""

    kind, code = Kind.CONFLICT, "ledger.partly_reversed"
    title = "Only a part was taken back"
    detail = "{amount} of {whole} {currency} (minor units) of {external_id} were taken back."
    amount: int
    whole: int
    currency: str
    external_id: str


class RateStands(Refusal):
    """A second rate from the same day on."""

    kind, code = Kind.CONFLICT, "ledger.rate_stands"
    title = "There is a rate from that day"
    detail = "A rate from {day} on stands; what was stated with it stays. Name a later day."
    day: str


class SettlementMovedOn(Refusal):
    """A step that the state of a statement does not allow."""

    kind, code = Kind.CONFLICT, "ledger.settlement_moved_on"
    title = "The statement has moved on"
    detail = "Statement {number} is {state}; look at it again."
    number: str
    state: str


class NeedsAnother(Refusal):
    """A pay-out decided by who asked for it."""

    kind, code = Kind.FORBIDDEN, "ledger.needs_another"
    title = "A second person is needed"
    detail = "{asked_by} asked for it; somebody else has to decide."
    asked_by: str


class RateUnreadable(Refusal):
    """A rate, or its day, that is none, typed into a page."""

    kind, code = Kind.INVALID, "ledger.rate_unreadable"
    title = "Not a rate"
    detail = "“{typed}” is not a rate with a day; write percent with up to four decimals, as 2.5."
    typed: str


class PaperLine(msgspec.Struct, frozen=True):
    """A line that is billed or given back, in base units and minor units.

    `line` is that of the order. An amount off a line has a `quantity` of 0. `kind` is DEPOSIT (its
    `balance` is billed later), BALANCE (the goods were billed with the deposit) or KEPT (a deposit
    of goods that were given up) of what is not billed in one.
    """

    line: int
    sku: str
    title: str
    title_zh: str
    uom: str
    quantity: int
    unit_price: str
    amount: int
    kind: str = ""
    balance: int = 0


class PaperSums(msgspec.Struct, frozen=True):
    """A month of an account, in minor units: `closing` = `opening` + `added` + `taken`.

    Of a balance what is there counts above 0; of a line of credit what is owed does.
    """

    opening: int
    added: int
    taken: int
    closing: int
    entries: int


class PaperCredit(msgspec.Struct, frozen=True):
    """What of a month's orders on credit was charged, settled already and is to be paid."""

    charged: int
    settled: int
    due: int


class PaperContent(msgspec.Struct, frozen=True):
    """What stands on a paper: of an order `lines`, of an account `sums`.

    A credit note names the invoices it `corrects`. A proforma of an order with a deposit says what
    the `whole` order costs and how much of that is to be paid `later`.
    """

    seller: PaperParty
    buyer: PaperParty
    lines: list[PaperLine] = []
    order_reference: str = ""
    corrects: list[str] | None = None
    sums: PaperSums | None = None
    credit: PaperCredit | None = None
    whole: int | None = None
    later: int = 0


class Paper(msgspec.Struct, frozen=True):
    """An invoice, credit note or statement as it was issued; none is ever changed.

    `kind` is INVOICE, CREDIT_NOTE, ACCOUNT_STATEMENT or CREDIT_STATEMENT; `total` in minor units is
    what is billed or given back, of a statement what stands at the end of its `month`.
    `reference_id` is the order, or the account.
    """

    id: UUID
    number: str
    kind: str
    org: str
    org_name: str
    reference: str
    reference_id: UUID
    month: dt.date | None
    currency: str
    total: int
    issued_on: dt.date
    issued_at: dt.datetime


class PaperDetail(Paper, frozen=True):
    """A paper with all that stands on it; a statement of credit is to be paid until `due_on`."""

    content: PaperContent
    due_on: dt.date | None


class StatedEntry(msgspec.Struct, frozen=True):
    """An entry of a statement, in minor units; of a line of credit above 0 when more is owed.

    Of a summary by day `entries` are more than one and `reference` is empty.
    """

    id: UUID
    at: dt.datetime
    kind: str
    reference: str
    amount: int
    entries: int = 1


class MonthOpen(Refusal):
    """A statement of a month that has not ended."""

    kind, code = Kind.CONFLICT, "ledger.month_open"
    title = "The month has not ended"
    detail = "{month} is stated ten minutes after its end."
    month: str

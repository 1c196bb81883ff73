"""Customs files, declarations, what is missing of them, fapiaos and refunds; and refusals."""

import datetime as dt
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal
from beltline.trade.types.dated import Lack, TaxKind, TaxRate, ValueBasis

Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\Z")]
HOURS_MAX: Final = 2_000
"""The longest that a fapiao or an answer to customs may be waited for."""
Note = Annotated[str, Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")]
Minor = Annotated[int, Meta(ge=0, le=10**15)]


class FileState(enum.StrEnum):
    """Where a customs file is: open, closed once all has left, or joined into another."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    JOINED = "JOINED"


class DeclarationState(enum.StrEnum):
    """Where a declaration is between being put together and its end."""

    DRAFT = "DRAFT"
    READY = "READY"
    LODGED = "LODGED"
    HELD = "HELD"
    QUERIED = "QUERIED"
    RELEASED = "RELEASED"
    RETURNED = "RETURNED"
    FORFEITED = "FORFEITED"


class Act(enum.StrEnum):
    """What happens to a declaration: said to customs, or said by it."""

    LODGE = "LODGE"
    HOLD = "HOLD"
    QUERY = "QUERY"
    RELEASE = "RELEASE"
    RETURN = "RETURN"
    FORFEIT = "FORFEIT"


class Bearer(enum.StrEnum):
    """Who bears what customs sends back or keeps."""

    OPERATOR = "OPERATOR"
    SUPPLIER = "SUPPLIER"
    CARRIER = "CARRIER"


class RefundState(enum.StrEnum):
    """Where the refund of VAT of a declaration is."""

    COLLECTING = "COLLECTING"
    MATCHED = "MATCHED"
    FILED = "FILED"
    PAID = "PAID"
    REPAID = "REPAID"
    EXEMPT = "EXEMPT"
    DEEMED_DOMESTIC = "DEEMED_DOMESTIC"


class RefundStep(enum.StrEnum):
    """What a person says of a refund."""

    FILED = "FILED"
    PAID = "PAID"
    REPAID = "REPAID"
    DEEMED_DOMESTIC = "DEEMED_DOMESTIC"


class FapiaoKind(enum.StrEnum):
    """Special fapiaos carry VAT that can be refunded, ordinary ones do not."""

    SPECIAL = "SPECIAL"
    ORDINARY = "ORDINARY"


class CustomsFile(msgspec.Struct, frozen=True):
    """What is declared together of goods from a node to a country, and how much is missing."""

    id: UUID
    number: str
    node: str
    country: str
    state: FileState
    orders: list[str]
    declarations: int
    states: list[str]
    stopping: int
    open_tasks: int
    first_due_at: dt.datetime | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None


class Declaration(msgspec.Struct, frozen=True):
    """The goods of a file of one mode, exporter and cargo class; empty terms are not known."""

    id: UUID
    file_id: UUID
    file: str
    position: int
    node: str
    node_name: str
    from_country: str
    country: str
    mode: str
    exporter: str
    exporter_code: str
    principal: str
    incoterm: str
    vat: str
    cargo_class: str
    state: DeclarationState
    customs_number: str
    note: str
    bearer: str
    refund_state: RefundState | None
    refund_reference: str
    scheme: str
    scheme_number: str
    scheme_value_max: Decimal | None
    scheme_currency: str
    term_source: str
    opened_at: dt.datetime
    lodged_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def number(self) -> str:
        """Its file's number and its place in it."""
        return f"{self.file}-{self.position}"

    @property
    def on(self) -> dt.datetime | None:
        """From when its rates are; None for today."""
        return self.lodged_at


class DeclaredGoods(msgspec.Struct, frozen=True):
    """The units of a journey on a declaration, and what they are worth.

    Freight is that of the service chosen for their box, None while none is. `city` is where they
    go, empty where it was erased.

    Money is in minor units, weights in grams; what nobody entered is None or empty. `fapiao_*`
    are of the units that fapiaos cover.
    """

    journey_id: UUID
    declaration_id: UUID | None
    order_number: str
    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    supplier: str
    units: int
    hs_code: str
    cargo_class: str
    origin: str
    net_weight_g: int | None
    gross_weight_g: int | None
    amount: int
    currency: str
    cost_amount: int | None
    cost_currency: str | None
    is_paid: bool
    departed_at: dt.datetime | None
    departed_units: int | None
    transport_document: str
    fapiaos: list[str]
    fapiao_units: int
    fapiao_net: Decimal
    fapiao_currency: str | None
    freight_amount: int | None
    freight_currency: str | None
    freight_service: str
    city: str


class GoodsLine(DeclaredGoods, frozen=True):
    """Declared goods with the rates of the day of their declaration."""

    duty: TaxRate | None
    vat: TaxRate | None
    refund: TaxRate | None
    home_vat: TaxRate | None


class CustomsTask(msgspec.Struct, frozen=True):
    """What is missing of a file, or asked by customs; the goods wait for those that stop."""

    id: UUID
    file_id: UUID
    file: str
    declaration_id: UUID | None
    kind: str
    subject: str
    sku: str
    stops: bool
    facts: dict[str, Any]
    options: list[str]
    default_option: str | None
    due_at: dt.datetime | None
    state: str
    chosen: str
    note: str
    decided_by: str
    opened_at: dt.datetime
    ended_at: dt.datetime | None


class FapiaoLine(msgspec.Struct, frozen=True):
    """Units of a SKU on a fapiao: without VAT, the VAT, and how many units cover exports."""

    fapiao_id: UUID
    line_no: int
    sku: str
    quantity: int
    net_amount: int
    vat_amount: int
    used_units: int


class Fapiao(msgspec.Struct, frozen=True):
    """An invoice of the tax office's kind, from a factory to the company it is made out to."""

    id: UUID
    number: str
    supplier: str
    kind: FapiaoKind
    buyer: str
    issued_date: dt.date
    currency: str
    entered_by: str
    entered_at: dt.datetime


class Setting(msgspec.Struct, frozen=True):
    """Whether what no rule speaks of stops goods; how long a missing fapiao is waited for."""

    is_strict: bool = False
    fapiao_hours: int = 24


class HsLine(msgspec.Struct, frozen=True):
    """A line of a declaration: goods of a code, origin and currency; what is not known is None."""

    line_no: int
    hs_code: str
    sku: str
    title: str
    title_zh: str
    origin: str
    uom: str
    quantity: int
    amount: int
    currency: str
    net_weight_g: int | None
    gross_weight_g: int | None


class ConsignedLine(msgspec.Struct, frozen=True):
    """What a declaration's goods of a code, SKU and origin are worth, in minor units."""

    declaration_id: UUID | None
    hs_code: str
    sku: str
    origin: str
    currency: str
    amount: int


class LineValue(msgspec.Struct, frozen=True):
    """What duty of a line is levied on, in minor units; None and empty where that is not known.

    `amount` is `goods` with `freight` and `insurance` as far as the rule of the country counts
    them; `beyond` is what VAT is of beside value and duty. `services` are whose freight it is,
    `lacks` what is missing: RULE or FREIGHT.
    """

    line_no: int
    basis: ValueBasis | None
    currency: str
    goods: int
    freight: int | None
    insurance: int | None
    amount: int | None
    beyond: int | None
    services: list[str]
    lacks: list[Lack]
    source: str
    url: str
    valid_from: dt.date | None


class LineTax(msgspec.Struct, frozen=True):
    """Duty or VAT of a line on arrival, in minor units; None and empty where no rate is known.

    `percent` is an exact decimal text, `fixed` the part of the amount that is no percentage;
    `lacks` is what is missing for the amount. A tax that `is_with_sale` is due when the goods are
    sold on, and not on import.
    """

    line_no: int
    kind: TaxKind
    currency: str
    base: int | None
    percent: str | None
    amount: int | None
    source: str
    url: str
    valid_from: dt.date | None
    lacks: list[Lack] = []
    fixed: int = 0
    is_with_sale: bool = False


class RefundLine(msgspec.Struct, frozen=True):
    """The refund of a journey's units: matched with fapiaos, and what is lost without one.

    `refund` is the fapiaos' net amount by the rate of the day, `lost` that of the agreed price less
    its VAT for units without one; None where a rate or a price is not known.
    """

    order_number: str
    line_no: int
    sku: str
    uom: str
    units: int
    fapiaos: list[str]
    fapiao_units: int
    is_paid: bool
    transport_document: str
    is_matched: bool
    percent: str | None
    source: str
    refund: int | None
    lost: int | None
    currency: str | None


class Worth(msgspec.Struct, frozen=True):
    """An amount of a currency in minor units."""

    amount: int
    currency: str


class ExportDeclaration(msgspec.Struct, frozen=True):
    """The data set of an export declaration: what its paper and its structured form say.

    Empty texts and None are not known; money is in minor units, weights in grams, `percent` an
    exact decimal. `payer` of the import taxes is SELLER under DDP, else BUYER, empty without an
    Incoterm. `incoterm_place` is the place that the Incoterm names.
    """

    number: str
    customs_number: str
    state: DeclarationState
    issued_date: dt.date
    mode: str
    exporter: str
    exporter_code: str
    principal: str
    incoterm: str
    incoterm_place: str
    vat: str
    cargo_class: str
    node: str
    node_name: str
    from_country: str
    country: str
    scheme: str
    scheme_number: str
    orders: list[str]
    transport_documents: list[str]
    lines: list[HsLine]
    totals: list[Worth]
    net_weight_g: int | None
    gross_weight_g: int | None
    payer: str
    values: list[LineValue]
    taxes: list[LineTax]
    refunds: list[RefundLine]


class Declared(msgspec.Struct, frozen=True):
    """A declaration's data set with the goods it is of.

    `rates` give one unit of each currency in that of a line, by the latter.
    """

    document: ExportDeclaration
    goods: list[GoodsLine]
    rates: Mapping[str, Mapping[str, Decimal]]


class FapiaoLineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base units of a SKU on a fapiao; amounts in minor units, without VAT and the VAT."""

    sku: Text
    quantity: Annotated[int, Meta(ge=1, le=10**12)]
    net_amount: Minor
    vat_amount: Minor


class FapiaoBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fapiao as it is entered; `buyer` is the company it is made out to."""

    number: Text
    supplier: Text
    buyer: Text
    issued_date: dt.date
    lines: Annotated[list[FapiaoLineBody], Meta(min_length=1, max_length=500)]
    kind: FapiaoKind = FapiaoKind.SPECIAL
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")] = "CNY"


class MoveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened to a declaration; `bearer` of what is returned or forfeited.

    `number` is customs' own, `hours` how long a query may wait for its answer.
    """

    act: Act
    number: Annotated[str, Meta(max_length=120, pattern=r"^[^\x00]*\Z")] = ""
    note: Note = ""
    hours: Annotated[int, Meta(ge=1, le=HOURS_MAX)] = 72
    bearer: Bearer | None = None


class TaskEnded(Refusal):
    """A task that nobody waits for any more."""

    kind, code = Kind.CONFLICT, "customs.task_ended"
    title = "The task has ended"
    detail = "It is {state} already."
    state: str


class NoSuchOption(Refusal):
    """An option that a task does not offer."""

    kind, code = Kind.INVALID, "customs.no_such_option"
    title = "Not an option"
    detail = "“{option}” is none of its options: {options}. What is missing has to be entered."
    option: str
    options: str


class AnswerIsEmpty(Refusal):
    """A query that was to be answered with nothing."""

    kind, code = Kind.INVALID, "customs.answer_is_empty"
    title = "The answer is empty"
    detail = "Say what customs was told."


class NotInState(Refusal):
    """An act that a declaration or its refund is not in the state for."""

    kind, code = Kind.CONFLICT, "customs.not_in_state"
    title = "Not now"
    detail = "{act} goes from {states}, and it is {state}."
    act: str
    state: str
    states: str


class HoursInvalid(Refusal):
    """A time to wait that is no number of hours."""

    kind, code = Kind.INVALID, "customs.hours_invalid"
    title = "Not a number of hours"
    detail = "“{given}” is not a whole number of hours from 1 to {most}."
    given: str
    most: int


class BearerMissing(Refusal):
    """Goods that were lost at customs, and nobody named to bear them."""

    kind, code = Kind.INVALID, "customs.bearer_missing"
    title = "Nobody bears it"
    detail = "Say who bears what is returned or forfeited."


class NotJoinable(Refusal):
    """A file that cannot be declared together with another."""

    kind, code = Kind.CONFLICT, "customs.not_joinable"
    title = "Not to be joined"
    detail = "{number} goes another way, or something of it is lodged already."
    number: str


class UnknownSupplier(Refusal):
    """No supplier has this code."""

    kind, code = Kind.INVALID, "customs.unknown_supplier"
    title = "Unknown supplier"
    detail = "No supplier has the code “{supplier}”."
    supplier: str


class UnknownSku(Refusal):
    """No SKU has this code."""

    kind, code = Kind.INVALID, "customs.unknown_sku"
    title = "Unknown SKU"
    detail = "No SKU has the code “{sku}”."
    sku: str


class FapiaoKnown(Refusal):
    """A fapiao that was entered before."""

    kind, code = Kind.CONFLICT, "customs.fapiao_known"
    title = "The fapiao is known"
    detail = "{number} of this supplier was entered before."
    number: str


class Stopped(Refusal):
    """Goods that customs does not let pass."""

    kind, code = Kind.CONFLICT, "customs.stopped"
    title = "Stopped by customs"
    detail = "{order} waits in customs file {file}: see its tasks."
    order: str
    file: str

"""What the API of customs answers with, and how rows become it."""

import datetime as dt
from typing import Any

import msgspec

from beltline.customs.types import (
    CustomsFile,
    CustomsTask,
    Declaration,
    DeclarationState,
    Fapiao,
    FapiaoKind,
    FapiaoLine,
    FileState,
    RefundState,
    Worth,
)
from beltline.kit.ids import show_id


class FileRow(msgspec.Struct, frozen=True):
    """A customs file: `stopping` of its open tasks let the goods wait."""

    id: str
    number: str
    node: str
    country: str
    state: FileState
    orders: list[str]
    declarations: int
    stopping: int
    open_tasks: int
    opened_at: dt.datetime
    closed_at: dt.datetime | None


class FileList(msgspec.Struct, frozen=True):
    """One page of customs files, the newest first."""

    items: list[FileRow]
    next_cursor: str | None


class DeclarationRow(msgspec.Struct, frozen=True):
    """A declaration and its refund; empty terms are not known."""

    id: str
    number: str
    file_id: str
    mode: str
    exporter: str
    incoterm: str
    vat: str
    cargo_class: str
    country: str
    state: DeclarationState
    customs_number: str
    note: str
    bearer: str
    refund_state: RefundState | None
    refund_reference: str
    opened_at: dt.datetime
    lodged_at: dt.datetime | None
    ended_at: dt.datetime | None


class DeclarationList(msgspec.Struct, frozen=True):
    """One page of declarations, the newest first."""

    items: list[DeclarationRow]
    next_cursor: str | None


class TaskRow(msgspec.Struct, frozen=True):
    """What is missing or asked: its facts by kind, what may be answered and what silence means."""

    id: str
    file_id: str
    declaration_id: str | None
    kind: str
    subject: str
    stops: bool
    facts: dict[str, Any]
    options: list[str]
    default_option: str | None
    due_at: dt.datetime | None
    state: str
    chosen: str
    note: str
    opened_at: dt.datetime
    ended_at: dt.datetime | None


class TaskList(msgspec.Struct, frozen=True):
    """One page of tasks, in the order they were opened."""

    items: list[TaskRow]
    next_cursor: str | None


class FileAnswer(FileRow, frozen=True):
    """A file with its declarations and tasks; refund and lost refund are null while not known."""

    declared: list[DeclarationRow]
    tasks: list[TaskRow]
    refund: list[Worth] | None
    lost_refund: list[Worth] | None


class FapiaoLineRow(msgspec.Struct, frozen=True):
    """Units on a fapiao and how many of them cover exports."""

    line_no: int
    sku: str
    quantity: int
    net_amount: int
    vat_amount: int
    used_units: int


class FapiaoRow(msgspec.Struct, frozen=True):
    """A fapiao with its lines; amounts in minor units of its currency."""

    id: str
    number: str
    supplier: str
    kind: FapiaoKind
    buyer: str
    issued_date: dt.date
    currency: str
    entered_at: dt.datetime
    lines: list[FapiaoLineRow]


class FapiaoList(msgspec.Struct, frozen=True):
    """One page of fapiaos, the latest entered first."""

    items: list[FapiaoRow]
    next_cursor: str | None


def file_members(f: CustomsFile) -> dict[str, Any]:
    """A file as the members of its row."""
    return {
        "id": show_id("cus", f.id), "number": f.number, "node": f.node, "country": f.country,
        "state": f.state, "orders": f.orders, "declarations": f.declarations,
        "stopping": f.stopping, "open_tasks": f.open_tasks, "opened_at": f.opened_at,
        "closed_at": f.closed_at,
    }  # fmt: skip


def declaration_row(d: Declaration) -> DeclarationRow:
    """A declaration as the API shows it."""
    return DeclarationRow(
        show_id("dcl", d.id), d.number, show_id("cus", d.file_id), d.mode, d.exporter, d.incoterm,
        d.vat, d.cargo_class, d.country, d.state, d.customs_number, d.note, d.bearer,
        d.refund_state, d.refund_reference, d.opened_at, d.lodged_at, d.ended_at,
    )  # fmt: skip


def task_row(t: CustomsTask) -> TaskRow:
    """A task as the API shows it."""
    return TaskRow(
        show_id("ctk", t.id), show_id("cus", t.file_id),
        show_id("dcl", t.declaration_id) if t.declaration_id else None, t.kind, t.subject,
        t.stops, t.facts, t.options, t.default_option, t.due_at, t.state, t.chosen, t.note,
        t.opened_at, t.ended_at,
    )  # fmt: skip


def fapiao_row(f: Fapiao, lines: list[FapiaoLine]) -> FapiaoRow:
    """A fapiao with those of some lines that are its own."""
    return FapiaoRow(
        show_id("fap", f.id), f.number, f.supplier, f.kind, f.buyer, f.issued_date, f.currency,
        f.entered_at,
        [
            FapiaoLineRow(x.line_no, x.sku, x.quantity, x.net_amount, x.vat_amount, x.used_units)
            for x in lines
            if x.fapiao_id == f.id
        ],
    )  # fmt: skip

"""Use cases of cases against shops: open and freeze, hear, decide, appeal."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.events import Parties
from beltline.kit.ids import new_id
from beltline.suppliers import queries as directory
from beltline.suppliers import store
from beltline.suppliers.actions.verification import add_picture
from beltline.suppliers.queries import cases as queries
from beltline.suppliers.rules import cases as rules
from beltline.suppliers.types import (
    CaseState,
    CaseStatement,
    Ground,
    Purpose,
    ReasonNeeded,
    ShopCase,
    Standing,
    WrongState,
)

PAST = {
    CaseState.FROZEN: "opened",
    CaseState.ANSWERED: "answered",
    CaseState.RESTORED: "restored",
    CaseState.DELISTED: "delisted",
    CaseState.APPEALED: "appealed",
    CaseState.FINAL_RESTORED: "restored",
    CaseState.FINAL_DELISTED: "delisted",
}


class Complaint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is complained of. `skus` empty is the whole shop; `replacement` names who takes over."""

    supplier: str
    ground: Ground
    statement: str
    skus: list[str] = []
    claimant: str = ""
    right_number: str = ""
    replacement: str = ""


async def open_case(db: Writer, actor: Actor, told: Complaint, *, now: dt.datetime) -> ShopCase:
    """Open a case: what it is about is frozen at once, and the shop has a week to answer."""
    actor.needs_operator()
    if not told.statement.strip():
        raise ReasonNeeded(param="statement")
    supplier = await directory.get_supplier_by_code(db, told.supplier)
    if told.replacement:
        await directory.get_supplier_by_code(db, told.replacement)
    case = ShopCase(
        new_id(), "", supplier.org_id, supplier.code, supplier.name, supplier.name_zh, told.ground,
        sorted(set(told.skus)), told.claimant.strip(), told.right_number.strip(),
        told.statement.strip(), CaseState.FROZEN, 1, actor.name, now, now + rules.ANSWER_WITHIN,
        "", "", None, told.replacement,
    )  # fmt: skip
    number = await store.insert_case(db, case)
    case = msgspec.structs.replace(case, number=number)
    if not case.skus:
        await store.set_standing(db, case.org_id, standing=Standing.SUSPENDED, now=now)
    await _tell(db, actor, case, now=now)
    return case


async def answer_case(
    db: Writer,
    actor: Actor,
    *,
    case_id: UUID,
    text: str,
    data: bytes | None = None,
    now: dt.datetime,
) -> ShopCase:
    """Evidence of either side, while the case is open; the shop's makes it ANSWERED."""
    case = await queries.get_case(db, case_id)
    if case.state not in rules.OPEN:
        raise WrongState(state=case.state)
    await _say(db, actor, case, "EVIDENCE", text, data, now)
    if actor.org_kind == "OPERATOR" or case.state is CaseState.APPEALED:
        return case
    return await _move(db, actor, case, rules.answered(case.state), now=now)


async def decide_case(
    db: Writer, actor: Actor, *, case_id: UUID, restore: bool, note: str, now: dt.datetime
) -> ShopCase:
    """Restore the goods, or delist them; of the whole shop, it is removed."""
    actor.needs_operator()
    case = await queries.get_case(db, case_id)
    to = rules.decided(case.state, restore=restore, note=note, answer_by=case.answer_by, now=now)
    await _say(db, actor, case, "DECISION", note, None, now)
    moved = await _move(db, actor, case, to, note=note.strip(), now=now)
    if not case.skus:
        standing = Standing.ACTIVE if restore else Standing.REMOVED
        await store.set_standing(db, case.org_id, standing=standing, now=now)
    return moved


async def appeal_case(
    db: Writer, actor: Actor, *, case_id: UUID, text: str, now: dt.datetime
) -> ShopCase:
    """The shop's appeal, once: somebody decides again, for good."""
    case = await queries.get_case(db, case_id)
    to = rules.appealed(case.state, decided_at=case.decided_at, now=now)
    await _say(db, actor, case, "APPEAL", text, None, now)
    return await _move(db, actor, case, to, now=now)


async def _say(
    db: Writer, actor: Actor, case: ShopCase, kind: str, text: str, data: bytes | None,
    now: dt.datetime,
) -> None:  # fmt: skip
    if not text.strip():
        raise ReasonNeeded(param="text")
    document = None
    if data:
        document = await add_picture(
            db, actor, org_id=case.org_id, purpose=Purpose.EVIDENCE, data=data, now=now
        )
    side = "OPERATOR" if actor.org_kind == "OPERATOR" else "SUPPLIER"
    await store.insert_statement(
        db, case,
        CaseStatement(new_id(), side, kind, text.strip(), document.id if document else None,
                      actor.name, now),
    )  # fmt: skip


async def _move(
    db: Writer,
    actor: Actor,
    case: ShopCase,
    to: CaseState,
    *,
    note: str | None = None,
    now: dt.datetime,
) -> ShopCase:
    if not await store.move_case(db, case, to, note=note, by=actor.name, now=now):
        raise WrongState(state=case.state)
    moved = await queries.get_case(db, case.id)
    await _tell(db, actor, moved, now=now)
    return moved


async def _tell(db: Writer, actor: Actor, case: ShopCase, *, now: dt.datetime) -> None:
    """The event and the audit row of a step; `holds` says whether the goods are off the shelf."""
    operator = await organizations.get_operator(db)
    state = case.state
    facts = {
        "number": case.number, "supplier": case.supplier, "status": state,
        "ground": case.ground, "skus": case.skus, "holds": state in rules.HOLDING,
    }  # fmt: skip
    await events.record(
        db, type_=f"shop_case.{PAST[state]}", aggregate="shop_case", aggregate_id=case.id,
        sequence=case.version, parties=Parties(operator.id, None, case.org_id), data=facts,
        now=now,
    )  # fmt: skip
    await accounts.record_audit(
        db, actor, action=PAST[state], object_="shop_case", object_id=case.id, change=facts,
        now=now,
    )  # fmt: skip

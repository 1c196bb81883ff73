"""Use cases of purchase orders: issue, answer, accept, cancel, expire, send, import."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.accounts.types import Guest
from beltline.catalog import queries as catalog
from beltline.catalog.types import UnknownSku
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.ids import new_id
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.procurement import queries, rules, store
from beltline.procurement.types.orders import (
    Answer,
    CannotSendLink,
    NewLine,
    OrderBody,
    PurchaseOrder,
    SentLink,
)
from beltline.suppliers import queries as suppliers
from beltline.trade import queries as trade

LINK_PURPOSE = "purchase_order.answer"


async def issue_order(
    db: Writer,
    actor: Actor,
    *,
    supplier_org_id: UUID,
    node_id: UUID,
    currency: str,
    expected_date: dt.date,
    order_by_date: dt.date | None,
    plan_run_id: UUID | None,
    lines: Sequence[NewLine],
    now: dt.datetime,
    answer_by: dt.datetime | None = None,
) -> PurchaseOrder:
    """Write an order of the operator and send it out; its goods count as inbound at once.

    The supplier has 48 hours to answer unless `answer_by` says otherwise.
    """
    actor.needs_operator()
    rules.check_order(lines, expected_date, day_of(now))
    order_id = new_id()
    order = {
        "id": order_id,
        "supplier_org_id": supplier_org_id,
        "node_id": node_id,
        "currency": currency,
        "expected_date": expected_date,
        "order_by_date": order_by_date,
        "answer_by": answer_by or now + rules.ANSWER_WITHIN,
        "plan_run_id": plan_run_id,
        "lines": lines,
    }
    await store.issue_order(db, actor, order, now)
    return await queries.get_order(db, actor, order_id)


async def order_goods(
    db: Writer, actor: Actor, body: OrderBody, *, now: dt.datetime
) -> PurchaseOrder:
    """Issue an order whose parties, place and goods are named by their codes."""
    actor.needs_operator()
    supplier = await suppliers.get_supplier_by_code(db, body.supplier)
    node = await trade.get_node(db, body.node)
    skus = await catalog.skus_of(db, [line.sku for line in body.lines])
    for index, line in enumerate(body.lines):
        if line.sku not in skus:
            raise UnknownSku(sku=line.sku, param=f"lines[{index}].sku")
    return await issue_order(
        db, actor, supplier_org_id=supplier.org_id, node_id=node.id, currency=body.currency,
        expected_date=body.expected_date, order_by_date=body.order_by_date, plan_run_id=None,
        lines=[NewLine(skus[line.sku].id, line.quantity, line.unit_price) for line in body.lines],
        now=now, answer_by=body.answer_by,
    )  # fmt: skip


async def answer_order(
    db: Writer, actor: Actor, *, order_id: UUID, answer: Answer, now: dt.datetime
) -> PurchaseOrder:
    """The supplier's word on an issued order; of two answers at once the first counts.

    A counter that changes nothing confirms.
    """
    await store.answer_order(db, actor, order_id, rules.check_answer(answer, day_of(now)), now)
    return await queries.get_order(db, actor, order_id)


async def accept_counter(
    db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime
) -> PurchaseOrder:
    """Take the counter: the order is confirmed on its quantities, prices and day."""
    actor.needs_operator()
    await store.accept_counter(db, actor, order_id, now)
    return await queries.get_order(db, actor, order_id)


async def cancel_order(
    db: Writer, actor: Actor, *, order_id: UUID, note: str, now: dt.datetime
) -> PurchaseOrder:
    """Take back an order of which nothing was received; its goods are no longer inbound."""
    actor.needs_operator()
    await store.cancel_order(db, actor, order_id, note.strip(), now)
    return await queries.get_order(db, actor, order_id)


async def expire_order(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> bool:
    """End an order that nobody answered in time; False when it was answered meanwhile."""
    actor.needs_operator()
    return await store.expire_order(db, actor, order_id, now)


async def send_link(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> SentLink:
    """A link by which the factory answers this order and says what it has sent, without an account.

    The link before it ends. The path holds the secret and is shown this once.
    """
    actor.needs_operator()
    order = await queries.get_order(db, actor, order_id)
    if order.status not in rules.RECEIVABLE:
        raise CannotSendLink(number=order.number, state=order.status)
    link = await accounts.create_link(
        db, actor, for_org_id=order.supplier_org_id, purpose=LINK_PURPOSE, object_id=order.id,
        life=rules.LINK_LIFE, now=now,
    )  # fmt: skip
    return SentLink(f"/g/po/{link.token}", link.expires_at)


async def open_link(
    database: Database, token: str, *, now: dt.datetime, request_id: str = ""
) -> Guest:
    """Who holds a link and for which order; refuses one that has ended."""
    return await accounts.authenticate_link(
        database, token, purpose=LINK_PURPOSE, now=now, request_id=request_id
    )


_NAME = "incoming_purchase_orders"
_TYPES = {
    "number": "text", "supplier": "text", "sku": "text", "node": "text", "quantity": "numeric",
    "unit_price": "numeric(18, 6)", "currency": "text", "ordered_date": "date",
    "expected_date": "date", "order_id": "uuid", "sku_id": "uuid", "is_changed": "boolean",
}  # fmt: skip
_KNOWN = (
    Reference(
        "quantity", "procurement.not_whole",
        N_("{value} is not a whole number of base units."),
        "i.quantity = trunc(i.quantity) and i.quantity > 0",
        N_("Write whole base units above 0 (pieces; mm by the meter; g by the kilogram)."),
    ),
    Reference(
        "supplier", "suppliers.unknown_supplier",
        N_("No supplier has the code “{value}”."),
        "exists (select from suppliers.supplier s where s.code = i.supplier)",
        N_("Import the supplier first, or correct its code."),
    ),
    Reference(
        "sku", "catalog.unknown_sku",
        N_("No SKU has the code “{value}”."),
        "exists (select from catalog.sku k where k.code = i.sku)",
        N_("Import the SKU first, or correct its code."),
    ),
    Reference(
        "node", "trade.unknown_node",
        N_("No node has the code “{value}”."),
        "exists (select from trade.node n where n.code = i.node and n.supplier_org_id is null)",
        N_("Name a node of the network, not a factory, or import it first."),
    ),
    *(
        Reference(
            column, "procurement.several_parties",
            N_("An earlier row of the same order says otherwise than “{value}”."),
            f"""i.{column} = (select f.{column} from {_NAME} f
                             where f.number = i.number and f.{column} is not null
                             order by f.row limit 1)""",
            N_("Give rows of another supplier, node or currency an order number of their own."),
        )
        for column in ("supplier", "node", "currency")
    ),
    Reference(
        "sku", "procurement.duplicate_sku",
        N_("The SKU “{value}” has an earlier row in the same order."),
        f"""not exists (select from {_NAME} f
                         where f.number = i.number and f.sku = i.sku and f.row < i.row)""",
        N_("Add the quantities up in one row."),
    ),
)  # fmt: skip
_COMPLETE = (
    Reference(
        "sku", "procurement.no_price",
        N_("“{value}” has no price, and no offer gives one."), "i.unit_price is not null",
        N_("Give a unit price, or import the supplier's offer to the operator first."),
    ),
    Reference(
        "unit_price", "procurement.amount_too_large",
        N_("At the price {value} the line is worth more than an order can be."),
        "i.unit_price * i.quantity * kit.minor_factor(i.currency) <= 9e12",
        N_("Check price and quantity: one line cannot be worth that much."),
    ),
    Reference(
        "number", "procurement.moved_on",
        N_("The order “{value}” cannot be changed by a file any more."),
        """not exists (
             select from procurement.purchase_order o
               join accounts.organization s on s.id = o.supplier_org_id
               join trade.node n on n.id = o.node_id
              where o.number = i.number and not (
                (s.code, n.code, o.currency) = (i.supplier, i.node, i.currency)
                and (o.is_imported and o.status = 'CONFIRMED' or exists (
                  select from procurement.purchase_order_line l
                   where l.purchase_order_id = o.id and l.sku_id = i.sku_id
                     and (l.quantity, l.unit_price) = (i.quantity, i.unit_price)))))""",
        N_("Leave the row out: the order was written here, has moved on, or has other parties."),
    ),
)  # fmt: skip


async def import_purchase_orders(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change open orders from canonical CSV, one row a line; for the system.

    They are confirmed already and their goods inbound. A file gives an order of its own kind
    other terms until goods of it are received; the same file twice changes nothing. Without a
    price the supplier's offer counts, without a day its mean lead time.
    """
    operator = accounts.system_actor(await organizations.get_operator(db), "import")
    await stage(db, _NAME, _TYPES, columns, csv)
    await store.index_staged(db, _NAME)
    problems = await refuse_unknown(db, _NAME, _KNOWN)
    await store.complete_staged(db, _NAME, now)
    problems += await refuse_unknown(db, _NAME, _COMPLETE)
    done = await store.merge_orders(db, _NAME, operator, now)
    return done + Imported(problems=problems)

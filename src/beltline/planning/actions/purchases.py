"""Accepted proposals become purchase orders, and come back when one falls through."""

import datetime as dt
import itertools
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.planning.actions import tell
from beltline.planning.queries import proposals
from beltline.planning.store import proposals as proposal_store
from beltline.planning.types import (
    Issued,
    NothingToIssue,
)
from beltline.procurement import actions as procurement
from beltline.procurement.types.orders import NewLine


async def issue_purchases(
    db: Writer,
    actor: Actor,
    *,
    proposal_ids: Sequence[UUID] | None = None,
    now: dt.datetime,
) -> list[Issued]:
    """Make purchase orders of accepted proposals (all unless named).

    One a supplier, node and currency; from here on procurement holds them, and nothing can be
    undone.
    """
    actor.needs_operator()
    waiting = await proposals.lock_accepted(db, actor.org_id, proposal_ids)
    if not waiting:
        raise NothingToIssue
    issued = []
    for (supplier_org_id, node_id, currency), group in itertools.groupby(
        waiting, lambda w: (w.supplier_org_id, w.node_id, w.currency)
    ):
        for members in _orders(list(group)):
            order = await procurement.issue_order(
                db, actor, supplier_org_id=supplier_org_id, node_id=node_id, currency=currency,
                expected_date=max(w.expected_date for w in members),
                order_by_date=min(w.order_by for w in members),
                plan_run_id=max(w.plan_run_id for w in members),
                lines=[NewLine(w.sku_id, w.quantity, w.unit_price, w.id) for w in members],
                now=now,
            )  # fmt: skip
            changed = await proposal_store.set_issued(db, [w.id for w in members], order.id)
            await tell(db, actor, "issue", order.id, changed, now)
            issued.append(
                Issued(order.id, order.number, supplier_org_id, node_id, currency, len(members),
                       sum(w.amount for w in members))
            )  # fmt: skip
    return issued


async def return_proposals(
    db: Writer,
    actor: Actor,
    *,
    purchase_order_id: UUID,
    status: str,
    note: str,
    at: dt.datetime,
) -> int:
    """Give back the proposals of a purchase that was refused, expired or cancelled at an instant.

    How many; none when they were given back already.
    """
    changed = await proposal_store.return_proposals(
        db, purchase_order_id, status=status, note=note, at=at
    )
    await tell(db, actor, "return", purchase_order_id, changed, at)
    return len(changed)


def _orders(group: list[proposals.Waiting]) -> list[list[proposals.Waiting]]:
    """Lines of one order each: an order has one line a SKU, a second one starts a new order."""
    orders: list[dict[UUID, proposals.Waiting]] = []
    for waiting in group:
        free = next((order for order in orders if waiting.sku_id not in order), None)
        if free is None:
            orders.append(free := {})
        free[waiting.sku_id] = waiting
    return [list(order.values()) for order in orders]

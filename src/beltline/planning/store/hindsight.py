"""Writes of what plans came to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from beltline.kit.db import Writer

_TYPES = {
    "sku_id": "uuid", "node_id": "uuid", "category": "text", "belt_id": "text",
    "cost_plan": "bigint", "cost_naive": "bigint", "cost_best": "bigint",
    "cost_decided": "bigint", "cost_plain": "bigint",
}  # fmt: skip


async def insert_hindsight(
    db: Writer, run_id: UUID, org_id: UUID, rows: Sequence[Sequence[object]]
) -> None:
    """Judged positions; `rows` in the order of the columns above."""
    declared = ", ".join(f"{column} {type_}" for column, type_ in _TYPES.items())
    await db.execute("drop table if exists pg_temp.judged")
    await db.execute(f"create temporary table judged ({declared}) on commit drop")
    await db.copy("judged", list(_TYPES), rows)
    await db.execute(
        """insert into planning.hindsight (plan_run_id, org_id, sku_id, node_id, category, belt_id,
             cost_plan, cost_naive, cost_best, cost_decided, cost_plain)
           select $1, $2, sku_id, node_id, category, belt_id, cost_plan, cost_naive, cost_best,
                  cost_decided, cost_plain
             from pg_temp.judged order by sku_id, node_id
           on conflict (plan_run_id, sku_id, node_id) do nothing""",
        run_id,
        org_id,
    )


async def set_hindsight(db: Writer, run_id: UUID, summary: dict[str, Any]) -> None:
    """Keep with a run what it came to."""
    await db.execute(
        """update planning.plan_run
              set metrics = metrics || jsonb_build_object('hindsight', $2::jsonb) where id = $1""",
        run_id,
        summary,
    )

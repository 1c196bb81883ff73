"""Reads of customs files, declarations, tasks and fapiaos: the operator's own."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.customs.types import (
    CustomsFile,
    CustomsTask,
    Declaration,
    DeclarationState,
    Fapiao,
    FapiaoLine,
    FileState,
    RefundState,
    Setting,
)
from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof

_FILE = """
  select f.id, f.number, n.code as node, f.country, f.state, f.opened_at, f.closed_at,
         coalesce(g.orders, '{}') as orders, coalesce(d.declarations, 0) as declarations,
         coalesce(d.states, '{}') as states, coalesce(t.stopping, 0) as stopping,
         coalesce(t.open_tasks, 0) as open_tasks, t.first_due_at
    from customs.file f
    join trade.node n on n.id = f.node_id
   cross join lateral (
     select array_agg(distinct x.order_number order by x.order_number) as orders
       from customs.goods x where x.file_id = f.id) g
   cross join lateral (
     select count(*) as declarations, array_agg(distinct x.state order by x.state) as states
       from customs.declaration x where x.file_id = f.id) d
   cross join lateral (
     select count(*) filter (where x.stops) as stopping, count(*) as open_tasks,
            min(x.due_at) as first_due_at
       from customs.task x where x.file_id = f.id and x.state = 'OPEN') t
"""


async def get_file(db: Reader, file_id: UUID) -> CustomsFile:
    """A customs file of the operator."""
    found = await db.find(CustomsFile, f"{_FILE} where f.id = $1", file_id)
    if found is None:
        raise NotFound(what="customs file", key=show_id("cus", file_id))
    return found


async def list_files(
    db: Reader,
    *,
    state: FileState | None = None,
    words: str = "",
    is_stopped: bool = False,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[CustomsFile]:
    """Customs files, the newest first; `words` is a part of a file's or an order's number.

    `is_stopped` leaves those whose goods wait for a task.
    """
    return await db.rows(
        CustomsFile,
        f"""{_FILE}
            where ($1::text is null or f.state = $1)
              and ($2 = '' or position(upper($2) in f.number) > 0 or exists (
                    select from unnest(g.orders) o where position(upper($2) in o) > 0))
              and (not $3 or t.stopping > 0)
              and ($4::timestamptz is null or (f.opened_at, f.id) < ($4, $5))
            order by f.opened_at desc, f.id desc limit $6""",
        state, words, is_stopped, *(before or (None, None)), limit,
    )  # fmt: skip


_DECLARATION = """
  select d.id, d.file_id, f.number as file, d.position, n.code as node, n.name as node_name,
         n.country as from_country, f.country, d.mode, d.exporter, d.exporter_code, d.principal,
         d.incoterm, d.vat, d.cargo_class, d.state, d.customs_number, d.note, d.bearer,
         d.refund_state, d.refund_reference, coalesce(t.scheme, '') as scheme,
         coalesce(t.scheme_number, '') as scheme_number, t.scheme_value_max,
         coalesce(t.scheme_currency, '') as scheme_currency, coalesce(t.source, '') as term_source,
         d.opened_at, d.lodged_at, d.ended_at
    from customs.declaration d
    join customs.file f on f.id = d.file_id
    join trade.node n on n.id = f.node_id
    left join trade.export_term t on t.id = d.term_id
"""


async def get_declaration(db: Reader, declaration_id: UUID) -> Declaration:
    """A declaration of the operator."""
    found = await db.find(Declaration, f"{_DECLARATION} where d.id = $1", declaration_id)
    if found is None:
        raise NotFound(what="declaration", key=show_id("dcl", declaration_id))
    return found


async def list_declarations(
    db: Reader,
    *,
    file_id: UUID | None = None,
    state: DeclarationState | None = None,
    refund: RefundState | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Declaration]:
    """Declarations, the newest first."""
    return await db.rows(
        Declaration,
        f"""{_DECLARATION}
            where ($1::uuid is null or d.file_id = $1) and ($2::text is null or d.state = $2)
              and ($3::text is null or d.refund_state = $3)
              and ($4::timestamptz is null or (d.opened_at, d.id) < ($4, $5))
            order by d.opened_at desc, d.id desc limit $6""",
        file_id, state, refund, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_lodged_with(
    db: Reader, declaration_id: UUID, *, limit: int = 10_000
) -> list[Declaration]:
    """Every declaration that was lodged of orders that have goods on one, as they were lodged."""
    return await db.rows(
        Declaration,
        f"""{_DECLARATION}
            where d.lodged_at is not null and d.id in (
              select g.declaration_id
                from customs.goods x
                join customs.goods g on g.order_id = x.order_id and g.units > 0
               where x.declaration_id = $1 and x.units > 0)
            order by d.lodged_at, d.id limit $2""",
        declaration_id, limit,
    )  # fmt: skip


_TASK = """
  select t.id, t.file_id, f.number as file, t.declaration_id, t.kind, t.subject,
         coalesce(k.code, '') as sku, t.stops, t.facts, t.options, t.default_option, t.due_at,
         t.state, t.chosen, t.note, t.decided_by, t.opened_at, t.ended_at
    from customs.task t
    join customs.file f on f.id = t.file_id
    left join catalog.sku k on k.id = t.sku_id
"""


async def get_task(db: Reader, task_id: UUID) -> CustomsTask:
    """A task of the operator."""
    found = await db.find(CustomsTask, f"{_TASK} where t.id = $1", task_id)
    if found is None:
        raise NotFound(what="customs task", key=show_id("ctk", task_id))
    return found


async def list_tasks(
    db: Reader,
    *,
    file_id: UUID | None = None,
    open_only: bool = True,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[CustomsTask]:
    """Tasks in the order they were opened."""
    return await db.rows(
        CustomsTask,
        f"""{_TASK}
            where ($1::uuid is null or t.file_id = $1) and (not $2 or t.state = 'OPEN')
              and ($3::timestamptz is null or (t.opened_at, t.id) > ($3, $4))
            order by t.opened_at, t.id limit $5""",
        file_id, open_only, *(after or (None, None)), limit,
    )  # fmt: skip


class Stop(msgspec.Struct, frozen=True):
    """A journey that customs stops, and in which file."""

    order_number: str
    file: str


async def find_stop(db: Reader, journey_ids: Sequence[UUID]) -> Stop | None:
    """The first of some journeys that a task or customs itself stops."""
    return await db.find(
        Stop,
        """select g.order_number, f.number as file
             from customs.goods g join customs.file f on f.id = g.file_id
            where g.journey_id = any($1) and customs.is_stopped(g)
            order by g.journey_id limit 1""",
        journey_ids,
    )


async def list_journeys(db: Reader, declaration_id: UUID, *, limit: int = 10_000) -> list[UUID]:
    """The journeys whose units are on a declaration."""
    return await db.values(
        """select journey_id from customs.goods
            where declaration_id = $1 and units > 0 order by journey_id limit $2""",
        declaration_id,
        limit,
    )


async def find_file_of(db: Reader, journey_id: UUID) -> UUID | None:
    """The customs file of a journey; None for one that has none."""
    found: UUID | None = await db.value(
        "select file_id from customs.goods where journey_id = $1", journey_id
    )
    return found


_FAPIAO = """
  select f.id, f.number, o.code as supplier, f.kind, f.buyer, f.issued_date, f.currency,
         f.entered_by, f.entered_at
    from customs.fapiao f join accounts.organization o on o.id = f.supplier_org_id
"""


async def get_fapiao(db: Reader, fapiao_id: UUID) -> Fapiao:
    """A fapiao of the operator."""
    found = await db.find(Fapiao, f"{_FAPIAO} where f.id = $1", fapiao_id)
    if found is None:
        raise NotFound(what="fapiao", key=show_id("fap", fapiao_id))
    return found


async def list_fapiaos(
    db: Reader,
    *,
    supplier: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Fapiao]:
    """Fapiaos, the latest entered first."""
    return await db.rows(
        Fapiao,
        f"""{_FAPIAO}
            where ($1::text is null or o.code = $1)
              and ($2::timestamptz is null or (f.entered_at, f.id) < ($2, $3))
            order by f.entered_at desc, f.id desc limit $4""",
        supplier, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_fapiao_lines(db: Reader, fapiao_ids: Sequence[UUID]) -> list[FapiaoLine]:
    """The lines of some fapiaos, with how many of their units cover exports."""
    return await db.rows(
        FapiaoLine,
        """select l.fapiao_id, l.line_no, k.code as sku, l.quantity, l.net_amount, l.vat_amount,
                  coalesce((select sum(u.units) from customs.fapiao_use u
                             where (u.fapiao_id, u.line_no) = (l.fapiao_id, l.line_no)), 0)::bigint
                    as used_units
             from customs.fapiao_line l join catalog.sku k on k.id = l.sku_id
            where l.fapiao_id = any($1) order by l.fapiao_id, l.line_no""",
        fapiao_ids,
    )


async def get_setting(db: Reader, actor: Actor) -> Setting:
    """The operator's wish, or what holds without one."""
    found = await db.find(
        Setting,
        "select is_strict, fapiao_hours from customs.setting where operator_org_id = $1",
        actor.org_id,
    )
    return found or Setting()


class _Covered(msgspec.Struct, frozen=True):
    fapiao_lines: int
    covered: int
    faults: list[dict[str, str | int]]


async def prove_fapiaos(db: Reader) -> Proof:
    """No unit of a fapiao covers two that leave, and none that leaves is covered twice."""
    found = await db.get(
        _Covered, "proof", "fapiaos",
        """with wrong as (
             select f.number, l.line_no, l.quantity as units, sum(u.units)::bigint as used
               from customs.fapiao_line l
               join customs.fapiao f on f.id = l.fapiao_id
               join customs.fapiao_use u on (u.fapiao_id, u.line_no) = (l.fapiao_id, l.line_no)
              group by f.number, l.fapiao_id, l.line_no having sum(u.units) > l.quantity
             union all
             select g.order_number, g.line_no, g.units, sum(u.units)::bigint
               from customs.goods g join customs.fapiao_use u on u.journey_id = g.journey_id
              group by g.journey_id having sum(u.units) > g.units
           )
           select (select count(*) from customs.fapiao_line) as fapiao_lines,
                  (select coalesce(sum(units), 0)::bigint from customs.fapiao_use) as covered,
                  coalesce((select jsonb_agg(to_jsonb(w)) from (
                    select * from wrong order by number, line_no limit $1) w), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="fapiaos_once",
        statement="No unit of a fapiao covers two units that leave the country, and none that "
        "leaves is covered twice.",
        holds=not found.faults,
        figures={"fapiao_lines": found.fapiao_lines, "covered": found.covered},
        faults=found.faults,
    )

"""Reads of what suppliers earned, their statements and the rates; the proof of them."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.ledger.types import CommissionRate, Settlement, SettlementItem, Unstated

_SETTLEMENT = """
  select s.id, s.number, o.code as supplier, o.name as supplier_name, s.currency, s.starts, s.ends,
         s.opening, s.earned, s.taken_back, s.commission, s.closing, s.state, s.asked_by, s.paid_by,
         s.paid_at, s.payment_reference, s.made_at,
         coalesce(s.payer, jsonb_build_object('name', n.name, 'name_zh', n.name_zh,
                                              'country', n.country)) as payer,
         coalesce(s.payee, jsonb_build_object('name', o.name, 'name_zh', o.name_zh,
                                              'country', o.country)) as payee
    from ledger.settlement s
    join accounts.organization o on o.id = s.supplier_org_id
    join accounts.organization n on n.id = s.operator_org_id
"""


async def get_settlement(db: Reader, settlement_id: UUID) -> Settlement:
    """A statement the acting organization is a party to."""
    found = await db.find(Settlement, f"{_SETTLEMENT} where s.id = $1", settlement_id)
    if found is None:
        raise NotFound(what="settlement", key=show_id("stm", settlement_id))
    return found


async def list_settlements(
    db: Reader,
    actor: Actor,
    *,
    state: str | None = None,
    supplier: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Settlement]:
    """Statements of the acting supplier (the operator: of all), newest first."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "supplier_org_id"
    return await db.rows(
        Settlement,
        f"""{_SETTLEMENT}
            where s.{party} = $1 and ($2::text is null or s.state = $2)
              and ($3::text is null or o.code = $3)
              and ($4::timestamptz is null or (s.made_at, s.id) < ($4, $5))
            order by s.made_at desc, s.id desc limit $6""",
        actor.org_id, state, supplier, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_items(
    db: Reader,
    settlement_id: UUID,
    *,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[SettlementItem]:
    """The lines of a statement, the oldest first."""
    return await db.rows(
        SettlementItem,
        """select id, at, kind, source_id, reference, sku, quantity, amount, rate_ppm, commission,
                  earned_on
             from ledger.supplier_item
            where settlement_id = $1 and ($2::timestamptz is null or (at, id) > ($2, $3))
            order by at, id limit $4""",
        settlement_id,
        *(after or (None, None)),
        limit,
    )


async def list_unstated(db: Reader, *, limit: int = 250) -> list[Unstated]:
    """What is earned and in no statement yet, by supplier and currency, the largest first."""
    return await db.rows(
        Unstated,
        """select o.code as supplier, o.name as supplier_name, i.currency, count(*) as items,
                  sum(i.amount)::bigint as amount,
                  count(*) filter (where i.is_commissioned and not exists (
                    select from ledger.commission_rate r
                     where coalesce(r.supplier_org_id, i.supplier_org_id) = i.supplier_org_id
                       and r.valid_from <= i.earned_on
                       and coalesce(r.valid_until, i.earned_on) >= i.earned_on)) as unrated
             from ledger.supplier_item i join accounts.organization o on o.id = i.supplier_org_id
            where i.settlement_id is null
            group by o.code, o.name, i.currency
            order by sum(abs(i.amount)) desc, o.code, i.currency limit $1""",
        limit,
    )


async def list_commission_rates(
    db: Reader, *, before: tuple[dt.datetime, UUID] | None = None, limit: int = 50
) -> list[CommissionRate]:
    """Rates as far as the acting organization sees them, those set last first."""
    return await db.rows(
        CommissionRate,
        """select r.id, o.code as supplier, r.rate_ppm, r.valid_from, r.valid_until, r.note,
                  r.set_by, r.set_at
             from ledger.commission_rate r
             left join accounts.organization o on o.id = r.supplier_org_id
            where ($1::timestamptz is null or (r.set_at, r.id) < ($1, $2))
            order by r.set_at desc, r.id desc limit $3""",
        *(before or (None, None)),
        limit,
    )


class _Figures(msgspec.Struct, frozen=True):
    items: int
    statements: int
    faults: list[dict[str, str | int]]


async def prove_settlements(db: Reader) -> Proof:
    """What suppliers are owed is what is unstated, stated and unpaid, or carried; to the unit."""
    found = await db.get(
        _Figures, "proof", "settlements",
        """with booked as (
             select a.org_id, a.currency, sum(e.amount)::bigint as booked
               from ledger.account a join ledger.entry e on e.account_id = a.id
              where a.kind = 'SUPPLIER_PAYABLE' group by a.org_id, a.currency
           ), owed as (
             select org_id, currency, sum(amount)::bigint as owed from (
               select supplier_org_id as org_id, currency, amount from ledger.supplier_item
                where settlement_id is null
               union all
               select supplier_org_id, currency, closing from ledger.settlement
                where state in ('DUE', 'ASKED') or state = 'CARRIED' and carried_to is null) x
              group by org_id, currency
           ), wrong as (
             select org_id::text as what, currency || ' owed' as why, coalesce(b.booked, 0) as one,
                    coalesce(o.owed, 0) as other
               from booked b full join owed o using (org_id, currency)
              where coalesce(b.booked, 0) <> coalesce(o.owed, 0)
             union all
             select s.number, 'lines', s.closing, s.opening + coalesce(sum(i.amount - i.commission),
                                                                      0)::bigint
               from ledger.settlement s left join ledger.supplier_item i on i.settlement_id = s.id
              group by s.id
             having s.closing <> s.opening + coalesce(sum(i.amount - i.commission), 0)
             union all
             select s.number, 'carried', s.opening, coalesce((
                      select sum(b.closing) from ledger.settlement b where b.carried_to = s.id),
                      0)::bigint
               from ledger.settlement s
              where s.opening <> coalesce((
                      select sum(b.closing) from ledger.settlement b where b.carried_to = s.id), 0)
           )
           select (select count(*) from ledger.supplier_item) as items,
                  (select count(*) from ledger.settlement) as statements,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by what limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="suppliers_owed",
        statement="What is booked as owed to each supplier is what is unstated, stated and unpaid, "
        "or carried; every statement is the sum of its lines and of what it carried on.",
        holds=not found.faults,
        figures={"items": found.items, "statements": found.statements},
        faults=found.faults,
    )

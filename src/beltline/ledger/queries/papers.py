"""Reads of invoices, credit notes and statements; the proof of them."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.ledger.types import Paper, PaperDetail, StatedEntry

_COLUMNS = """p.id, p.number, p.kind, o.code as org, o.name as org_name, p.reference,
              p.reference_id, p.month, p.currency, p.total, p.issued_on, p.issued_at"""

# The entries of a statement: what it is of, and the side on which its sums count.
_STATED = """
  select e.id, e.at, t.kind, t.reference,
         case p.kind when 'CREDIT_STATEMENT' then -e.amount else e.amount end as amount
    from ledger.paper p
    join ledger.account a on a.id = p.reference_id
    join ledger.account x on x.org_id = a.org_id and x.currency = a.currency
     and (x.id = a.id or a.kind = 'BUYER_CREDIT' and x.kind = 'BUYER_FEES')
    join ledger.entry e on e.account_id = x.id and e.at >= (p.content->>'starts')::timestamptz
     and e.at < (p.content->>'ends')::timestamptz
    join ledger.transfer t on t.id = e.transfer_id and t.at = e.at
   where p.id = $1
"""


async def get_paper(db: Reader, paper_id: UUID) -> PaperDetail:
    """A paper the acting organization is a party to."""
    found = await db.find(
        PaperDetail,
        f"""select {_COLUMNS}, p.content,
                   (p.content#>>'{{credit,due_on}}')::date as due_on
             from ledger.paper p
             join accounts.organization o on o.id = p.org_id where p.id = $1""",
        paper_id,
    )
    if found is None:
        raise NotFound(what="paper", key=show_id("ppr", paper_id))
    return found


async def list_papers(
    db: Reader,
    *,
    kind: str | None = None,
    reference: str | None = None,
    reference_id: UUID | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Paper]:
    """Papers the acting organization is a party to, newest first.

    `reference` is a number of a paper or of an order, or the code of a buyer.
    """
    return await db.rows(
        Paper,
        f"""select {_COLUMNS} from ledger.paper p
             join accounts.organization o on o.id = p.org_id
            where ($1::text is null or p.kind = $1)
              and ($2::text is null or p.number = $2 or p.reference = $2 or p.org_id = (
                   select x.id from accounts.organization x where x.code = $2))
              and ($3::uuid is null or p.reference_id = $3)
              and ($4::timestamptz is null or (p.issued_at, p.id) < ($4, $5))
            order by p.issued_at desc, p.id desc limit $6""",
        kind, reference, reference_id, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_stated(
    db: Reader,
    paper_id: UUID,
    *,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[StatedEntry]:
    """The entries a statement sums up, oldest first; entries are never changed either."""
    return await db.rows(
        StatedEntry,
        f"""select * from ({_STATED}) s
             where ($2::timestamptz is null or (s.at, s.id) > ($2, $3))
             order by s.at, s.id limit $4""",
        paper_id, *(after or (None, None)), limit,
    )  # fmt: skip


async def list_days(db: Reader, paper_id: UUID) -> list[StatedEntry]:
    """The same by day and kind of transfer: some hundreds of rows, however many entries."""
    return await db.rows(
        StatedEntry,
        f"""select (array_agg(s.id order by s.at, s.id))[1] as id,
                   kit.day_start(kit.day_of(s.at)) as at, s.kind, '' as reference,
                   sum(s.amount)::bigint as amount, count(*)::int as entries
              from ({_STATED}) s
             group by kit.day_of(s.at), s.kind order by 2, 3 limit 500""",
        paper_id,
    )


class _Figures(msgspec.Struct, frozen=True):
    papers: int
    statements: int
    faults: list[dict[str, str | int]]


async def prove_papers(db: Reader) -> Proof:
    """No number is missing, and each statement is the sum of the entries of its month."""
    found = await db.get(
        _Figures, "proof", "papers",
        """with series as (
             select s.kind || ' ' || s.year as what, 'numbers' as why, s.latest::bigint as one,
                    count(p.id) as other
               from ledger.paper_series s
               left join ledger.paper p using (operator_org_id, year, kind)
              group by s.operator_org_id, s.year, s.kind
             having s.latest <> count(p.id) or s.latest <> coalesce(max(p.serial), 0)
           ), stated as (
             select p.number, (p.content#>>'{sums,closing}')::bigint
                              - (p.content#>>'{sums,opening}')::bigint as moved,
                    (select coalesce(sum(e.amount), 0) from ledger.account x
                       join ledger.entry e on e.account_id = x.id
                      where x.org_id = a.org_id and x.currency = a.currency
                        and (x.id = a.id or a.kind = 'BUYER_CREDIT' and x.kind = 'BUYER_FEES')
                        and e.at >= (p.content->>'starts')::timestamptz
                        and e.at < (p.content->>'ends')::timestamptz)::bigint
                    * case a.kind when 'BUYER_CREDIT' then -1 else 1 end as entries
               from ledger.paper p join ledger.account a on a.id = p.reference_id
              where p.month is not null
           ), wrong as (
             select * from series
              union all
             select number, 'entries', moved, entries from stated where moved <> entries
              union all
             select p.number, 'lines', p.total, sum((l->>'amount')::bigint)::bigint
               from ledger.paper p, jsonb_array_elements(p.content->'lines') l
              where p.month is null
              group by p.id having p.total <> sum((l->>'amount')::bigint)
           )
           select (select count(*) from ledger.paper) as papers,
                  (select count(*) from stated) as statements,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by what limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="papers_true",
        statement="Invoices, credit notes and statements are numbered without a gap; each is the "
        "sum of its lines, each statement that of the entries of its month.",
        holds=not found.faults,
        figures={"papers": found.papers, "statements": found.statements},
        faults=found.faults,
    )

"""Reads of how long stages took, and of what was learned from it; for the operator."""

import datetime as dt

from beltline.fulfillment.types.times import StageTimeRow, Waited
from beltline.kit.actor import Actor
from beltline.kit.db import Reader

HALF_LIFE_DAYS = 180.0
"""A stage of half a year ago counts half of one of today."""

# One row a stage, a road, or what lies before a road: when the stage it ends with was done, or that
# it was dropped. $1 organization, $2 now, $3 since.
_SPAN = """
  select s.kind, case when s.kind in ('PURCHASE', 'FACTORY') then j.supplier_org_id
                      else coalesce(j.hub_id, j.node_id) end as party_id, '' as country,
         j.id as journey_id, s.started_at, s.done_at, s.state
    from fulfillment.stage s join fulfillment.journey j on j.id = s.journey_id
   where s.operator_org_id = $1 and s.started_at between $3 and $2
     and s.state in ('DONE', 'ACTIVE') and s.kind not in ('TRUNK', 'LAST_MILE')
  union all
  select 'ROAD', coalesce(j.hub_id, j.node_id), j.country, j.id, d.done_at, m.done_at, m.state
    from fulfillment.journey j
    join fulfillment.stage d on d.journey_id = j.id and d.kind = 'DISPATCH' and d.state = 'DONE'
    join fulfillment.stage m on m.journey_id = j.id and m.kind = 'LAST_MILE'
   where j.operator_org_id = $1 and d.done_at between $3 and $2
  union all
  select case j.sales_model when 'VIRTUAL' then 'MADE' when 'DIRECT' then 'DOOR' else 'STOCK' end,
         case when j.sales_model in ('VIRTUAL', 'DIRECT') then j.supplier_org_id else j.node_id end,
         case when j.sales_model not in ('VIRTUAL', 'DIRECT') and n.country <> j.country then '*'
              else '' end,
         j.id, j.opened_at, e.done_at, e.state
    from fulfillment.journey j
    join trade.node n on n.id = j.node_id
    join fulfillment.stage e on e.journey_id = j.id
     and e.kind = case j.sales_model when 'VIRTUAL' then 'RECEIPT' when 'DIRECT' then 'FACTORY'
                                     else 'DISPATCH' end
   where j.operator_org_id = $1 and j.opened_at between $3 and $2 and j.attempt = 1
  union all
  select 'HUB', j.hub_id, case when n.country <> j.country then '*' else '' end, j.id, r.done_at,
         d.done_at, d.state
    from fulfillment.journey j
    join trade.node n on n.id = j.node_id
    join fulfillment.stage r on r.journey_id = j.id and r.kind = 'RECEIPT'
    join fulfillment.stage d on d.journey_id = j.id and d.kind = 'DISPATCH'
   where j.operator_org_id = $1 and j.sales_model = 'VIRTUAL' and r.done_at between $3 and $2
"""
# Until when each was seen: what the last question took off the way does not move while its answer
# is waited for, and what was cancelled moved until then.
_SEEN = f"""
  select p.kind, p.party_id, p.country, p.started_at, p.done_at is not null as has_ended,
         coalesce(p.done_at, case when p.state = 'DROPPED' then coalesce((
           select max(d.opened_at) from fulfillment.decision d
            where d.journey_id = p.journey_id and d.opened_at >= p.started_at), j.ended_at) end,
           $2) as seen_at
    from ({_SPAN}) p join fulfillment.journey j on j.id = p.journey_id
"""


async def list_waited(
    db: Reader, actor: Actor, *, now: dt.datetime, since: dt.datetime, step_hours: float
) -> list[Waited]:
    """Stages begun since an instant, by kind, party and length in steps.

    What ended counts at the step it ended by, what is under way at the last step it has passed.
    """
    return await db.rows(
        Waited,
        f"""select kind, party_id, country, hours, has_ended, count(*) as stages,
                   sum(weight) as weight
              from (select s.kind, s.party_id, s.country, s.has_ended,
                           $4 * case when s.has_ended then ceil(s.hours / $4)
                                     else floor(s.hours / $4) end as hours,
                           power(0.5, extract(epoch from $2 - s.started_at)::float8 / 86400 / $5)
                             as weight
                      from (select w.*,
                                   extract(epoch from w.seen_at - w.started_at)::float8 / 3600
                                     as hours
                              from ({_SEEN}) w) s
                     where s.party_id is not null and s.hours >= 0) f
             group by kind, party_id, country, hours, has_ended
             order by kind, party_id, country, hours, has_ended""",
        actor.org_id, now, since, step_hours, HALF_LIFE_DAYS,
    )  # fmt: skip


async def list_stage_times(
    db: Reader,
    *,
    kind: str = "",
    after: tuple[str, str, str] | None = None,
    limit: int = 50,
) -> list[StageTimeRow]:
    """What was learned, by kind and party; `after` is (kind, party, country) of the last one."""
    return await db.rows(
        StageTimeRow,
        """select * from (
             select t.kind, coalesce(n.code, o.code) as party, coalesce(n.name, o.name)
                      as party_name, coalesce(n.name_zh, o.name_zh) as party_name_zh, t.country,
                    t.ended, t.hours_p50, t.hours_p90,
                    case when t.kind = 'ROAD' then (
                      select 24 * min(coalesce(l.declared_days_p50, l.transit_days_p50))
                        from trade.lane l
                       where l.node_id = t.party_id and l.country = t.country)
                    when t.kind in ('STOCK', 'HUB', 'MADE', 'DOOR') then (
                      select 24 * h.days_p50 from trade.handling h
                       where h.party_id is null and h.way = t.kind
                         and h.crosses = (t.country = '*'))
                    else r.hours_planned end as hours_declared, t.learned_at
               from fulfillment.stage_time t
               left join trade.node n on n.id = t.party_id
               left join accounts.organization o on o.id = t.party_id
               left join fulfillment.stage_rule r on r.kind = t.kind) x
            where ($1 = '' or kind = $1)
              and ($2::text is null or (kind, party, country) > ($2, $3, $4))
            order by kind, party, country limit $5""",
        kind, *(after or (None, None, None)), limit,
    )  # fmt: skip

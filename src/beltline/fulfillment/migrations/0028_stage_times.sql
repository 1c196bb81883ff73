-- How long stages take: learned each night from those that ended and those still under way.

create table fulfillment.stage_time (
  -- A stage, or the ROAD: from leaving the node to the buyer's door.
  kind text not null check (kind in (
    'PURCHASE', 'FACTORY', 'RECEIPT', 'INSPECTION', 'PACK', 'TITLE', 'EXPORT', 'DISPATCH', 'ROAD')),
  -- The supplier whose stage it is, or the node it is done at or leaves from.
  party_id uuid not null,
  -- Of the ROAD only.
  country text not null default '',
  operator_org_id uuid not null,
  -- How many were seen to end, and the hours that half and nine in ten of them need.
  ended int not null check (ended > 0),
  hours_p50 double precision not null check (hours_p50 >= 0),
  hours_p90 double precision not null check (hours_p90 >= hours_p50),
  learned_at timestamptz not null,
  primary key (kind, party_id, country)
);
select kit.protect('fulfillment.stage_time', 'operator_org_id = {org}');

-- What a position earns a cycle under each sales model, the most profitable first.
alter table planning.inventory_risk add column models jsonb not null default '[]';

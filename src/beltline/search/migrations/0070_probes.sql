-- How many cells around a question are looked into: measured when a layout is learned, where it was 16
-- of however many. Layouts learned before get what a twelfth of their cells is.
alter table search.space add probes int not null default 1 check (probes > 0);
update search.space set probes = greatest(16, least(learned_on / 500, 2048) / 12);
alter table search.space alter probes drop default;

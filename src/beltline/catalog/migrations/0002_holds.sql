-- Goods off the shelf while a case against their shop stands. A held offer begins at infinity, so
-- that everything which asks for the offers of a day leaves it out; `held_from` is its own day.
alter table catalog.offer add held_from date;
alter table catalog.offer add check ((held_from is not null) = (valid_from = 'infinity'));

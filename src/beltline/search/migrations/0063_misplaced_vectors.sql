-- Vectors that lie where an earlier layout put them are read in the order of this index: each batch
-- went through those that were placed already.
drop index search.vector_by_space;
create index vector_by_space on search.vector (kind, space, of_id);

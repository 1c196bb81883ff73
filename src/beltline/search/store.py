"""Writes of the index."""

from collections.abc import Sequence

from beltline.kit.db import Writer
from beltline.search.types import Document


async def keep_documents(db: Writer, documents: Sequence[Document]) -> None:
    """Add documents, or put them in place of what the index knew."""
    await db.execute_many(
        """insert into search.document (sku_id, words, length, source_at)
           values ($1, array_to_tsvector($2::text[]), $3, $4)
           on conflict (sku_id) do update set words = excluded.words, length = excluded.length,
             source_at = excluded.source_at""",
        [(d.sku_id, d.words, d.length, d.source_at) for d in documents],
    )


async def count_again(db: Writer) -> int:
    """Forget goods that are no more and count words anew; how many documents there are."""
    await db.execute(
        """delete from search.document d
            where not exists (select from catalog.sku k where k.id = d.sku_id)"""
    )
    await db.execute("delete from search.word")
    await db.execute(
        """insert into search.word (word, documents)
           select s.word, s.ndoc from ts_stat('select words from search.document') s
            order by s.word"""
    )
    await db.execute(
        """insert into search.corpus (documents, length_mean)
           select count(*), coalesce(avg(length), 1) from search.document
           on conflict (is_only) do update set documents = excluded.documents,
             length_mean = excluded.length_mean"""
    )
    return int(await db.value("select documents from search.corpus"))

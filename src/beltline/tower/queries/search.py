"""One field that finds orders, purchase orders, SKUs and suppliers."""

from beltline.kit.db import Reader
from beltline.tower.types import Hit

# $1 the words as typed, $2 in capitals; $3 hits of each kind. Row-level security decides what
# of it the acting organization may see.
_HITS = """
  (select 'ORDER' as kind, 'ord_' || replace(o.id::text, '-', '') as key, o.number as label,
          o.reference as detail, '' as detail_zh, o.status as state
     from orders."order" o
    where starts_with(o.number, $2) or starts_with(o.reference, $1)
    order by o.created_at desc, o.id desc limit $3)
  union all
  (select 'PURCHASE', 'po_' || replace(o.id::text, '-', ''), o.number, s.name, s.name_zh, o.status
     from procurement.purchase_order o
     join accounts.organization s on s.id = o.supplier_org_id
    where starts_with(o.number, $2)
    order by o.created_at desc, o.id desc limit $3)
  union all
  (select 'SKU', k.code, k.code, k.title, k.title_zh, '' from catalog.sku k
    where starts_with(upper(k.code), $2) or position(lower($1) in lower(k.title)) > 0
       or position($1 in k.title_zh) > 0
    order by not starts_with(upper(k.code), $2), k.code limit $3)
  union all
  (select 'SUPPLIER', s.code, s.code, o.name, o.name_zh, ''
     from suppliers.supplier s join accounts.organization o on o.id = s.org_id
    where starts_with(upper(s.code), $2) or position(lower($1) in lower(o.name)) > 0
       or position($1 in o.name_zh) > 0
    order by not starts_with(upper(s.code), $2), s.code limit $3)
"""


async def find(db: Reader, words: str, *, limit: int) -> list[Hit]:
    """Up to `limit` hits of each kind: numbers and codes by their beginning, names by a part."""
    return await db.rows(
        Hit,
        f"select kind, key, label, detail, detail_zh, state from ({_HITS}) as hit",
        words,
        words.upper(),
        limit,
    )

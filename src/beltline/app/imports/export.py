"""Rows out: each data set in the columns in which it comes in, so that it can go back as it is."""

from pathlib import Path

import asyncpg
import polars as pl

from beltline.app.imports.loaders import get_dataset
from beltline.kit.sheets.report import write_table

_QUERIES = {
    "suppliers": """
      select s.code, s.kind, o.name, o.name_zh, s.belt_id as belt, s.tier,
             s.lead_time_days_mean, s.lead_time_days_p95, c.phone
        from suppliers.supplier s join accounts.organization o on o.id = s.org_id
        left join accounts.contact c on c.id = s.contact_id order by s.code""",
    "nodes": """
      select n.code, n.kind, n.name, n.name_zh, n.country, n.tz, n.latitude, n.longitude,
             s.code as supplier
        from trade.node n left join suppliers.supplier s on s.org_id = n.supplier_org_id
       order by n.code""",
    "lanes": """
      select n.code as node, l.country, l.mode,
             coalesce(l.declared_days_p50, l.transit_days_p50) as transit_days_p50,
             coalesce(l.declared_days_p90, l.transit_days_p90) as transit_days_p90, l.source
        from trade.lane l join trade.node n on n.id = l.node_id order by 1, 2, 3""",
    "rates": """
      select c.service, c.carrier, c.mode, n.code as node, c.country, c.currency, c.valid_from,
             c.valid_until, b.weight_from_g, b.per_parcel, b.per_kg, c.divisor, c.step_g,
             c.minimum_g, c.weight_g_max, c.length_mm_max, c.minimum_charge, c.fuel_percent,
             c.surcharge, c.transit_days_p50, c.transit_days_p90, c.source
        from trade.rate_card c join trade.rate_break b on b.rate_card_id = c.id
        join trade.node n on n.id = c.node_id order by 1, 4, 5, 6, 7, 9""",
    "cartons": """
      select n.code as node, c.code, c.length_mm, c.width_mm, c.height_mm, c.tare_g, c.load_g_max,
             c.cost, c.currency, c.valid_from, c.valid_until
        from trade.carton c join trade.node n on n.id = c.node_id order by 1, 2, 10""",
    "tax_rates": """
      select r.kind, r.country, nullif(r.hs_code, '') as hs_code, nullif(r.origin, '') as origin,
             r.percent, r.valid_from, r.valid_until, r.source, nullif(r.url, '') as url
        from trade.tax_rate r order by 1, 2, 3 nulls first, 4 nulls first, 6""",
    "valuation_rules": """
      select r.country, r.basis, r.vat_basis, r.border_percent, r.insurance_percent,
             nullif(r.customs_union, '') as customs_union, r.valid_from, r.valid_until, r.source,
             nullif(r.url, '') as url
        from trade.valuation_rule r order by 1, 7""",
    "low_value_rules": """
      select r.country, r.value_max, r.currency, nullif(r.scheme, '') as scheme, r.duty_percent,
             r.duty_fixed, r.vat, r.valid_from, r.valid_until, r.source,
             nullif(r.url, '') as url
        from trade.low_value_rule r order by 1, 4 nulls first, 3, 2, 8""",
    "cargo_rules": """
      select r.cargo_class, n.code as node, nullif(r.country, '') as country,
             nullif(r.mode, '') as mode, r.verdict, nullif(r.evidence, '') as evidence,
             nullif(r.instruction, '') as instruction, r.valid_from, r.valid_until, r.source,
             nullif(r.url, '') as url
        from trade.cargo_rule r left join trade.node n on n.id = r.node_id
       order by 1, 2 nulls first, 3 nulls first, 4 nulls first, 5, 6, 8""",
    "export_terms": """
      select n.code as node, nullif(t.country, '') as country,
             nullif(t.tax_basis, '') as tax_basis, t.export_mode, t.exporter,
             nullif(t.exporter_code, '') as exporter_code, nullif(t.principal, '') as principal,
             t.incoterm, t.vat, t.value_max, nullif(t.value_currency, '') as value_currency,
             nullif(t.scheme, '') as scheme, nullif(t.scheme_number, '') as scheme_number,
             t.scheme_value_max, nullif(t.scheme_currency, '') as scheme_currency, t.valid_from,
             t.valid_until, t.source, nullif(t.url, '') as url
        from trade.export_term t left join trade.node n on n.id = t.node_id
       order by 1 nulls first, 2 nulls first, 3 nulls first, 16""",
    "products": """
      select p.code, s.code as supplier, p.category, p.title, p.title_zh
        from catalog.product p join suppliers.supplier s on s.org_id = p.supplier_org_id
       order by p.code""",
    "skus": """
      select k.code, p.code as product, k.title, k.title_zh, k.uom, k.pack_size, k.weight_g,
             k.length_mm, k.width_mm, k.height_mm, k.cargo_class, k.hs_code
        from catalog.sku k join catalog.product p on p.id = k.product_id order by k.code""",
    "offers": """
      select s.code as supplier, k.code as sku, o.audience, o.currency, b.quantity_from,
             b.unit_price, o.moq, o.availability, o.sales_model, o.lead_time_days, o.valid_from,
             o.valid_until, o.tax_basis, o.deposit_percent
        from catalog.offer o join catalog.offer_break b on b.offer_id = o.id
        join catalog.sku k on k.id = o.sku_id
        join accounts.organization s on s.id = o.supplier_org_id
       order by 1, 2, 3, 4, 5""",
    "stock": """
      select k.code as sku, n.code as node, o.code as owner, t.kind, t.on_hand, t.version
        from inventory.stock t join catalog.sku k on k.id = t.sku_id
        join trade.node n on n.id = t.node_id
        join accounts.organization o on o.id = t.owner_org_id order by 1, 2, 3""",
    "demand": """
      select k.code as sku, n.code as node, d.ds, d.y::double precision as y, d.in_stock, d.price
        from planning.demand d join catalog.sku k on k.id = d.sku_id
        join trade.node n on n.id = d.node_id order by 1, 2, 3""",
    "promotions": """
      select k.code as sku, n.code as node, p.starts, p.ends, p.kind, p.price
        from planning.promotion p join catalog.sku k on k.id = p.sku_id
        left join trade.node n on n.id = p.node_id order by 1, 2, 3""",
    "events": "select e.ds, e.kind, e.name from planning.calendar_event e order by 1, 2, 3",
    "closures": """
      select s.code as supplier, null::text as node, c.starts, c.ends, c.ramp_down_from,
             c.ramp_up_until, c.last_order_date, c.reason
        from suppliers.closure c join suppliers.supplier s on s.org_id = c.org_id
      union all
      select null, n.code, c.starts, c.ends, c.ramp_down_from, c.ramp_up_until,
             c.last_order_date, c.reason
        from trade.node_closure c join trade.node n on n.id = c.node_id
       order by 1 nulls last, 2, 3""",
    "orders_open": """
      select o.number, s.code as supplier, k.code as sku, n.code as node,
             l.quantity - l.received_quantity as quantity, l.unit_price, o.currency,
             kit.day_of(coalesce(o.issued_at, o.created_at)) as ordered_date,
             o.expected_date
        from procurement.purchase_order o
        join procurement.purchase_order_line l on l.purchase_order_id = o.id
        join suppliers.supplier s on s.org_id = o.supplier_org_id
        join catalog.sku k on k.id = l.sku_id join trade.node n on n.id = o.node_id
       where o.status in ('ISSUED', 'CONFIRMED', 'COUNTERED', 'DEPOSIT_PAID', 'IN_PRODUCTION',
                          'INSPECTED', 'BALANCE_PAID', 'PART_RECEIVED')
         and l.quantity > l.received_quantity
       order by o.number, l.line_no""",
}  # fmt: skip
_BATCH_ROWS = 50_000


async def export_rows(dsn: str, dataset: str, target: Path) -> int:
    """Write every row of a data set to a file by its ending; how many rows."""
    get_dataset(dataset)
    frames = []
    connection = await asyncpg.connect(dsn, server_settings={"role": "bl_sys", "timezone": "UTC"})
    try:
        async with connection.transaction(readonly=True):
            statement = await connection.prepare(_QUERIES[dataset])
            names = [attribute.name for attribute in statement.get_attributes()]
            cursor = await statement.cursor()
            while batch := await cursor.fetch(_BATCH_ROWS):
                frames.append(pl.DataFrame([tuple(row) for row in batch], schema=names,
                                           orient="row", infer_schema_length=None))  # fmt: skip
    finally:
        await connection.close()
    frame = pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame(schema=names)
    write_table(frame, target)
    return frame.height

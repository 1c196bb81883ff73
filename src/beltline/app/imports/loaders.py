"""Which module's action takes which data set."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import polars as pl

from beltline.app.imports.types import UnknownDataset
from beltline.catalog import actions as catalog
from beltline.inventory import actions as inventory
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.fields import Dataset
from beltline.kit.staging import Imported
from beltline.planning.actions import history as history_actions
from beltline.procurement import actions as procurement
from beltline.suppliers import actions as suppliers
from beltline.trade import actions as trade
from beltline.trade.actions import cartons
from beltline.trade.actions import dated as customs_rules


class Batch(msgspec.Struct, frozen=True):
    """Some rows of one file as headerless CSV: `row` first, then `columns`."""

    actor: Actor
    columns: Sequence[str]
    csv: bytes
    now: dt.datetime

    def codes(self, *names: str) -> pl.DataFrame:
        """The distinct texts of the columns that are there, sorted."""
        there = [name for name in names if name in self.columns]
        frame = pl.read_csv(
            self.csv, has_header=False, new_columns=["row", *self.columns], infer_schema=False
        )
        return frame.select(there).unique().sort(there)


Loader = Callable[[Writer, Batch], Awaitable[Imported]]


async def _suppliers(db: Writer, batch: Batch) -> Imported:
    return await suppliers.import_suppliers(db, columns=batch.columns, csv=batch.csv, now=batch.now)


async def _nodes(db: Writer, batch: Batch) -> Imported:
    return await trade.import_nodes(db, columns=batch.columns, csv=batch.csv, now=batch.now)


async def _lanes(db: Writer, batch: Batch) -> Imported:
    return await trade.import_lanes(db, columns=batch.columns, csv=batch.csv, now=batch.now)


async def _rates(db: Writer, batch: Batch) -> Imported:
    return await trade.import_rates(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _cartons(db: Writer, batch: Batch) -> Imported:
    return await cartons.import_cartons(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _tax_rates(db: Writer, batch: Batch) -> Imported:
    return await customs_rules.import_tax_rates(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _valuation_rules(db: Writer, batch: Batch) -> Imported:
    return await customs_rules.import_valuation_rules(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _low_value_rules(db: Writer, batch: Batch) -> Imported:
    return await customs_rules.import_low_value_rules(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _cargo_rules(db: Writer, batch: Batch) -> Imported:
    return await customs_rules.import_cargo_rules(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _export_terms(db: Writer, batch: Batch) -> Imported:
    return await customs_rules.import_export_terms(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _products(db: Writer, batch: Batch) -> Imported:
    return await catalog.import_products(db, columns=batch.columns, csv=batch.csv, now=batch.now)


async def _skus(db: Writer, batch: Batch) -> Imported:
    return await catalog.import_skus(db, columns=batch.columns, csv=batch.csv, now=batch.now)


async def _offers(db: Writer, batch: Batch) -> Imported:
    return await catalog.import_offers(db, columns=batch.columns, csv=batch.csv, now=batch.now)


async def _stock(db: Writer, batch: Batch) -> Imported:
    return await inventory.import_stock(
        db, batch.actor, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _demand(db: Writer, batch: Batch) -> Imported:
    return await history_actions.import_demand(
        db, org_id=batch.actor.org_id, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _in_stock(db: Writer, batch: Batch) -> Imported:
    return await history_actions.import_in_stock(
        db, org_id=batch.actor.org_id, columns=batch.columns, csv=batch.csv
    )


async def _promotions(db: Writer, batch: Batch) -> Imported:
    return await history_actions.import_promotions(
        db, org_id=batch.actor.org_id, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _events(db: Writer, batch: Batch) -> Imported:
    return await history_actions.import_events(
        db, org_id=batch.actor.org_id, columns=batch.columns, csv=batch.csv, now=batch.now
    )


async def _closures(db: Writer, batch: Batch) -> Imported:
    of_suppliers = await suppliers.import_closures(db, columns=batch.columns, csv=batch.csv)
    of_nodes = await trade.import_closures(db, columns=batch.columns, csv=batch.csv)
    return of_suppliers + of_nodes


async def _purchase_orders(db: Writer, batch: Batch) -> Imported:
    return await procurement.import_purchase_orders(
        db, columns=batch.columns, csv=batch.csv, now=batch.now
    )


class Loading(msgspec.Struct, frozen=True):
    """How a data set is loaded: by whom and how many rows at a time.

    Rows that make one record together (price breaks of an offer, weights of a rate card, lines
    of an order) must meet in one batch, so those data sets come in one.
    """

    load: Loader
    batch_rows: int | None = 100_000


LOADERS: dict[str, Loading] = {
    "suppliers": Loading(_suppliers),
    "nodes": Loading(_nodes),
    "lanes": Loading(_lanes),
    "rates": Loading(_rates, None),
    "cartons": Loading(_cartons),
    "tax_rates": Loading(_tax_rates),
    "valuation_rules": Loading(_valuation_rules),
    "low_value_rules": Loading(_low_value_rules),
    "cargo_rules": Loading(_cargo_rules),
    "export_terms": Loading(_export_terms),
    "products": Loading(_products),
    "skus": Loading(_skus),
    "offers": Loading(_offers, None),
    "stock": Loading(_stock, 20_000),
    "demand": Loading(_demand, 150_000),
    "in_stock": Loading(_in_stock, 150_000),
    "promotions": Loading(_promotions),
    "events": Loading(_events),
    "closures": Loading(_closures),
    "orders_open": Loading(_purchase_orders, None),
}


def get_dataset(name: str) -> Dataset:
    """The data set of a name."""
    if name not in LOADERS or name not in DATASETS:
        raise UnknownDataset(dataset=name, known=", ".join(LOADERS), param="dataset")
    return DATASETS[name]

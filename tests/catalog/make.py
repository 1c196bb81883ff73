"""Builders: a small network of one operator, suppliers, goods and nodes, from canonical CSV."""

import datetime as dt

import msgspec

from beltline.accounts import actions as accounts
from beltline.catalog import actions as catalog
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.staging import Imported
from beltline.suppliers import actions as suppliers
from beltline.trade import actions as trade

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)

SUPPLIERS = (
    "1,zhili-01,FACTORY,Zhili Kidswear,织里童装厂,A,6,12\n"
    "2,yiwu-02,TRADER,Yiwu Trade,义乌商行,B,9,20\n"
)
SUPPLIER_COLUMNS = (
    "code", "kind", "name", "name_zh", "tier", "lead_time_days_mean", "lead_time_days_p95",
)  # fmt: skip
NODES = (
    "1,CON-YIW,CONSOLIDATION,Yiwu hub,CN,Asia/Shanghai\n"
    "2,OVS-WAW,OVERSEAS,Warsaw,PL,Europe/Warsaw\n"
)
NODE_COLUMNS = ("code", "kind", "name", "country", "tz")
LANES = "1,CON-YIW,PL,AIR,9,14\n2,OVS-WAW,PL,TRUCK,1.5,2.5\n"
LANE_COLUMNS = ("node", "country", "mode", "transit_days_p50", "transit_days_p90")
PRODUCTS = "1,P-1,zhili-01,apparel,Kids pyjamas,儿童睡衣\n2,P-2,yiwu-02,jewellery,Ear studs,耳钉\n"
PRODUCT_COLUMNS = ("code", "supplier", "category", "title", "title_zh")
SKUS = "1,SKU-1,P-1,PIECE,10\n2,SKU-2,P-2,PIECE,1\n3,SKU-3,P-2,METRE,1000\n"
SKU_COLUMNS = ("code", "product", "uom", "pack_size")
OFFERS = (
    "1,zhili-01,SKU-1,OPERATOR,CNY,1,21.5,50\n"
    "2,zhili-01,SKU-1,OPERATOR,CNY,500,19.8,50\n"
    "3,yiwu-02,SKU-2,OPERATOR,CNY,1,1.2,100\n"
    "4,operator,SKU-1,BUYERS,USD,1,5.25,2\n"
    "5,operator,SKU-1,BUYERS,USD,100,4.8,2\n"
    "6,operator,SKU-2,BUYERS,USD,1,0.333,1\n"
    "7,operator,SKU-3,BUYERS,USD,1,2.5,1000\n"
)
OFFER_COLUMNS = (
    "supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq",
)  # fmt: skip


class Network(msgspec.Struct, frozen=True):
    """The actors of the small network."""

    operator: Actor
    buyer: Actor
    other_buyer: Actor


async def make_network(database: Database) -> Network:
    """Two suppliers, two nodes, three SKUs with offers; an operator and two buyers."""
    async with database.system() as db:
        actors = [
            accounts.system_actor(
                await accounts.create_organization(
                    db, code=code, kind=kind, name=code.title(), country="CN", now=NOW
                )
            )
            for code, kind in (
                ("operator", "OPERATOR"), ("demo-buyer", "BUYER"), ("other-buyer", "BUYER"),
            )
        ]  # fmt: skip
        await suppliers.load_belts(db)
        await import_all(db)
    return Network(*actors)


async def import_all(db: Writer) -> list[Imported]:
    """Every file of the small network, in order."""
    return [
        await suppliers.import_suppliers(
            db, columns=SUPPLIER_COLUMNS, csv=SUPPLIERS.encode(), now=NOW
        ),
        await trade.import_nodes(db, columns=NODE_COLUMNS, csv=NODES.encode(), now=NOW),
        await trade.import_lanes(db, columns=LANE_COLUMNS, csv=LANES.encode(), now=NOW),
        await catalog.import_products(db, columns=PRODUCT_COLUMNS, csv=PRODUCTS.encode(), now=NOW),
        await catalog.import_skus(db, columns=SKU_COLUMNS, csv=SKUS.encode(), now=NOW),
        await catalog.import_offers(db, columns=OFFER_COLUMNS, csv=OFFERS.encode(), now=NOW),
    ]

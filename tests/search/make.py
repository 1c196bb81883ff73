"""Builders: the small network of the catalog, indexed; goods of two shops that are the same."""

import datetime as dt
import io
import random

from PIL import Image, ImageDraw

from beltline.catalog import actions as catalog
from beltline.catalog.actions import goods
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.search import actions, workflows
from beltline.search.actions import comparing, nearby
from tests.catalog.make import (
    NOW,
    OFFER_COLUMNS,
    PRODUCT_COLUMNS,
    SKU_COLUMNS,
    Network,
    make_network,
)


async def make_index(database: Database) -> Network:
    """Two suppliers and three SKUs, all in the index."""
    network = await make_network(database)
    await index_all(database)
    return network


async def index_all(database: Database) -> int:
    """What the job does, in one transaction; how many SKUs had changed."""
    async with database.system() as db:
        changed = (await actions.index_batch(db)).count
        await actions.count_words(db)
    return changed


ALIKE_PRODUCTS = (
    "1,A-1,zhili-01,drinkware,Vacuum steel bottle 750 ml wide mouth black,真空钢瓶 宽口\n"
    "2,A-2,zhili-01,drinkware,Glass teapot with bamboo lid and infuser,玻璃茶壶 竹盖\n"
    "3,A-3,zhili-01,drinkware,Ceramic mug hand painted with blue flowers,陶瓷杯 手绘\n"
    "4,A-4,zhili-01,drinkware,Folding silicone cup for travel and camping,折叠硅胶杯\n"
    "5,B-1,yiwu-02,drinkware,Steel vacuum bottle wide mouth 750 ml,真空钢瓶 宽口\n"
    "6,B-2,yiwu-02,drinkware,Teapot of glass with infuser and bamboo lid,玻璃茶壶 竹盖\n"
    "7,B-3,yiwu-02,drinkware,Bamboo drinking straws set of ten pieces,竹吸管\n"
    "8,B-4,yiwu-02,kitchen,Cutting board of acacia wood,砧板\n"
)
ALIKE_SKUS = "".join(
    f"{n},{code}-S,{code},PIECE,1\n"
    for n, code in enumerate(("A-1", "A-2", "A-3", "A-4", "B-1", "B-2", "B-3", "B-4"), start=1)
)
ALIKE_OFFERS = (
    "1,operator,A-1-S,BUYERS,USD,1,4,1\n"
    "2,operator,B-1-S,BUYERS,USD,1,5,10\n"
    "3,operator,B-1-S,BUYERS,USD,100,3,10\n"
    "4,yiwu-02,B-1-S,OPERATOR,CNY,1,14,10\n"
)


async def make_alike(database: Database) -> Network:
    """The small network with goods of two shops, two of each the same; nothing compared yet."""
    network = await make_network(database)
    async with database.system() as db:
        await catalog.import_products(
            db, columns=PRODUCT_COLUMNS, csv=ALIKE_PRODUCTS.encode(), now=NOW
        )
        await catalog.import_skus(db, columns=SKU_COLUMNS, csv=ALIKE_SKUS.encode(), now=NOW)
        await catalog.import_offers(db, columns=OFFER_COLUMNS, csv=ALIKE_OFFERS.encode(), now=NOW)
    return network


async def compare_all(database: Database, *, now: dt.datetime = NOW) -> int:
    """What the job does, in one transaction; how many products are in a group."""
    async with database.system() as db:
        while await comparing.compare_block(db, now=now):
            pass
        await comparing.compare_marks(db, now=now)
        return await comparing.regroup(db)


async def read_all(database: Database, network: Network) -> int:
    """Run the job that reads titles and pictures; how many it read."""
    job = await run_inline(
        database, network.operator, kind=nearby.ENCODE_KIND, title="", parameters={}, now=NOW,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    return int(job.result)


def picture(color: str, shape: str, *, side: int = 320, kind: str = "PNG") -> bytes:
    """A picture of a color (or a seed): a disc, stripes, or a heap of things."""
    image = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(image)
    box = [side * 0.2, side * 0.2, side * 0.8, side * 0.8]
    if shape == "heap":
        # Light from one side, things of all sizes: what a real picture has and a flat one lacks.
        rng = random.Random(color)
        for y in range(side):
            draw.line([0, y, side, y], fill=(200 - 120 * y // side, 180, 90 + 100 * y // side))
        for _ in range(14):
            x, y, r = (rng.random() * side for _ in range(3))
            draw.ellipse([x, y, x + r / 3, y + r / 4], fill=(int(x * 255 / side), 60, 40))
    elif shape == "disc":
        draw.ellipse(box, fill=color)
    else:
        for x in range(0, side, side // 8):
            draw.rectangle([x, 0, x + side // 16, side], fill=color)
    kept = io.BytesIO()
    image.save(kept, kind)
    return kept.getvalue()


async def show_picture(database: Database, network: Network, product: str, data: bytes) -> None:
    """Add a picture to a product."""
    async with database.writing(network.operator) as db:
        await goods.add_media(db, network.operator, product=product, data=data, now=NOW)

"""Builders: the small network of the catalog, indexed."""

from beltline.kit.db import Database
from beltline.search import actions
from tests.catalog.make import Network, make_network


async def make_index(database: Database) -> Network:
    """Two suppliers and three SKUs, all in the index."""
    network = await make_network(database)
    await index_all(database)
    return network


async def index_all(database: Database) -> int:
    """What the job does, in one transaction; how many SKUs had changed."""
    async with database.system() as db:
        changed = await actions.index_batch(db)
        await actions.count_words(db)
    return changed

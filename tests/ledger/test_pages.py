"""Money as a page: one's own accounts and entries, nobody else's."""

from beltline.kit.db import Database
from tests.orders.make import make_market
from tests.visitor import visiting


async def test_everybody_sees_their_own_side(database: Database) -> None:
    market = await make_market(database, await database.now(), balance=1_234_500)
    async with visiting(database, market.buyers[0]) as visitor:
        page = await visitor.see("/money")
        assert "$12,345.00" in page
        assert "+$12,345.00" in page
        assert "the operator’s books" in page
    async with visiting(database, market.operator) as visitor:
        page = await visitor.see("/money")
        assert "\u2212$12,345.00" in page
        assert "buyer-2" in page
        assert "No entry matches" in await visitor.see("/money?currency=EUR")


async def test_an_empty_ledger_says_what_fills_it(database: Database) -> None:
    market = await make_market(database, await database.now(), balance=0)
    async with visiting(database, market.buyer) as visitor:
        assert "No money has moved yet" in await visitor.see("/money")

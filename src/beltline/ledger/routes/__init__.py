"""The API of money, and of what suppliers are owed."""

from beltline.ledger.routes import money, papers, settlements

ROUTES = (*money.ROUTES, *papers.ROUTES, *settlements.ROUTES)

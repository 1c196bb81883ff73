"""The API of money, and of what suppliers are owed."""

from beltline.ledger.routes import money, settlements

ROUTES = (*money.ROUTES, *settlements.ROUTES)

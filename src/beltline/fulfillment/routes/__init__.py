"""The API of goods on their way: receipts, journeys, decisions, parcels, returns."""

from beltline.fulfillment.routes import journeys, receipts, returns

ROUTES = (*receipts.ROUTES, *journeys.ROUTES, *returns.ROUTES)

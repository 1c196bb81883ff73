"""The API of goods on their way: receipts, journeys, decisions, parcels."""

from beltline.fulfillment.routes import journeys, receipts

ROUTES = (*receipts.ROUTES, *journeys.ROUTES)

"""The API of goods on their way: receipts, journeys, decisions, parcels, returns."""

from beltline.fulfillment.routes import documents, journeys, receipts, returns

ROUTES = (*documents.ROUTES, *receipts.ROUTES, *journeys.ROUTES, *returns.ROUTES)

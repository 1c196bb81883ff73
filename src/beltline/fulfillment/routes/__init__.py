"""The API of goods on their way: receipts, journeys, decisions, parcels, returns, carriage."""

from beltline.fulfillment.routes import (
    carriage,
    documents,
    journeys,
    receipts,
    returns,
    times,
    tracking,
)

ROUTES = (
    *documents.ROUTES, *receipts.ROUTES, *journeys.ROUTES, *returns.ROUTES, *carriage.ROUTES,
    *tracking.ROUTES, *times.ROUTES,
)  # fmt: skip

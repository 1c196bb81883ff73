"""The API of goods on their way: receipts, journeys, decisions, parcels, returns, carriage."""

from beltline.fulfillment.routes import (
    carriage,
    documents,
    journeys,
    orders,
    packing,
    photos,
    receipts,
    returns,
    times,
    tracking,
)

ROUTES = (
    *documents.ROUTES, *receipts.ROUTES, *journeys.ROUTES, *orders.ROUTES, *packing.ROUTES,
    *returns.ROUTES, *carriage.ROUTES, *tracking.ROUTES, *times.ROUTES, *photos.ROUTES,
)  # fmt: skip

"""The API of stock: `/v1/stock` with movements, adjustments and levels; `/v1/counts`."""

from beltline.inventory.routes import counts, stock

ROUTES = (*stock.ROUTES, *counts.ROUTES)

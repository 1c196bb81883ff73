"""The API of stock: `/v1/stock` with movements, adjustments, levels; counts; transfers."""

from beltline.inventory.routes import counts, stock, transfers

ROUTES = (*stock.ROUTES, *counts.ROUTES, *transfers.ROUTES)

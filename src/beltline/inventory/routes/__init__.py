"""The API of stock: `/v1/stock` with movements, adjustments, levels and lots; counts; transfers."""

from beltline.inventory.routes import counts, lots, stock, transfers

ROUTES = (*stock.ROUTES, *lots.ROUTES, *counts.ROUTES, *transfers.ROUTES)

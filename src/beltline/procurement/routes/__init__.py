"""The API of purchase orders and of what was shipped of them."""

from beltline.procurement.routes import notices, orders

ROUTES = (*orders.ROUTES, *notices.ROUTES)

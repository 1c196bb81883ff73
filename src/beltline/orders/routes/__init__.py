"""The API of orders and of claims on them."""

from beltline.orders.routes import claims, orders

ROUTES = (*orders.ROUTES, *claims.ROUTES)

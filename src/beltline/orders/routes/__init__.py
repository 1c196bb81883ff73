"""The API of orders, of claims on them, and of paying by a provider."""

from beltline.orders.routes import claims, orders, payments

ROUTES = (*orders.ROUTES, *claims.ROUTES, *payments.ROUTES)

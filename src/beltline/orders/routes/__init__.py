"""The API of orders, their papers, claims on them, and of paying by a provider."""

from beltline.orders.routes import claims, orders, papers, payments

ROUTES = (*orders.ROUTES, *papers.ROUTES, *claims.ROUTES, *payments.ROUTES)

"""The API of orders, their papers, claims on them, pools, and of paying by a provider."""

from beltline.orders.routes import claims, orders, papers, payments, pools

ROUTES = (*orders.ROUTES, *papers.ROUTES, *claims.ROUTES, *payments.ROUTES, *pools.ROUTES)

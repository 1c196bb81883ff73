"""The API of purchase orders, what was shipped of them, and what is asked for them."""

from beltline.procurement.routes import changes, deadlines, invoices, notices, orders, payments

ROUTES = (
    *orders.ROUTES, *notices.ROUTES, *invoices.ROUTES, *changes.ROUTES, *deadlines.ROUTES,
    *payments.ROUTES,
)  # fmt: skip

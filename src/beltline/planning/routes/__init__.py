"""The API of planning: plans, proposals, transfers, forecasts, overrides, risks, what-ifs."""

from beltline.planning.routes import inbound, overrides, plans, risks, scenarios, transfers

ROUTES = (
    *plans.ROUTES, *transfers.ROUTES, *overrides.ROUTES, *inbound.ROUTES, *risks.ROUTES,
    *scenarios.ROUTES,
)  # fmt: skip

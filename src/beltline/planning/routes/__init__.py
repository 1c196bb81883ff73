"""The API of planning: plans, proposals and forecasts, overrides, the risk of stock, what-ifs."""

from beltline.planning.routes import inbound, overrides, plans, risks, scenarios

ROUTES = (*plans.ROUTES, *overrides.ROUTES, *inbound.ROUTES, *risks.ROUTES, *scenarios.ROUTES)

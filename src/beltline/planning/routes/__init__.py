"""The API of planning: plans, proposals and forecasts, overrides, the risk of stock, what-ifs."""

from beltline.planning.routes import overrides, plans, risks, scenarios

ROUTES = (*plans.ROUTES, *overrides.ROUTES, *risks.ROUTES, *scenarios.ROUTES)

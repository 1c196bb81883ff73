"""The API of planning: plans, proposals and forecasts, and the risk of stock."""

from beltline.planning.routes import plans, risks

ROUTES = (*plans.ROUTES, *risks.ROUTES)

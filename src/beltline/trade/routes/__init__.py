"""The API of rates, of cartons and of the dated rules of export and import."""

from beltline.trade.routes import cartons, dated, rates

ROUTES = (*rates.ROUTES, *cartons.ROUTES, *dated.ROUTES)

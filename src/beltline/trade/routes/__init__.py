"""The API of rates and of the dated rules of export and import."""

from beltline.trade.routes import dated, rates

ROUTES = (*rates.ROUTES, *dated.ROUTES)

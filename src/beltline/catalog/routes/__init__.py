"""The API of the catalog: `/v1/catalog`, goods and their terms; `/v1/new-goods`, what comes in."""

from beltline.catalog.routes import goods, new_goods

ROUTES = (*goods.ROUTES, *new_goods.ROUTES)

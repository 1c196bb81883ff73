"""The API of search: `/v1/search`, goods, saved searches and what is alike."""

from beltline.search.routes import alike, goods, saved

ROUTES = (*goods.ROUTES, *saved.ROUTES, *alike.ROUTES)

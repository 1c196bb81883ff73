"""The API of search: `/v1/search`, goods and what is alike."""

from beltline.search.routes import alike, goods

ROUTES = (*goods.ROUTES, *alike.ROUTES)

"""The API of suppliers: `/v1/suppliers`, the directory and each one's measured record."""

from beltline.suppliers.routes import directory

ROUTES = (*directory.ROUTES,)

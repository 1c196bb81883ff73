"""The API of suppliers: the directory and records, verifications, belts and cases."""

from beltline.suppliers.routes import directory, verification

ROUTES = (*directory.ROUTES, *verification.ROUTES)

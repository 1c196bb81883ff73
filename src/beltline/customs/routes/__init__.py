"""The API of customs: files and their tasks, declarations, fapiaos."""

from beltline.customs.routes import declarations, fapiaos, files

ROUTES = (*files.ROUTES, *declarations.ROUTES, *fapiaos.ROUTES)

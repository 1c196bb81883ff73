"""The pages of suppliers: the directory and the record, and the belts they are in."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.suppliers.pages import belts, directory, record

NAV = (
    NavItem(verb=Verb.SOURCE, path="/suppliers", label=N_("Suppliers"), icon="factory", keys="g f"),
    NavItem(verb=Verb.SOURCE, path="/belts", label=N_("Belts"), icon="pin"),
)

PAGES = (*directory.PAGES, *record.PAGES, *belts.PAGES)

"""The pages of goods on their way: receiving, journeys, decisions, parcels, tracking."""

from beltline.fulfillment.pages import (
    carriage,
    carriers,
    documents,
    journeys,
    packing,
    parcels,
    photos,
    receiving,
    returns,
    times,
    tracking,
)
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb

_OPERATOR = frozenset({"OPERATOR"})

NAV = (
    NavItem(verb=Verb.FULFILL, path="/journeys", label=N_("Shipments"), icon="truck", keys="g j",
            org_kinds=frozenset({"OPERATOR", "BUYER", "AGENT"})),
    NavItem(verb=Verb.FULFILL, path="/decisions", label=N_("Decisions"), icon="alert", keys="g c",
            org_kinds=frozenset({"OPERATOR", "BUYER", "AGENT"})),
    NavItem(verb=Verb.FULFILL, path="/receive", label=N_("Receive"), icon="scan", keys="g w",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/parcels", label=N_("Parcels"), icon="box", keys="g a",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/packing", label=N_("Pack goods"), icon="box",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/returns", label=N_("Returns"), icon="undo", keys="g v",
            org_kinds=frozenset({"OPERATOR", "BUYER", "AGENT"})),
    NavItem(verb=Verb.FULFILL, path="/tracking", label=N_("Tracking"), icon="scan",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/times", label=N_("Measured times"), icon="clock",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/supplier/shipments", label=N_("To ship"), icon="truck",
            keys="g h", org_kinds=frozenset({"SUPPLIER"})),
)  # fmt: skip
PAGES = (
    *receiving.PAGES, *journeys.PAGES, *packing.PAGES, *parcels.PAGES, *returns.PAGES,
    *tracking.PAGES, *documents.PAGES, *carriage.PAGES, *carriers.PAGES, *times.PAGES,
    *photos.PAGES,
)  # fmt: skip
